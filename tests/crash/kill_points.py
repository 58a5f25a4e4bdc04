"""Loaded into an ingest worker under test: it says when it is at work, and dies at named points when told.

Both are files in the folder KILL_POINTS: `busy-<pid>` while it works, `<point>` to arm a point.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.ingest import fetching, ingest, queue, storing

POINTS = ("after claim", "after response", "inside the transaction", "before acknowledgement")


def busy_file(folder: Path, pid: int) -> Path:
    return folder / f"busy-{pid}"


def die_at(point: str) -> None:
    """Dies if the point is armed; taking the file away first, so that one death is one death."""
    try:
        (_folder() / point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(work: Callable[..., Any], point: str) -> Callable[..., Any]:
    @functools.wraps(work)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = work(*args, **kwargs)
        if result:
            die_at(point)
        return result

    return wrapped


def busy(work: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(work)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        mark = busy_file(_folder(), os.getpid())
        mark.touch()
        try:
            return work(*args, **kwargs)
        finally:
            mark.unlink(missing_ok=True)

    return wrapped


def write_and_die(*args: Any) -> None:
    _write(*args)
    die_at("inside the transaction")


def _folder() -> Path:
    return Path(os.environ["KILL_POINTS"])


_write = storing._write
if "KILL_POINTS" in os.environ:
    queue.LEASE = dt.timedelta(seconds=float(os.environ["KILL_LEASE_SECONDS"]))
    queue.take = deadly(queue.take, "after claim")
    fetching.albums = deadly(fetching.albums, "after response")
    storing._write = write_and_die
    ingest.run = deadly(busy(ingest.run), "before acknowledgement")
