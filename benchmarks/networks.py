"""Networks for benchmarks: overlapping policies as ranges of one field, and playlists spread over them."""

from __future__ import annotations

import random
from collections.abc import Sequence

COUNT, GAP = 50, 7
LIMITS = {"per_artist": 2, "per_album": 1, "one_per_recording": False}
Range = tuple[str, float, float]  # field, from, to

# Twelve overlapping policies, 16 to 62 % of the real tracks each.
RANGES: tuple[Range, ...] = (
    ("energy", 0.65, 2), ("energy", -1, 0.45), ("danceability", 0.6, 2), ("danceability", -1, 0.5),
    ("valence", 0.55, 2), ("valence", -1, 0.35), ("tempo", 120, 300), ("tempo", 0, 105),
    ("acousticness", 0.3, 2), ("popularity", 45, 101), ("duration_s", 0, 200), ("loudness", -7, 10),
)  # fmt: skip
# More playlists for the narrow policies, so that the mix binds about where the catalogue does.
WEIGHTS = (3, 4, 2, 4, 2, 4, 2, 4, 3, 2, 3, 2)


def ranges_of(policies: int) -> list[Range]:
    """The twelve, or that many drawn at random: 20 to 60 % of one feature's span each."""
    if policies == len(RANGES):
        return list(RANGES)
    rng, found = random.Random(5), []
    for _ in range(policies):
        low = rng.uniform(0, 0.6)
        name = rng.choice(("energy", "danceability", "valence", "acousticness"))
        found.append((name, low, low + rng.uniform(0.2, 0.6)))
    return found


def spread(total: int, policies: int) -> list[int]:
    """Playlists over the policies by weight, by largest remainder."""
    weights: Sequence[int] = WEIGHTS if policies == len(WEIGHTS) else [1] * policies
    exact = [total * weight / sum(weights) for weight in weights]
    found = [int(value) for value in exact]
    for p in sorted(range(len(exact)), key=lambda p: found[p] - exact[p])[: total - sum(found)]:
        found[p] += 1
    return found
