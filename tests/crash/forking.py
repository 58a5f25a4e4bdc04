"""Keep N children at the same work, each forked anew at once when it ends."""

from __future__ import annotations

import os
from collections.abc import Callable


def keep(count: int, work: Callable[[], None], *, ended: Callable[[int], None] = lambda status: None) -> None:
    """For ever; `ended` is told the wait status of each child that is gone."""
    children: set[int] = set()
    while True:
        while len(children) < count:
            children.add(_begun(work))
        pid, status = os.wait()
        children.discard(pid)
        ended(status)


def _begun(work: Callable[[], None]) -> int:
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(1)
    return pid
