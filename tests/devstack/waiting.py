"""Waiting for what another process does."""

import time
from collections.abc import Callable


def until(happened: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as it happened; fail when it does not."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
