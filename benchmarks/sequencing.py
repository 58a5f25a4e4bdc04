"""Separation found wherever it exists, and how near the flow objective comes to the best order there is.

Run: .venv/bin/python -m benchmarks.sequencing [lists]
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks import catalogues
from curation import chance, flowing, policy, separation, sequencing
from curation.separation import Gaps
from curation.sequencing import Song

ORDER = policy.Order(by="arc", arc="peak", tempo_flow=0.6, harmonic_flow=0.4, artist_gap=2)


def main(lists: int) -> None:
    pool = _songs(20_000)
    print(f"{catalogues.source()}; order: peak of energy, tempo flow 0.6, harmonic flow 0.4, artist gap 2")
    missed, exist, total = separated(lists)
    print(f"separation: {total:,} random lists, an order exists for {exist:,}, missed {missed}")
    small = against_exact(pool, 9, 60)
    print(f"lists of 9 against the exact optimum: {small:.3f}")
    large, shuffled, by_value, milliseconds = against_best_known(pool, 50, 30)
    print(f"lists of 50 against best known: {large:.3f}; shuffled {shuffled:.3f}, by energy {by_value:.3f}")
    print(f"milliseconds a list of 50: median {milliseconds:.2f}")
    is_good = missed == 0 and small <= 1.10 and large <= 1.12
    verdict = "good" if is_good else "NOT GOOD"
    print(f"ratio to best known {large:.3f}, to exact {small:.3f}, missed {missed}: {verdict}")


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


def separated(lists: int) -> tuple[int, int, int]:
    """(orders that exist and were missed, orders that exist, lists tried), against an exhaustive search."""
    missed = exist = 0
    for seed in range(lists):
        rng = random.Random(seed)
        size, artists = rng.randint(2, 10), rng.randint(1, 5)
        of = [rng.randrange(artists) for _ in range(size)]
        gaps = Gaps(rng.randint(0, 3), rng.randint(0, 4))
        tags = separation.tags([[f"a{a}"] for a in of], [a * 10 + rng.randrange(2) for a in of], gaps)
        wish = rng.sample(range(size), size)
        found = separation.separate(wish, tags)
        there = _exists(tags)
        assert found is None or (separation.holds(found, tags) and sorted(found) == list(range(size)))
        exist += there
        missed += there and found is None
    return missed, exist, lists


def _exists(tags: Sequence[Sequence[tuple[object, int]]]) -> bool:
    kinds = sorted({tuple(mine) for mine in tags}, key=repr)
    reach = max((gap for mine in tags for _, gap in mine), default=0)
    seen = set()

    def extend(left: tuple[int, ...], recent: tuple[int, ...]) -> bool:
        if not any(left):
            return True
        if (left, recent) in seen:
            return False
        seen.add((left, recent))
        for kind, number in enumerate(left):
            if number and _fits(kinds, kind, recent):
                rest = (*left[:kind], number - 1, *left[kind + 1 :])
                if extend(rest, (*recent, kind)[-reach:] if reach else ()):
                    return True
        return False

    return extend(tuple(sum(tuple(mine) == kind for mine in tags) for kind in kinds), ())


def _fits(kinds: Sequence[Sequence[tuple[object, int]]], kind: int, recent: Sequence[int]) -> bool:
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
        cost = flowing.Cost(songs, ORDER, list(range(size)))
        ours = cost.total(sequencing.sequence(songs, ORDER, seed=seed).order)
        best = _optimum(cost, size)
        ratios.append(ours / best if best > 1e-9 else 1.0)
    return statistics.mean(ratios)


def _optimum(cost: flowing.Cost, size: int) -> float:
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


def against_best_known(pool: Sequence[Song], size: int, lists: int) -> tuple[float, float, float, float]:
    """(ours, shuffled, sorted by energy) as means over the best order that long annealing finds; our
    milliseconds."""
    ours, shuffled, by_value, times = [], [], [], []
    for seed in range(lists):
        rng = random.Random(seed)
        songs = rng.sample(list(pool), size)
        cost = flowing.Cost(songs, ORDER, list(range(size)))
        start = time.process_time()
        found = sequencing.sequence(songs, ORDER, seed=seed).order
        times.append((time.process_time() - start) * 1000)
        best = min(_anneal(cost, list(found), rng), cost.total(found))
        ours.append(cost.total(found) / best)
        shuffled.append(cost.total(sorted(range(size), key=lambda i: chance.mix(i, seed))) / best)
        by_value.append(cost.total(sorted(range(size), key=lambda i: songs[i].energy or 0.0)) / best)
    mean: Callable[[list[float]], float] = statistics.mean
    return mean(ours), mean(shuffled), mean(by_value), statistics.median(times)


def _anneal(cost: flowing.Cost, order: list[int], rng: random.Random, steps: int = 60_000) -> float:
    """The lowest cost that simulated annealing by swaps and reversals comes across."""
    import math

    now = best = cost.total(order)
    for step in range(steps):
        heat = 0.25 * (1 - step / steps) ** 2 + 1e-4
        i, j = sorted(rng.sample(range(len(order)), 2))
        if rng.random() < 0.5:
            other = [*order[:i], *reversed(order[i : j + 1]), *order[j + 1 :]]
        else:
            other = [*order[:i], *order[i + 1 : j + 1], order[i], *order[j + 1 :]]
        value = cost.total(other)
        if value < now or rng.random() < math.exp((now - value) / heat):
            order, now = other, value
            best = min(best, now)
    return best


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
