"""The sandbox's clock: real time plus what tests and the control page have moved it by."""

import datetime as dt
import time
from collections.abc import Callable


class Clock:
    """Seconds since the epoch; `source` can be any callable, so a test can own time."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._moved = 0.0

    def now(self) -> float:
        return self._source() + self._moved

    def advance(self, seconds: float) -> float:
        self._moved += seconds
        return self.now()

    def stamp(self) -> str:
        """Now as Spotify writes times: 2026-11-22T04:10:00Z."""
        return f"{dt.datetime.fromtimestamp(self.now(), dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
