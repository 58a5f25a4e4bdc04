"""How long each phase of a day takes, and a pause of the garbage collector while it runs."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator


class Clock:
    """Milliseconds by phase: each lap is the time since the one before."""

    def __init__(self, laps: dict[str, float]) -> None:
        self.laps, self.last = laps, time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(self.laps.get(name, 0.0) + (now - self.last) * 1000, 1)
        self.last = now


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Reference counts free all that a day makes; looking for cycles among its objects is a third of its
    time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
