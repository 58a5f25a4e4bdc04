"""Energy arcs, tempo and harmonic flow: an objective over an order, and local improvement of it.

The cost of an order is what each song pays for its slot (how far its value lies from the arc's target there,
or how far it stands from its wished slot) plus what neighbours pay (tempo folded by octaves, steps on the
Camelot wheel). Unknown values pay nothing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from curation import chance, separation

if TYPE_CHECKING:
    from curation.policy import Order
    from curation.sequencing import Song

SPAN = 8
PASSES = 3
# What a whole octave half-way off, or the far side of the wheel, costs beside a whole arc's error of 1.
_TEMPO, _HARMONY = 1.0, 0.5


def wish(songs: Sequence[Song], order: Order, seed: int) -> list[int]:
    """Songs laid along the arc, each slot taking the nearest to its target that flows from the one before."""
    if not songs:
        return []
    cost = Cost(songs, order, list(range(len(songs))))
    left = sorted(range(len(songs)), key=lambda i: chance.mix(songs[i].track_id, seed))
    found: list[int] = []
    for slot in range(len(songs)):
        before = cost.pair[found[-1]] if found else None
        best = min(left, key=lambda i: cost.place[i][slot] + (before[i] if before else 0.0))
        left.remove(best)
        found.append(best)
    return found


def improve(
    found: list[int],
    songs: Sequence[Song],
    order: Order,
    tags: Sequence[Sequence[tuple[Hashable, int]]],
    fixed: Mapping[int, int],
) -> list[int]:
    """Shift and turn short stretches while that lowers the cost; every gap and fixed place stays."""
    flows = order.tempo_flow or order.harmonic_flow
    if len(found) < 3 or not (flows or (order.by == "arc" and order.arc != "flat")):
        return found
    cost = Cost(songs, order, found)
    for _ in range(PASSES):
        if not _pass(found, cost, tags, fixed):
            break
    return found


class Cost:
    """place[song][slot] and pair[song][song] of an order's objective."""

    def __init__(self, songs: Sequence[Song], order: Order, wished: Sequence[int]) -> None:
        self.place = _arc_costs(songs, order) if order.by == "arc" else _shift_costs(wished)
        self.pair = _pair_costs(songs, order)

    def total(self, order: Sequence[int]) -> float:
        places = sum(self.place[song][slot] for slot, song in enumerate(order))
        return places + sum(self.pair[a][b] for a, b in itertools.pairwise(order))


def _pass(
    order: list[int], cost: Cost, tags: Sequence[Sequence[tuple[Hashable, int]]], fixed: Mapping[int, int]
) -> bool:
    is_better = False
    for start in range(len(order)):
        for end in range(start + 2, min(start + SPAN, len(order)) + 1):
            if any(slot in fixed for slot in range(start, end)):
                continue
            stretch = order[start:end]
            now = _stretch_cost(order, start, end, stretch, cost)
            for other in (stretch[::-1], stretch[1:] + stretch[:1], stretch[-1:] + stretch[:-1]):
                if _stretch_cost(order, start, end, other, cost) < now - 1e-9 and _keeps(
                    order, start, end, other, tags
                ):
                    order[start:end] = other
                    is_better = True
                    break
    return is_better


def _stretch_cost(order: Sequence[int], start: int, end: int, stretch: Sequence[int], cost: Cost) -> float:
    place, pair = cost.place, cost.pair
    before = order[start - 1] if start else None
    total = 0.0
    for slot, song in enumerate(stretch, start):
        total += place[song][slot]
        if before is not None:
            total += pair[before][song]
        before = song
    return total + (pair[stretch[-1]][order[end]] if end < len(order) else 0.0)


def _keeps(
    order: Sequence[int],
    start: int,
    end: int,
    stretch: Sequence[int],
    tags: Sequence[Sequence[tuple[Hashable, int]]],
) -> bool:
    reach = max((gap for song in stretch for _, gap in tags[song]), default=0)
    if not reach:
        return True
    return separation.holds(
        [*order[max(start - reach, 0) : start], *stretch, *order[end : end + reach]], tags
    )


# --- what slots and neighbours cost


def _arc_costs(songs: Sequence[Song], order: Order) -> list[list[float]]:
    values = [getattr(song, order.arc_field) for song in songs]
    known = sorted(value for value in values if value is not None)
    if not known or order.arc == "flat":
        return [[0.0] * len(songs) for _ in songs]
    targets = arc_targets(known, order.arc, len(songs))
    spread = (known[-1] - known[0]) or 1.0
    return [
        [0.0] * len(songs) if value is None else [abs(value - target) / spread for target in targets]
        for value in values
    ]


def arc_targets(known: Sequence[float], arc: str, size: int) -> list[float]:
    """The list's own values, laid along the arc's shape: a target for each slot. `known` is sorted."""
    shape = _SHAPES[arc]
    by_height = sorted(range(size), key=lambda slot: (shape((slot + 0.5) / size), slot))
    targets = [0.0] * size
    for rank, slot in enumerate(by_height):
        at = rank * (len(known) - 1) / max(size - 1, 1)
        low = int(at)
        high = min(low + 1, len(known) - 1)
        targets[slot] = known[low] + (known[high] - known[low]) * (at - low)
    return targets


_SHAPES = {
    "build": lambda x: x,
    "wind_down": lambda x: -x,
    "peak": lambda x: x / 0.65 if x < 0.65 else (1 - x) / 0.35,
    "wave": lambda x: -math.cos(4 * math.pi * x),
}


def _shift_costs(wished: Sequence[int]) -> list[list[float]]:
    slot_of = {song: slot for slot, song in enumerate(wished)}
    size = len(wished)
    return [[abs(slot_of[song] - slot) / size for slot in range(size)] for song in range(size)]


def _pair_costs(songs: Sequence[Song], order: Order) -> list[list[float]]:
    size = len(songs)
    costs = [[0.0] * size for _ in range(size)]
    if order.tempo_flow:
        _add_tempo(
            costs,
            [math.log2(song.tempo) if song.tempo else None for song in songs],
            order.tempo_flow * _TEMPO,
        )
    if order.harmonic_flow:
        _add_harmony(
            costs, [camelot(song.key, song.is_major) for song in songs], order.harmonic_flow * _HARMONY
        )
    return costs


def _add_tempo(costs: list[list[float]], octaves: Sequence[float | None], weight: float) -> None:
    for i, one in enumerate(octaves):
        if one is None:
            continue
        for j in range(i):
            other = octaves[j]
            if other is not None:
                off = (one - other) % 1.0
                costs[i][j] = costs[j][i] = costs[i][j] + 2 * weight * min(off, 1.0 - off)


def _add_harmony(costs: list[list[float]], places: Sequence[tuple[int, bool] | None], weight: float) -> None:
    for i, one in enumerate(places):
        if one is None:
            continue
        for j in range(i):
            other = places[j]
            if other is not None:
                costs[i][j] = costs[j][i] = costs[i][j] + weight * camelot_steps(one, other) / 6


def camelot(key: int | None, is_major: bool | None) -> tuple[int, bool] | None:
    """A pitch class (0 is C) and mode as an hour on the Camelot wheel (0 to 11) and its ring; None is
    unknown."""
    if key is None or is_major is None or not 0 <= key <= 11:
        return None
    return ((key * 7 + 7) if is_major else (key * 7 + 4)) % 12, is_major


def camelot_steps(one: tuple[int, bool], other: tuple[int, bool]) -> int:
    """Hours apart on the wheel, and one more for changing rings; 6 at most."""
    apart = abs(one[0] - other[0])
    return min(min(apart, 12 - apart) + (one[1] is not other[1]), 6)
