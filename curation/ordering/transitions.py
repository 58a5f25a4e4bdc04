"""Energy arcs, tempo and harmonic flow: an objective over an order, and local improvement of it.

The cost of an order is what each song pays for its slot (how far its value lies from the arc's target there,
or how far it stands from its wished slot) plus what neighbours pay (tempo folded by octaves, steps on the
Camelot wheel). Unknown values pay nothing."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from curation.ordering import seeded, spacing

if TYPE_CHECKING:
    from curation.ordering.sequence import Song
    from curation.policy.language import Order

# A song may move this many slots at once, and a stretch of this many be turned round; longer gains little.
REACH = 50
TURN = 8
PASSES = 2
# What a whole octave half-way off, or the far side of the wheel, costs beside a whole arc's error of 1.
_TEMPO, _HARMONY = 1.0, 0.5
# Laying songs along an arc, the nearest neighbour counts less than it will cost: what is spent on it early is
# missing later. Measured with benchmarks/sequencing.py.
_AHEAD = 0.6
_ENOUGH = 1e-9


def counts(order: Order) -> bool:
    """Whether this order has an objective at all."""
    return bool(order.tempo_flow or order.harmonic_flow or (order.by == "arc" and order.arc != "flat"))


def wish(songs: Sequence[Song], cost: Cost, seed: int) -> list[int]:
    """Songs laid along the arc, each slot taking the nearest to its target that flows from the one before."""
    left = sorted(range(len(songs)), key=lambda i: seeded.mix(songs[i].track_id, seed))
    place, found = cost.place, [len(songs)]
    for slot in range(len(songs)):
        before = cost.pair[found[-1]]
        best = min(left, key=lambda i: place[i][slot] + _AHEAD * before[i])
        left.remove(best)
        found.append(best)
    return found[1:]


class Cost:
    """place[song][slot] and pair[song][song] of an order's objective. In `pair` a last row and column stand
    for nobody, before the first song and after the last, and cost nothing."""

    def __init__(self, songs: Sequence[Song], order: Order, wished: Sequence[int] = ()) -> None:
        self.place = _arc_costs(songs, order) if order.by == "arc" else _shift_costs(wished)
        self.pair = _pair_costs(songs, order)

    def total(self, order: Sequence[int]) -> float:
        places = sum(self.place[song][slot] for slot, song in enumerate(order))
        return places + sum(self.pair[a][b] for a, b in itertools.pairwise(order))


# --- improvement: what a move gains is worked out from the few neighbours and slots that it changes


def improve(
    found: Sequence[int], cost: Cost, kinds: Sequence[spacing.Kind], fixed: Mapping[int, int]
) -> list[int]:
    """Move single songs and turn short stretches while that lowers the cost; every gap and fixed place
    stays."""
    nobody = len(found)
    order = [nobody, *found, nobody]
    free = _free(len(found), fixed)
    reach = max((gap for kind in kinds for _, gap in kind), default=0)
    for _ in range(PASSES):
        moves = [_pass(order, first, last, cost, kinds, reach) for first, last in free]
        if not any(moves):
            break
    return order[1:-1]


def _free(size: int, fixed: Mapping[int, int]) -> list[tuple[int, int]]:
    """The stretches without a fixed song, as first and last place, counted from 1."""
    walls = [0, *sorted(slot + 1 for slot in fixed), size + 1]
    return [(low + 1, high - 1) for low, high in itertools.pairwise(walls) if high - low > 2]


def _pass(
    order: list[int],
    first: int,
    last: int,
    cost: Cost,
    kinds: Sequence[spacing.Kind],
    reach: int,
) -> bool:
    """Try every move in a stretch once, each place's best first."""
    is_better = False
    for start in range(first, last):
        is_better |= _take(order, _shifts(order, start, min(start + REACH - 1, last), cost), kinds, reach)
    for middle in range(2 * first + 1, 2 * last):
        is_better |= _take(order, _turns(order, middle, first, last, cost), kinds, reach)
    return is_better


# What a move changes by, its first and last place, and how: 0 turns it round, 1 and -1 take the first song to
# the end or the last to the front.
_Move = tuple[float, int, int, int]


def _shifts(order: Sequence[int], start: int, last: int, cost: Cost) -> list[_Move]:
    """Moves that gain something by taking the song at `start` later, or a later one to `start`. Places count
    from 1, so a song at place p stands in slot p - 1."""
    place, pair, found = cost.place, cost.pair, []
    mine, before, prior = order[start], pair[order[start - 1]], order[start]
    own, neighbours = place[mine], pair[mine]
    earlier = later = 0.0  # what the songs between pay more for a slot earlier or later
    here = own[start - 1]
    closed = before[order[start + 1]] - before[mine] - neighbours[order[start + 1]]
    for end in range(start + 1, last + 1):
        song, after = order[end], order[end + 1]
        slots, next_to = place[song], pair[song]
        joined = next_to[mine] - next_to[after]
        earlier += slots[end - 2] - slots[end - 1]
        there = earlier + own[end - 1] - here + closed + joined + neighbours[after]
        if there < -_ENOUGH:
            found.append((there, start, end, 1))
        moved = place[prior]
        later += moved[end - 1] - moved[end - 2]
        there = later + slots[start - 1] - slots[end - 1] + before[song] - before[mine] + joined
        there += pair[prior][after] - pair[prior][song]
        if there < -_ENOUGH:
            found.append((there, start, end, -1))
        prior = song
    return found


def _turns(order: Sequence[int], middle: int, first: int, last: int, cost: Cost) -> list[_Move]:
    """Stretches around `middle` (twice its place) that gain something when turned round."""
    place, pair, found = cost.place, cost.pair, []
    start, end = (middle - 1) // 2, middle // 2 + 1
    slots = 0.0
    for _ in range(min(TURN // 2, start - first + 1, last - end + 1)):
        one, other = order[start], order[end]
        slots += place[one][end - 1] - place[one][start - 1] + place[other][start - 1] - place[other][end - 1]
        before, after = pair[order[start - 1]], pair[order[end + 1]]
        there = slots + before[other] - before[one] + after[one] - after[other]
        if there < -_ENOUGH:
            found.append((there, start, end, 0))
        start, end = start - 1, end + 1
    return found


def _take(order: list[int], moves: list[_Move], kinds: Sequence[spacing.Kind], reach: int) -> bool:
    """Carry out the best move that keeps every gap."""
    for _, start, end, way in sorted(moves):
        old = order[start : end + 1]
        new = old[::-1] if way == 0 else [*old[way:], *old[:way]]
        if not reach or _keeps(order, start, end, new, kinds, reach):
            order[start : end + 1] = new
            return True
    return False


def _keeps(
    order: Sequence[int],
    start: int,
    end: int,
    new: Sequence[int],
    kinds: Sequence[spacing.Kind],
    reach: int,
) -> bool:
    around = [*order[max(start - reach, 1) : start], *new, *order[end + 1 : end + 1 + reach]]
    return spacing.holds([song for song in around if song < len(kinds)], kinds)


# --- what slots and neighbours cost


def _arc_costs(songs: Sequence[Song], order: Order) -> list[list[float]]:
    values = [getattr(song, order.arc_field) for song in songs]
    known = sorted(value for value in values if value is not None)
    if not known or order.arc == "flat":
        return [[0.0] * len(songs) for _ in songs]
    spread = (known[-1] - known[0]) or 1.0
    targets = [target / spread for target in arc_targets(known, order.arc, len(songs))]
    unknown = [0.0] * len(songs)
    return [
        unknown if value is None else [abs(value / spread - target) for target in targets] for value in values
    ]


def arc_targets(known: Sequence[float], arc: str, size: int) -> list[float]:
    """The list's own values, laid along the arc's shape: a target for each slot. `known` is sorted."""
    targets = [0.0] * size
    for rank, slot in enumerate(_by_height(arc, size)):
        at = rank * (len(known) - 1) / max(size - 1, 1)
        low = int(at)
        high = min(low + 1, len(known) - 1)
        targets[slot] = known[low] + (known[high] - known[low]) * (at - low)
    return targets


@functools.lru_cache(maxsize=256)
def _by_height(arc: str, size: int) -> list[int]:
    """Slots from the lowest point of the arc to its highest."""
    shape = _SHAPES[arc]
    return sorted(range(size), key=lambda slot: (shape((slot + 0.5) / size), slot))


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
    costs = _tempo_costs(songs, order.tempo_flow * _TEMPO)
    if order.harmonic_flow:
        harmony = _harmony_costs(songs, order.harmonic_flow * _HARMONY)
        costs = [list(map(operator.add, one, other)) for one, other in zip(costs, harmony, strict=True)]
    return costs


def _tempo_costs(songs: Sequence[Song], weight: float) -> list[list[float]]:
    """Twice the weight for half an octave apart; a whole octave is the same tempo."""
    nothing = [0.0] * (len(songs) + 1)
    if not weight:
        return [nothing for _ in nothing]
    octaves = [math.log2(song.tempo) % 1.0 if song.tempo else None for song in songs]
    unknown = [number for number, octave in enumerate(octaves) if octave is None]
    others = [octave or 0.0 for octave in octaves]
    costs = [nothing if mine is None else _apart(mine, others, weight, unknown) for mine in octaves]
    return [*costs, nothing]


def _apart(mine: float, others: Sequence[float], weight: float, unknown: Sequence[int]) -> list[float]:
    row = [weight * (1.0 - abs(2.0 * abs(mine - other) - 1.0)) for other in others]
    for number in unknown:
        row[number] = 0.0
    return [*row, 0.0]


def _harmony_costs(songs: Sequence[Song], weight: float) -> list[Sequence[float]]:
    places = [camelot(song.key, song.is_major) for song in songs]
    columns = [*(_on_wheel(place) for place in places), 0]
    pick = operator.itemgetter(*columns, 0)  # one column more: of a single one it would make no row
    rows = {row: pick([weight * steps / 6 for steps in _wheel()[row]])[:-1] for row in set(columns)}
    return [rows[row] for row in columns]


@functools.cache
def _wheel() -> list[list[int]]:
    """Steps between any two places of the wheel; place 0 is unknown and near to all."""
    places = [None, *((hour, is_major) for hour in range(12) for is_major in (False, True))]
    return [
        [0 if one is None or other is None else camelot_steps(one, other) for other in places]
        for one in places
    ]


def _on_wheel(place: tuple[int, bool] | None) -> int:
    return 0 if place is None else 1 + 2 * place[0] + place[1]


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
