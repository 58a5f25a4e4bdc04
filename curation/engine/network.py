"""One day's lists for a whole network of playlists, from candidates and uses. Pure."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from curation.engine import allocation, augment, demands, distribute, masks, score, shortfall
from curation.engine.allocation import Allocation, Budget, Item, SlotGroup
from curation.engine.demands import Bits, Demand, Usage
from curation.engine.drafts import Draft, Pick
from curation.ordering import seeded
from curation.policy import language


@dataclass(frozen=True)
class Setting:
    """What holds for the whole day: the date, the network's size and rest, and the score fields items
    carry."""

    today: dt.date
    count: int
    gap_days: int
    fields: tuple[str, ...] = ()
    resting: int = (
        0  # tracks that match but were left out of the items, because all of today's demands refuse them
    )
    relaxes: bool = True  # whether policies' relax steps may be taken


@dataclass
class Scope:
    """The demands that share tracks and uses: the network, one theme, or one playlist by itself."""

    demands: list[Demand]
    used: Mapping[int, dt.date]
    theme: str | None


@dataclass
class Day:
    """The finished drafts with the figures behind them."""

    drafts: list[Draft] = field(default_factory=list)
    idle: dict[int, Sequence[int | None]] = field(default_factory=dict)  # playlist id -> idle days by item
    filled_before_settling: int = 0
    slots: int = 0

    @property
    def filled(self) -> int:
        return sum(len(draft.picks) for draft in self.drafts)

    @property
    def gave_way_in_vain(self) -> bool:
        """Whether rules gave way and places stayed open all the same."""
        return any(draft.rules.steps for draft in self.drafts) and any(
            draft.missing > 0 for draft in self.drafts
        )


def build(
    wanted: Sequence[Demand], items: Sequence[Item], bits: Mapping[int, Bits], usage: Usage, setting: Setting
) -> Day:
    """Choose today's tracks for every demand. `bits` says by policy id where an item's mask holds its
    answers."""
    day = _day(wanted, items, bits, usage, setting)
    if len(wanted) < 2 or not day.gave_way_in_vain:
        return day
    # What one list gains by giving way another may lose, so a day that is still short is held against the
    # same day under strict rules: relaxing never costs places.
    strict = _day(wanted, items, bits, usage, replace(setting, relaxes=False))
    return strict if strict.filled > day.filled else day


def _day(
    wanted: Sequence[Demand], items: Sequence[Item], bits: Mapping[int, Bits], usage: Usage, setting: Setting
) -> Day:
    day = Day()
    taken: set[int] = set()
    by_theme: defaultdict[str, set[int]] = defaultdict(set)
    for scope in _scopes(wanted, usage):
        gone = taken | (by_theme[scope.theme] if scope.theme is not None else set())
        found = _ScopeAllocation(scope, items, bits, setting, gone).run(day)
        day.drafts += found
        used = {number for draft in found for number in draft.picks}
        if scope.theme is None:
            taken |= used
        elif found[0].demand.policy.rotation.scope == "theme":
            by_theme[scope.theme] |= used
    return day


def _scopes(wanted: Sequence[Demand], usage: Usage) -> list[Scope]:
    """The network first, because its tracks are not used elsewhere today; then themes; then playlists by
    themselves."""
    found: dict[tuple[int, str, int], Scope] = {}
    for demand in sorted(wanted, key=lambda demand: demand.playlist_id):
        scope = demand.policy.rotation.scope
        key = {"network": (0, "", 0), "theme": (1, demand.theme_tag, 0)}.get(
            scope, (2, "", demand.playlist_id)
        )
        theme = None if scope == "network" else demand.theme_tag
        found.setdefault(key, Scope([], usage.of(demand), theme)).demands.append(demand)
    return [found[key] for key in sorted(found)]


class _ScopeAllocation:
    """One scope's allocation: drafts with their pins, the allocation over slot groups, the deal, and what is
    short settled."""

    def __init__(
        self, scope: Scope, items: Sequence[Item], bits: Mapping[int, Bits], setting: Setting, gone: set[int]
    ) -> None:
        self.items, self.bits, self.setting = items, bits, setting
        self.taken = set(gone)
        self.idle = _idle(items, scope.used, setting.today)
        rules = {demand.policy_id: demand.policy for demand in scope.demands}
        self.digests = {policy_id: _strict_digest(known) for policy_id, known in rules.items()}
        self.seed = seeded.seed(setting.today, *sorted(set(self.digests.values())))
        self.drafts = [self._draft(demand) for demand in scope.demands]
        self._pin()
        self.groups: dict[int, list[Draft]] = {}
        for draft in self.drafts:
            self.groups.setdefault(draft.demand.policy_id, []).append(draft)
        self.slot_groups, self.conditions = self._slot_groups()

    def run(self, day: Day) -> list[Draft]:
        allocated = self._allocate()
        augment.fill(allocated)
        day.slots += sum(slots.need for slots in self.slot_groups)
        day.filled_before_settling += sum(slots.need for slots in self.slot_groups) - sum(allocated.open)
        self._deal(allocated)
        self._settle(allocated.order)
        day.idle |= {draft.demand.playlist_id: self.idle for draft in self.drafts}
        return self.drafts

    # --- before

    def _draft(self, demand: Demand) -> Draft:
        bits = self.bits[demand.policy_id]
        rules = demands.rules(
            demand.policy, bits, steps=0, count=self.setting.count, gap_days=self.setting.gap_days
        )
        return Draft(demand, bits, rules, Budget(rules.caps))

    def _pin(self) -> None:
        """Pinned tracks come first: they may break rest and limits, and no other playlist gets them today."""
        if not any(draft.bits.pinned for draft in self.drafts):
            return
        number_of = {item.spotify_id: number for number, item in enumerate(self.items)}
        for draft in self.drafts:
            for pin in draft.demand.policy.pin:
                number = number_of.get(pin.track)
                is_on = pin.is_on(self.setting.today) and pin.position <= draft.rules.count
                if is_on and number is not None and self.items[number].mask & draft.bits.pinned:
                    draft.add(number, self.items[number], Pick("pin", position=pin.position))
                    self.taken.add(number)

    def _slot_groups(self) -> tuple[list[SlotGroup], list[int]]:
        """The slot groups, and the condition mask a track needs for each."""
        slot_groups: list[SlotGroup] = []
        conditions: list[int] = []
        for group, members in enumerate(self.groups.values()):
            needs: dict[tuple[str, int], int] = {}
            for draft in members:
                for pool, places, mask in draft.needs():
                    needs[pool, mask] = needs.get((pool, mask), 0) + places
            for (pool, mask), need in needs.items():
                slot_groups.append(SlotGroup(len(slot_groups), group, need, pool))
                conditions.append(mask)
        return slot_groups, conditions

    # --- the allocation

    def _allocate(self) -> Allocation:
        groups = list(self.groups.values())
        admits = self._admits()
        slots = sum(slots.need for slots in self.slot_groups)
        rotation = (len(self.items) + self.setting.resting) / max(slots, 1)
        return allocation.allocate(
            self.items,
            self.slot_groups,
            [members[0].rules.caps.times(len(members)) for members in groups],
            admits,
            tiers=[allocation.tier(days, rotation) for days in self.idle],
            prefer=self._prefer(),
            seed=self.seed,
            held=[[self.items[n] for draft in members for n in draft.picks] for members in groups],
        )

    def _admits(self) -> list[int]:
        """Per item, a bit for each slots whose conditions it meets and for whose gap it has rested."""
        admitting = _admitting(self.conditions)
        gaps = [list(self.groups.values())[slots.group][0].rules.gap for slots in self.slot_groups]
        longest = max(gaps, default=0)
        rested = [sum(1 << c for c, gap in enumerate(gaps) if gap <= days) for days in range(longest)]
        found = []
        for number, item in enumerate(self.items):
            slot_groups, days = admitting(item.mask), self.idle[number]
            if slot_groups and days is not None and days < longest:
                slot_groups &= rested[days]
            found.append(slot_groups)
        for number in self.taken:
            found[number] = 0
        return found

    def _prefer(self) -> Callable[[int, int], float] | None:
        scorers = [
            (
                score.scorer(members[0].rules.policy.score, self.setting.fields),
                members[0].rules.policy.score.jitter,
            )
            for members in self.groups.values()
        ]
        if not any(scorer for scorer, _ in scorers):
            return None
        items, slot_groups, seed = self.items, self.slot_groups, self.seed

        def prefer(number: int, slots: int) -> float:
            scorer, jitter = scorers[slot_groups[slots].group]
            if scorer is None:
                return score.NEUTRAL
            item = items[number]
            return (1 - jitter) * scorer(item.values) + jitter * seeded.share(item.track_id, seed)

        return prefer

    # --- after

    def _deal(self, allocated: Allocation) -> None:
        lists = allocated.lists()
        for group, members in enumerate(self.groups.values()):
            slot_groups = [slots for slots in self.slot_groups if slots.group == group]
            bins = [self._playlist_bin(draft, slot_groups) for draft in members]
            tracks = [(number, slots.index) for slots in slot_groups for number in lists[slots.index]]
            seed = seeded.seed(self.seed, self.digests[members[0].demand.policy_id])
            for number, _ in distribute.deal(bins, tracks, self.items, seed=seed):
                allocated.drop(number)
            for draft, playlist_bin in zip(members, bins, strict=True):
                draft.picks |= {
                    number: Pick(self.slot_groups[slots].pool) for number, slots in playlist_bin.held
                }
                self.taken.update(number for number, _ in playlist_bin.held)

    def _playlist_bin(self, draft: Draft, slot_groups: list[SlotGroup]) -> distribute.PlaylistBin:
        """The draft as a bin; both count against the same budget."""
        places = {(pool, mask): places for pool, places, mask in draft.needs()}
        open_ = {
            slots.index: places.get((slots.pool, self.conditions[slots.index]), 0) for slots in slot_groups
        }
        return distribute.PlaylistBin(draft.demand.playlist_id, draft.budget, open_)

    def _settle(self, order: Sequence[int]) -> None:
        """Short lists take what is free before any rule gives way; then the policies' own ways out."""
        short = [draft for draft in self.drafts if draft.missing > 0]
        if not short:
            return
        known = set(order)
        rest = [number for number in range(len(self.items)) if number not in known]
        rest.sort(key=lambda number: seeded.mix(self.items[number].track_id, self.seed))
        track_pool = shortfall.TrackPool(self.items, [*order, *rest], self.idle, self.taken)
        setting = self.setting
        shortfall.settle(
            short, track_pool, count=setting.count, gap_days=setting.gap_days, relaxes=setting.relaxes
        )


def _strict_digest(known: language.Policy) -> str:
    """The digest without the relax steps: they come after the first choice and do not change its dice."""
    return language.digest(known.model_copy(update={"relax": []}))


def _idle(items: Sequence[Item], used: Mapping[int, dt.date], today: dt.date) -> list[int | None]:
    """Days between today and each item's nearest use, either way; None is never."""
    base, get = today.toordinal(), used.get
    return [None if (use := get(item.track_id)) is None else abs(base - use.toordinal()) for item in items]


def _admitting(conditions: Sequence[int]) -> Callable[[int], int]:
    """A function from a track's mask to a bit for each condition it meets; most are a single question."""
    single: defaultdict[int, int] = defaultdict(int)
    several: list[tuple[int, int]] = []
    for number, wanted in enumerate(conditions):
        if wanted.bit_count() == 1:
            single[wanted.bit_length() - 1] |= 1 << number
        else:
            several.append((wanted, 1 << number))
    asked = sum(1 << place for place in single)

    @functools.cache
    def met(mask: int) -> int:
        found = sum(single[place] for place in masks.bits(mask & asked))
        return found + sum(slots for wanted, slots in several if mask & wanted == wanted)

    return met


def matched(items: Sequence[Item], others: Mapping[int, int]) -> Counter[int]:
    """By condition bit, how many items and other tracks (counts by mask) it holds for."""
    counts = Counter(item.mask for item in items)
    counts.update(others)
    return masks.count(counts)


def rested(items: Sequence[Item], idle: Sequence[int | None], gap: int) -> Counter[int]:
    """By condition bit, how many of the items it holds for have rested `gap` days."""
    pairs = zip(items, idle, strict=True)
    return masks.count(Counter(item.mask for item, days in pairs if days is None or days >= gap))
