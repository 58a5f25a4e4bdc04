"""Outlive a supervisor that was killed with -9, and end the process groups it can no longer end itself.

The kernel tells its children that it died, but a Celery worker that has lost its broker as well may never
finish shutting down, and the pool of a killed worker is told nothing at all.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

GRACE = 4.0  # seconds for an orderly end, before SIGKILL


def start() -> subprocess.Popen[bytes]:
    """A reaper that reads from us which groups there are; an end without `done` means that we died."""
    root = Path(__file__).resolve().parent.parent
    return subprocess.Popen(
        [sys.executable, "-m", "devstack", "reap"],
        stdin=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(root)},
    )


def tell(reaper: subprocess.Popen[bytes], message: str) -> None:
    """Send one line: the number of a process group, or `done`."""
    assert reaper.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        reaper.stdin.write(f"{message}\n".encode())
        reaper.stdin.flush()


def reap(lines: Iterable[str]) -> int:
    """Be the reaper."""
    groups: set[int] = set()
    for line in lines:
        if line.strip() == "done":
            return 0
        groups.add(int(line))
    deadline = time.monotonic() + GRACE
    while any(map(_lives, groups)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in filter(_lives, groups):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    return 0


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
