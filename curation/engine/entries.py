"""Puts a finished draft in order and says of every entry why it is there, in figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accounts import plurals
from curation.engine import score
from curation.engine.allocation import Item
from curation.engine.drafts import Draft, Pick
from curation.ordering import seeded, sequence
from curation.policy import relaxation

if TYPE_CHECKING:
    from curation.engine.candidates import TrackFacts


@dataclass(frozen=True)
class Entry:
    """One place of a finished list. `reasons` is stored with it: pool, score, terms, rested, relaxed, pinned,
    repeat."""

    track_id: int
    spotify_track_id: str
    position: int
    reasons: dict[str, Any]


@dataclass(frozen=True)
class BuiltList:
    """A playlist's list of the day, the relax steps that made it, and how many tracks passed each stage."""

    entries: list[Entry]
    relaxations: list[dict[str, Any]] = field(default_factory=list)
    funnel: dict[str, Any] = field(default_factory=dict)
    # Why the list may not be published: a gap that the policy names and no order keeps.
    unmet: str = ""

    @property
    def track_ids(self) -> list[int]:
        return [entry.track_id for entry in self.entries]


def seed_of(draft: Draft, digest: str, today: dt.date) -> int:
    return seeded.seed(draft.demand.playlist_id, digest, today)


def needs_facts(draft: Draft) -> bool:
    """Whether this order looks at more than scores, pools, artists and albums."""
    order = draft.rules.policy.order
    return order.by in {"arc", "release"} or bool(order.tempo_flow or order.harmonic_flow)


def arrange(
    draft: Draft,
    items: Sequence[Item],
    idle: Sequence[int | None],
    facts: Mapping[int, TrackFacts],
    *,
    fields: Sequence[str],
    seed: int,
) -> BuiltList:
    """The draft as a list: positions from 1, every entry with its reasons."""
    numbers = sorted(draft.picks, key=lambda number: items[number].track_id)
    scores = _scores(draft, [items[number] for number in numbers], fields, seed)
    songs = [
        song(items[number], draft.picks[number], value, facts.get(items[number].track_id))
        for number, value in zip(numbers, scores, strict=True)
    ]
    order = draft.rules.policy.order
    fixed = _fixed(draft, numbers)
    found = _in_order(songs, draft, seed, fixed)
    entries = []
    for position, index in enumerate(found.order, 1):
        item, pick = items[numbers[index]], draft.picks[numbers[index]]
        reasons = _reasons(draft, item, pick, scores[index], idle[numbers[index]], fields)
        entries.append(Entry(item.track_id, item.spotify_id, position, reasons))
    relaxed = [describe(draft, number) for number in range(draft.rules.steps)]
    if found.gaps != sequence.Gaps(order.artist_gap, order.album_gap):
        relaxed.append({"path": "order", "to": found.gaps.artist, "words": _narrowed(found.gaps)})
    return BuiltList(entries, relaxed, unmet=_unmet(draft, found.gaps))


def _in_order(
    songs: Sequence[sequence.Song], draft: Draft, seed: int, fixed: Mapping[int, int]
) -> sequence.Sequenced:
    """An order that keeps the policy's gaps, else those of its relax steps one after the other; else the
    widest that exist."""
    order = draft.rules.policy.order
    for gaps in _allowed(draft):
        loose = order.model_copy(update={"artist_gap": gaps.artist, "album_gap": gaps.album})
        found = sequence.sequence(songs, loose, seed=seed, fixed=fixed)
        if found.gaps == gaps:
            return found
    return sequence.sequence(songs, order, seed=seed, fixed=fixed)


def _allowed(draft: Draft) -> list[sequence.Gaps]:
    """The gaps in force, then those that further relax steps leave, each once."""
    policy = draft.demand.policy
    later = [
        relaxation.after(policy, steps).order for steps in range(draft.rules.steps, len(policy.relax) + 1)
    ]
    return list(dict.fromkeys(sequence.Gaps(order.artist_gap, order.album_gap) for order in later))


def _unmet(draft: Draft, gaps: sequence.Gaps) -> str:
    """A gap is hard where the policy names it; the defaults are wishes, and so is the gap of a limit that a
    relax step has lifted."""
    policy, least = draft.demand.policy, _allowed(draft)[-1]
    for noun, wanted, kept in (("artist", least.artist, gaps.artist), ("album", least.album, gaps.album)):
        limit = f"per_{noun}"
        is_lifted = getattr(draft.rules.policy.limits, limit) is None and getattr(policy.limits, limit)
        if f"{noun}_gap" in policy.order.model_fields_set and kept < wanted and not is_lifted:
            return (
                f"No order of its tracks keeps {wanted} between two of one {noun}, only {kept}: lower"
                f" `order.{noun}_gap` or `limits.{limit}`, or add a relax step for the gap."
            )
    return ""


def describe(draft: Draft, number: int) -> dict[str, Any]:
    """A relax step as stored on the snapshot: its path, its value and its meaning in words."""
    step = draft.demand.policy.relax[number]
    return {"path": step.path, "to": step.to, "words": relaxation.describe(step)}


def song(item: Item, pick: Pick, value: float, facts: TrackFacts | None) -> sequence.Song:
    plain = sequence.Song(item.track_id, item.artists, item.album, pick.pool, value)
    if facts is None:
        return plain
    features = facts.features
    key, mode = features.get("key"), features.get("mode")
    return sequence.Song(
        item.track_id,
        item.artists,
        item.album,
        pick.pool,
        value,
        released=facts.released.toordinal() if facts.released else None,
        energy=facts.energy,
        valence=features.get("valence"),
        tempo=features.get("tempo"),
        danceability=facts.danceability,
        key=None if key is None else int(key),
        is_major=None if mode is None else bool(mode),
    )


def _fixed(draft: Draft, numbers: Sequence[int]) -> dict[int, int]:
    """Slot -> index of each pin, where the list is long enough."""
    size = len(numbers)
    pins = [(pick.position, index) for index, n in enumerate(numbers) if (pick := draft.picks[n]).position]
    return {position - 1: index for position, index in pins if position is not None and position <= size}


def _scores(draft: Draft, items: Sequence[Item], fields: Sequence[str], seed: int) -> list[float]:
    """0 to 1 per item: the policy's score with its jitter, or chance alone where nothing is preferred."""
    wish = draft.rules.policy.score
    compute = score.scorer(wish, fields)
    chances = [seeded.share(item.track_id, seed) for item in items]
    if compute is None:
        return chances
    return [
        (1 - wish.jitter) * compute(item.values) + wish.jitter * c
        for item, c in zip(items, chances, strict=True)
    ]


def _reasons(
    draft: Draft, item: Item, pick: Pick, value: float, idle: int | None, fields: Sequence[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {"pool": pick.pool, "score": round(value, 3), "rested": idle}
    terms = score.parts(draft.rules.policy.score, fields, item.values)
    if terms:
        found["terms"] = terms
    if pick.steps:
        found["relaxed"] = [describe(draft, number)["words"] for number in range(pick.steps)]
    if pick.position is not None:
        found["pinned"] = pick.position
    if pick.is_repeat:
        found["repeat"] = True
    return found


def _narrowed(gaps: sequence.Gaps) -> str:
    return f"no order keeps more than {plurals.counted(gaps.artist, 'track')} between two of one artist"
