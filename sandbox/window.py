"""Spotify's pace: so many calls of one app in any thirty seconds, and how long to wait after that."""

import math
import threading
from collections import defaultdict, deque

SECONDS = 30.0
_ROUNDING = 1e-6  # adding and taking away thirty loses the last bits of a clock's reading


class RollingWindow:
    """Counts admitted calls per app; a refused call does not count. `limit` None admits everything."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.fullest = 0
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def admit(self, app: str, *, now: float) -> int | None:
        """None where the call may pass, else the whole seconds after which the next one may."""
        with self._lock:
            calls = self._calls[app]
            while calls and now - calls[0] >= SECONDS - _ROUNDING:
                calls.popleft()
            if self.limit is not None and len(calls) >= self.limit:
                return max(1, math.ceil(calls[len(calls) - self.limit] + SECONDS - now))
            calls.append(now)
            self.fullest = max(self.fullest, len(calls))
            return None
