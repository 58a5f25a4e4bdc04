"""Workers for drills of the ingest, and what must hold of the catalogue when a drill is over."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from celery import current_app
from django.db.models import Count, F
from django.utils import timezone

from catalog.ingest import error_policy, ingest
from catalog.models import Album, AlbumSource, Track
from tests.crash import kill_points

ROOT = Path(__file__).resolve().parents[2]
CELERY = "-m celery -A vibe_project worker -Q ingest -c 2 -l ERROR -I tests.crash.kill_points"
# Without Celery, whose new processes take a fifth of a second each: for hundreds of deaths.
CREW = "-m tests.crash.ingest_crew 2"
# Seconds until a dead worker's albums are anybody's; the real lease is five minutes.
SHORT_LEASE, REAL_LEASE = 3.0, 300.0


class Worker:
    """A parent with two processes that ingest; `folder` holds its log and the files of kill_points."""

    def __init__(self, kind: str, environment: Mapping[str, str], folder: Path, lease: float) -> None:
        self.folder, self._log = folder, folder / "log"
        drill = {"KILL_POINTS": str(folder), "KILL_LEASE_SECONDS": str(lease), "LOG_LEVEL": "ERROR"}
        with self._log.open("wb") as log:
            self.parent = subprocess.Popen(
                [sys.executable, *kind.split()],
                cwd=ROOT,
                env={**environment, **drill},
                stdout=log,
                stderr=log,
            )
        self.until(lambda: len(self.processes()) >= 2, "the worker's processes to start", seconds=180)

    def processes(self) -> list[int]:
        threads = Path(f"/proc/{self.parent.pid}/task").iterdir()
        return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]

    def at_work(self) -> list[int]:
        """The processes that ingest at this moment."""
        return [pid for pid in self.processes() if kill_points.busy_file(self.folder, pid).exists()]

    def kill(self, pid: int) -> bool:
        """Whether it was still there to be killed."""
        kill_points.busy_file(self.folder, pid).unlink(missing_ok=True)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def until(self, done: Callable[[], bool], what: str, *, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}\n{self._log.read_text()[-3000:]}")
            time.sleep(0.02)

    def end(self) -> None:
        pids = self.processes()
        self.parent.kill()
        for pid in pids:
            self.kill(pid)
        self.parent.wait(timeout=10)


@contextlib.contextmanager
def worker(
    kind: str, environment: Mapping[str, str], folder: Path, *, lease: float = SHORT_LEASE
) -> Iterator[Worker]:
    """CELERY or CREW, for as long as the block lasts."""
    running = Worker(kind, environment, folder, lease)
    try:
        yield running
    finally:
        running.end()


class Sweep:
    """Rings as the sweep of every minute does, only more often."""

    def __init__(self, every: float = 0.3) -> None:
        self._every, self._rung = every, 0.0

    def ring(self) -> None:
        if time.monotonic() - self._rung >= self._every and ingest.due(timezone.now()):
            current_app.send_task("ingest_albums_from_sources")
            self._rung = time.monotonic()

    def is_over(self) -> bool:
        self.ring()
        return not AlbumSource.objects.unfinished().exists()


def again(count: int) -> None:
    """So many finished albums are queued once more, so that a drill does not run out of work."""
    ids = AlbumSource.objects.filter(status="ingested").order_by("?").values_list("id", flat=True)
    ingest.refresh(ids[:count])


def assert_nothing_is_lost_or_doubled(count: int) -> Counter[str]:
    """Every line ended ingested or failed for a reason, and is there whole and once; how many of each."""
    sources = AlbumSource.objects.all()
    assert sources.count() == count
    assert not sources.exclude(status__in=["ingested", "failed"]).exists()
    assert not sources.exclude(claim=None).exists()
    ingested = sources.filter(status="ingested")
    assert ingested.exclude(album=None).count() == ingested.count()
    short = ingested.annotate(links=Count("track_links")).exclude(links=F("album__total_tracks"))
    assert not short.exists()
    assert not Track.objects.filter(source_links=None).exists()
    for model in (Album, Track):
        assert model.objects.values("spotify_id").distinct().count() == model.objects.count()
    reasons = Counter(sources.filter(status="failed").values_list("failure_reason", flat=True))
    assert set(reasons) <= {error_policy.UNKNOWN, error_policy.WORKER_LOST}
    return reasons
