"""Separation found wherever it exists, and how near the flow objective comes to the best order there is.

Run: .venv/bin/python -m benchmarks.sequencing [lists]

Small lists are checked against an exhaustive search. Large ones are either planted (shuffled from an order
that keeps every gap, with featured artists and albums) or of one artist a song, where an order exists iff the
most frequent artists fit into blocks of gap + 1. Orders are compared with Held and Karp's exact optimum on 9
songs, and on 50 with the best that four long annealings find.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import catalogues
from curation.ordering import seeded, sequence, spacing, transitions
from curation.ordering.sequence import Song
from curation.ordering.spacing import Gaps, Kind
from curation.policy import language

ORDER = language.Order(by="arc", arc="peak", tempo_flow=0.6, harmonic_flow=0.4, artist_gap=2)
HEATS = (0.25, 0.1, 0.1, 0.05)
STEPS = 120_000


def main(lists: int) -> None:
    pool = _songs(20_000)
    print(f"{catalogues.source()}; order: peak of energy, tempo flow 0.6, harmonic flow 0.4, artist gap 2")
    missed = separated(lists)
    small = against_exact(pool, 9, 60)
    print(f"60 lists of 9, cost over the exact optimum: {small:.3f}")
    large = against_best_known(pool, 50, 30)
    print(f"30 lists of 50, cost over the best known: ours {large.mean('ours'):.3f},", end=" ")
    print(f"shuffled {large.mean('shuffled'):.3f}, sorted by energy {large.mean('sorted'):.3f}")
    median, p95 = timed(pool, 50, 200)
    print(f"200 lists of 50, CPU milliseconds a list: median {median:.2f}, p95 {p95:.2f}")
    is_good = missed == 0 and small <= 1.10 and large.mean("ours") <= 1.12
    verdict = "good" if is_good else "NOT GOOD"
    print(f"ratio to best known {large.mean('ours'):.3f}, to exact {small:.3f}, missed {missed}: {verdict}")


def _songs(size: int) -> list[Song]:
    found = []
    for number, row in enumerate(catalogues.rows(size)):
        features = row.features or {}
        known = features.get("key")
        found.append(
            Song(
                number, row.artists, number, energy=features.get("energy"), valence=features.get("valence"),
                tempo=features.get("tempo") or None, danceability=features.get("danceability"), key=None if
                known is None else int(known), is_major=bool(features["mode"]) if features else None,
            )
        )  # fmt: skip
    return found


# --- separation


@dataclass
class Tried:
    """Lists of one sort: how many there were, for how many an order exists, and for how many it was found."""

    lists: int = 0
    exist: int = 0
    found: int = 0

    def note(self, kinds: Sequence[Kind], wish: Sequence[int], exists: bool) -> None:
        order = spacing.separate(wish, kinds)
        if order is not None:
            assert exists
            assert spacing.holds(order, kinds)
            assert sorted(order) == sorted(wish)
        self.lists += 1
        self.exist += exists
        self.found += order is not None


def separated(lists: int) -> int:
    """Prints how often separation was found where it exists; the number of lists where it was missed."""
    tried = {"small": Tried(), "one artist": Tried(), "planted": Tried()}
    for seed in range(lists):
        rng = random.Random(seed)
        sort = ("small", "small", "one artist", "planted")[seed % 4]
        kinds, exists = {"small": _small, "one artist": _large, "planted": _planted}[sort](rng)
        tried[sort].note(kinds, rng.sample(range(len(kinds)), len(kinds)), exists)
    for sort, known in tried.items():
        print(
            f"separation, {known.lists:,} lists ({sort}): found {known.found:,} of {known.exist:,} that exist"
        )
    exist, found = (sum(getattr(known, part) for known in tried.values()) for part in ("exist", "found"))
    print(f"separation found {found:,}/{exist:,} in {lists:,} random lists")
    return exist - found


def _small(rng: random.Random) -> tuple[list[Kind], bool]:
    """2 to 10 songs by one or two artists each, on albums; whether an order exists is searched through."""
    size, artists = rng.randint(2, 10), rng.randint(1, 6)
    featured = rng.random() < 0.5
    names = [[f"a{rng.randrange(artists)}" for _ in range(1 + (featured and rng.random() < 0.4))]
             for _ in range(size)]  # fmt: skip
    albums = [int(name[0][1:]) * 10 + rng.randrange(2) for name in names]
    kinds = spacing.tags(names, albums, Gaps(rng.randint(0, 3), rng.randint(0, 4)))
    return kinds, _exists(kinds)


def _large(rng: random.Random) -> tuple[list[Kind], bool]:
    """20 to 60 songs of one artist each; an order exists iff the most frequent fit into blocks."""
    size, gap = rng.randint(20, 60), rng.randint(1, 5)
    names = [f"a{int(rng.triangular(0, 2 * gap + 3, 0))}" for _ in range(size)]
    counts = Counter(names)
    most = max(counts.values())
    needed = (most - 1) * (gap + 1) + sum(1 for number in counts.values() if number == most)
    return spacing.tags([[name] for name in names], list(range(size)), Gaps(gap, 0)), needed <= size


def _planted(rng: random.Random) -> tuple[list[Kind], bool]:
    """15 to 60 songs with featured artists and albums, drawn one after the other so that every gap holds."""
    gaps = Gaps(rng.randint(1, 4), rng.randint(0, 5))
    artists = rng.randint(gaps.artist + 1, (gaps.artist + 1) * 4 + 3)
    names: list[list[str]] = []
    albums: list[int] = []
    for _ in range(rng.randint(15, 60)):
        near = {name for mine in names[-gaps.artist :] for name in mine}
        left = [number for number in range(artists) if f"a{number}" not in near]
        if not left:
            break
        mine = rng.sample(left, min(len(left), 1 + (rng.random() < 0.3)))
        recent = albums[-gaps.album :] if gaps.album else []
        free = [album for album in range(mine[0] * 10, mine[0] * 10 + 3) if album not in recent]
        if not free:
            break
        names.append([f"a{number}" for number in mine])
        albums.append(rng.choice(free))
    return spacing.tags(names, albums, gaps), True


def _exists(kinds: Sequence[Kind]) -> bool:
    """Exhaustive: every order of kinds, remembering which rest after which recent songs leads nowhere."""
    distinct = sorted(set(kinds), key=repr)
    reach = max((gap for kind in kinds for _, gap in kind), default=0)
    seen = set()

    def extend(left: tuple[int, ...], recent: tuple[int, ...]) -> bool:
        if not any(left):
            return True
        if (left, recent) in seen:
            return False
        seen.add((left, recent))
        for kind, number in enumerate(left):
            if number and _fits(distinct, kind, recent):
                rest = (*left[:kind], number - 1, *left[kind + 1 :])
                if extend(rest, (*recent, kind)[-reach:] if reach else ()):
                    return True
        return False

    return extend(tuple(list(kinds).count(kind) for kind in distinct), ())


def _fits(kinds: Sequence[Kind], kind: int, recent: Sequence[int]) -> bool:
    for tag, gap in kinds[kind]:
        for back, other in enumerate(reversed(recent)):
            if back < gap and any(tag == name for name, _ in kinds[other]):
                return False
    return True


# --- the objective


def against_exact(pool: Sequence[Song], size: int, lists: int) -> float:
    """The mean of our cost over the exact optimum's, for short lists of different artists."""
    ratios = []
    for seed in range(lists):
        songs = random.Random(seed).sample(list(pool), size)
        cost = transitions.Cost(songs, ORDER)
        ours = cost.total(sequence.sequence(songs, ORDER, seed=seed).order)
        best = _optimum(cost, size)
        ratios.append(ours / best if best > 1e-9 else 1.0)
    return statistics.mean(ratios)


def _optimum(cost: transitions.Cost, size: int) -> float:
    """Held and Karp's recursion over subsets: exact, with costs by slot and by neighbour."""
    best = {(1 << song, song): cost.place[song][0] for song in range(size)}
    for slot in range(1, size):
        longer: dict[tuple[int, int], float] = {}
        for (mask, last), value in best.items():
            for song in range(size):
                if not mask >> song & 1:
                    key = (mask | 1 << song, song)
                    total = value + cost.pair[last][song] + cost.place[song][slot]
                    if total < longer.get(key, float("inf")):
                        longer[key] = total
        best = longer
    return min(best.values())


@dataclass
class Ratios:
    """Costs over the best known, list by list, by the way the order was made."""

    by: dict[str, list[float]] = field(default_factory=dict)

    def add(self, way: str, ratio: float) -> None:
        self.by.setdefault(way, []).append(ratio)

    def mean(self, way: str) -> float:
        return statistics.mean(self.by[way])


def against_best_known(pool: Sequence[Song], size: int, lists: int) -> Ratios:
    found = Ratios()
    for seed in range(lists):
        songs = random.Random(seed).sample(list(pool), size)
        cost = transitions.Cost(songs, ORDER)
        numbers = range(size)
        orders = {
            "ours": sequence.sequence(songs, ORDER, seed=seed).order,
            "shuffled": sorted(numbers, key=lambda i: seeded.mix(i, seed)),
            "sorted": sorted(numbers, key=lambda i: songs[i].energy or 0.0),
        }
        best = min(_anneal(cost, orders["ours"], random.Random(seed), heat) for heat in HEATS)
        for way, order in orders.items():
            found.add(way, cost.total(order) / best)
    return found


def _anneal(cost: transitions.Cost, start: Sequence[int], rng: random.Random, heat: float) -> float:
    """The lowest cost that simulated annealing by moves and turns of stretches comes across."""
    size, chance_of = len(start), rng.random
    order = [size, *start, size]
    now = best = cost.total(start)
    for step, (first, last, way) in enumerate(_moves(size, rng)):
        old = order[first : last + 1]
        new = old[::-1] if way == 0 else [*old[way:], *old[:way]]
        change = _change(cost, order, first, new)
        warmth = heat * (1 - step / STEPS) ** 2 + 1e-4
        if change < 0 or chance_of() < math.exp(-change / warmth):
            order[first : last + 1] = new
            now += change
            best = min(best, now)
    return best


def _moves(size: int, rng: random.Random) -> Iterator[tuple[int, int, int]]:
    for _ in range(STEPS):
        first, last = sorted((1 + int(rng.random() * size), 1 + int(rng.random() * size)))
        if first < last:
            yield first, last, int(rng.random() * 3) - 1


def _change(cost: transitions.Cost, order: Sequence[int], first: int, new: Sequence[int]) -> float:
    """What the new stretch costs more than the old one, with its neighbours."""
    place, pair = cost.place, cost.pair
    change, before, was = 0.0, order[first - 1], order[first - 1]
    for slot, song in enumerate(new, first - 1):
        old = order[slot + 1]
        change += place[song][slot] - place[old][slot] + pair[before][song] - pair[was][old]
        before, was = song, old
    after = order[first + len(new)]
    return change + pair[before][after] - pair[was][after]


def timed(pool: Sequence[Song], size: int, lists: int) -> tuple[float, float]:
    """(median, 95th percentile) of CPU milliseconds a list."""
    times = []
    for seed in range(lists):
        songs = random.Random(seed).sample(list(pool), size)
        start = time.process_time()
        sequence.sequence(songs, ORDER, seed=seed)
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
