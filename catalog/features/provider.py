"""What every source of audio features offers, how it fails, and which numbers are believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Measures = dict[str, float]

# The range in which a number means something; -1 is an unknown key, not a measure.
RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        ("acousticness", "danceability", "energy", "instrumentalness", "liveness", "speechiness", "valence"),
        (0.0, 1.0),
    ),
    "loudness": (-80.0, 20.0),
    "tempo": (1.0, 400.0),
    "key": (0.0, 11.0),
    "mode": (0.0, 1.0),
    "time_signature": (1.0, 16.0),
}


class FeaturesError(Exception):
    """The provider cannot answer now. `seconds`: how long to leave it alone."""

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.message = message
        self.seconds = seconds

    def until(self, now: dt.datetime) -> dt.datetime:
        return now + dt.timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Provider:
    """One source: its name as stored, ids a call may carry, and the call itself.

    `fetch(track ids)` answers {track id: measures} for those it knows; raises FeaturesError.
    """

    name: str
    ids_per_call: int
    fetch: Callable[[Sequence[str]], dict[str, Measures]]


def believed(raw: Mapping[str, object]) -> Measures:
    """The measures of `raw` that are numbers within their range."""
    numbers = {
        name: float(value)
        for name, value in raw.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return {name: value for name, value in numbers.items() if is_within(name, value)}


def is_within(name: str, value: float) -> bool:
    lowest, highest = RANGES.get(name, (1.0, 0.0))
    return lowest <= value <= highest
