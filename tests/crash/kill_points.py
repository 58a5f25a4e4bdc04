"""Loaded into a worker under test, which kills itself at a named point when a file in KILL_POINTS says so."""

from __future__ import annotations

import datetime as dt
import functools
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog import claims, fetching, ingest, storing

POINTS = ("after claim", "after response", "inside the transaction", "before acknowledgement")


def die_at(point: str) -> None:
    """Dies if the point is armed; taking the file away first, so that one death is one death."""
    try:
        (Path(os.environ["KILL_POINTS"]) / point).unlink()
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


def write_and_die(*args: Any) -> None:
    _write(*args)
    die_at("inside the transaction")


_write = storing._write
if "KILL_POINTS" in os.environ:
    claims.LEASE = dt.timedelta(seconds=float(os.environ["KILL_LEASE_SECONDS"]))
    claims.take = deadly(claims.take, "after claim")
    fetching.albums = deadly(fetching.albums, "after response")
    storing._write = write_and_die
    ingest.run = deadly(ingest.run, "before acknowledgement")
