"""What becomes of lists that came out short: relax steps, consolidation, then what on_shortfall says.

Nothing already chosen is lost by a step. A list that can not reach min_count
and has to hold gives its tracks back, so that its neighbours become whole: ten whole lists and one held beat
eleven short ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts import plurals
from curation.engine import demands, drafts
from curation.engine.allocation import Item
from curation.engine.drafts import Draft


@dataclass
class TrackPool:
    """What short lists may draw from: items in order of preference, their idle days, and what is gone
    already."""

    items: Sequence[Item]
    order: Sequence[int]
    idle: Sequence[int | None]
    taken: set[int]

    def rested(self, mask: int, gap: int) -> list[int]:
        """Free items with the mask that have rested `gap` days, the preferred first."""
        return [n for n in self._free(mask) if (days := self.idle[n]) is None or days >= gap]

    def resting(self, mask: int, gap: int) -> list[int]:
        """Free items with the mask that fail nothing but the gap, the oldest use first."""
        early = [n for n in self._free(mask) if (days := self.idle[n]) is not None and 0 < days < gap]
        return sorted(early, key=lambda n: (-(self.idle[n] or 0), self.items[n].track_id))

    def _free(self, mask: int) -> list[int]:
        items, taken = self.items, self.taken
        return [n for n in self.order if items[n].mask & mask == mask and n not in taken]


def settle(
    short: list[Draft], track_pool: TrackPool, *, count: int, gap_days: int, relaxes: bool = True
) -> None:
    """Bring each short draft as far as its policy allows. Mutates the drafts; failed ones end as
    `is_released`."""
    _fill(short, track_pool, track_pool.rested)
    if relaxes:
        _relax(short, track_pool, count=count, gap_days=gap_days)
    _repeat(
        [draft for draft in short if draft.demand.policy.target.on_shortfall == "least_recent"], track_pool
    )
    _consolidate([draft for draft in short if not _may_be_short(draft)], track_pool)
    for draft in short:
        if not draft.picks:
            draft.is_released = True


def _may_be_short(draft: Draft) -> bool:
    return draft.demand.policy.target.on_shortfall == "short"


def _relax(short: Sequence[Draft], track_pool: TrackPool, *, count: int, gap_days: int) -> None:
    for step in range(1, max((len(draft.demand.policy.relax) for draft in short), default=0) + 1):
        open_ = [draft for draft in short if not draft.is_good and step <= len(draft.demand.policy.relax)]
        for draft in open_:
            policy = draft.demand.policy
            draft.relax(demands.rules(policy, draft.bits, steps=step, count=count, gap_days=gap_days))
        _fill(open_, track_pool, track_pool.rested)


def _repeat(short: Sequence[Draft], track_pool: TrackPool) -> None:
    _fill([draft for draft in short if not draft.is_good], track_pool, track_pool.resting, is_repeat=True)


def _consolidate(short: Sequence[Draft], track_pool: TrackPool) -> None:
    """Release the emptiest failing list, let the others fill from it, and so on until none fails."""
    failing = [draft for draft in short if not draft.is_good]
    while failing:
        worst = max(
            failing, key=lambda draft: (draft.rules.min_count - len(draft.picks), draft.demand.playlist_id)
        )
        # Nothing else on the track_pool fits the others any more, or they would have it.
        freed = _release(worst, track_pool)
        failing = [draft for draft in failing if draft is not worst]
        _offer(freed, failing, track_pool)
        failing = [draft for draft in failing if not draft.is_good]


def _release(draft: Draft, track_pool: TrackPool) -> list[int]:
    """Give the list's tracks back; which of them are free now."""
    draft.is_released = True
    draft.found = len(draft.picks)
    freed = [number for number, pick in draft.picks.items() if pick.position is None]
    for number in list(draft.picks):
        draft.remove(number, track_pool.items[number])
    track_pool.taken.difference_update(freed)
    return freed


def _offer(freed: Sequence[int], failing: Sequence[Draft], track_pool: TrackPool) -> None:
    """Fill the lists that lack least from the tracks just freed."""
    known = set(freed)
    part = TrackPool(
        track_pool.items, [n for n in track_pool.order if n in known], track_pool.idle, track_pool.taken
    )
    supplies: dict[tuple[int, int], list[int]] = {}
    for draft in sorted(failing, key=lambda draft: (draft.missing, draft.demand.playlist_id)):
        if known <= track_pool.taken:
            return
        key = (draft.rules.base, draft.rules.gap)
        if key not in supplies:
            supplies[key] = part.rested(*key)
        if supplies[key]:
            drafts.fill(draft, supplies[key], track_pool.items, track_pool.taken)


def _fill(
    short: Sequence[Draft],
    track_pool: TrackPool,
    supply: Callable[[int, int], list[int]],
    *,
    is_repeat: bool = False,
) -> None:
    """Fill lists under like rules from one supply, looked up once."""
    known: dict[tuple[int, int], list[int]] = {}
    for draft in sorted(short, key=lambda draft: (draft.missing, draft.demand.playlist_id)):
        key = (draft.rules.base, draft.rules.gap)
        if key not in known:
            known[key] = supply(*key)
        drafts.fill(draft, known[key], track_pool.items, track_pool.taken, is_repeat=is_repeat)


def sentence(draft: Draft, *, matched: int, rested: int) -> str:
    """Why the playlist has no list today, and what would help, for people."""
    rules, found = draft.rules, draft.found or len(draft.picks)
    least = plurals.counted(rules.min_count, "track")
    matches = plurals.verb(matched, "matches", "match")
    text = f"Only {found} of at least {least} could be found: {matched:,} {matches} the policy"
    if rested < matched:
        have = plurals.verb(rested, "has", "have")
        text += f", {rested:,} of them {have} rested {plurals.counted(rules.gap, 'day')}"
    text += f", with {_limits(draft)}." if found < rested else "."
    return f"{text} Widen `where`, shorten the rest, or add a relax step."


def _limits(draft: Draft) -> str:
    limits = draft.rules.policy.limits
    known = [
        f"at most {number} per {noun}"
        for noun, number in (("artist", limits.per_artist), ("album", limits.per_album))
        if number
    ]
    return " and ".join(known) or "the other playlists of the day taking their share"
