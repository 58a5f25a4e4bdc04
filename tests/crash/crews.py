"""Crews of sync workers, a network for them, and what must hold once everything is up."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playlists.models import HistoryEntry, PlaylistCopy, Snapshot
from tests.playlists import worlds

ROOT = Path(__file__).resolve().parents[2]
LENGTH, GAP = 10, 3


class Crew:
    """So many workers under one parent, which replaces whatever ends; `folder` holds its log and points."""

    def __init__(self, size: int, environment: Mapping[str, str], folder: Path) -> None:
        self.folder, self._log = folder, folder / f"log-{time.monotonic_ns()}"
        with self._log.open("wb") as log:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.sync_workers", str(size)],
                cwd=ROOT,
                env={**environment, "SYNC_POINTS": str(folder)},
                stdout=log,
                stderr=log,
            )
        self.until(lambda: len(self.workers()) == size, "the workers to start")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def signal(self, what: signal.Signals, pids: list[int] | None = None) -> None:
        for pid in self.workers() if pids is None else pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)

    def said(self, word: str) -> int:
        """How often the workers said it: busy | killed | ended."""
        return self._log.read_bytes().splitlines().count(word.encode())

    def until(
        self,
        done: Callable[[], bool],
        what: str,
        *,
        seconds: float = 120,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        limit = time.monotonic() + seconds
        while not done():
            if time.monotonic() > limit:
                raise AssertionError(f"waited {seconds} s for {what}\n{self._log.read_text()[-3000:]}")
            meanwhile()
            time.sleep(0.03)

    def dismiss(self) -> None:
        pids = self.workers()
        self.parent.kill()
        self.signal(signal.SIGKILL, pids)
        self.parent.wait(timeout=10)


def network(sandbox: Any, count: int, accounts: int, *, days: int = GAP) -> None:
    """So many playlists with a copy each, and as many tracks as they need to rest."""
    names = [track.spotify_id for track in sandbox.world.tracks][: count * LENGTH * days + 50]
    worlds.tracks(len(names), ids=names, artists=400)
    owners = [worlds.connected(f"Service {number}") for number in range(accounts)]
    for number in range(count):
        worlds.placed(owners[number % accounts])


def up() -> int:
    """How many live copies carry their playlist's newest list."""
    rows = _live().values_list("status", "synced_snapshot_id", "newest_id")
    return sum(status == "synced" and has == newest for status, has, newest in rows)


def is_up() -> bool:
    """Every live copy carries its newest list, and every retired playlist is off its account."""
    retired = PlaylistCopy.objects.live().filter(playlist__status="retired")
    return up() == _live().count() and not retired.exists()


def _live() -> Any:
    return PlaylistCopy.objects.live().filter(playlist__status="active").with_newest()


def assert_all_is_right(sandbox: Any, *, live: int, ever: int) -> None:
    """One playlist for each copy that ever was, exactly the newest list in each live one, no track twice
    within the gap."""
    assert len(sandbox.world.library.playlists) == ever
    assert len(sandbox.world.playlists) == live
    for copy in _live().select_related("synced_snapshot"):
        newest = Snapshot.objects.get(pk=copy.newest_id)
        wanted = list(newest.entries.order_by("position").values_list("spotify_track_id", flat=True))
        assert copy.synced_snapshot_id == newest.pk
        there = sandbox.world.library.playlists[copy.spotify_playlist_id]
        assert there.track_ids == wanted
        assert there.name.endswith(str(newest.date))
    uses = list(HistoryEntry.objects.values_list("track_id", flat=True))  # no more days than the gap
    assert len(uses) == len(set(uses))
