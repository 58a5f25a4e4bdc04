"""Redis is emptied and PostgreSQL crashes under a running ingest: nothing is lost, and it goes on alone."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.core import management
from django.utils import timezone

from catalog.ingest import error_policy
from catalog.intake import batches
from catalog.models import AlbumSource
from tests.crash import ingest_workers

ALBUMS = 300
BEAT = "-m celery -A vibe_project beat -l ERROR --pidfile="
pytestmark = [
    pytest.mark.crash,
    pytest.mark.sandbox(albums=ALBUMS),
    pytest.mark.xdist_group("crash"),
]


@contextlib.contextmanager
def beat(environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Its sweep is what rings when nobody else does."""
    management.call_command("seed_schedule", verbosity=0)
    with (folder / "beat.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *BEAT.split()], cwd=ingest_workers.ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def ingested() -> int:
    return AlbumSource.objects.filter(status="ingested").count()


def is_over() -> bool:
    return not AlbumSource.objects.unfinished().exists()


def test_an_emptied_redis_and_a_crashed_postgres_lose_nothing(
    own_postgres, outage_environment, sandbox, redis_db, tmp_path
):
    sandbox.faults.add("slow", path="/v1/", seconds=0.1, times=0)
    real = ingest_workers.worker(
        ingest_workers.CELERY, outage_environment, tmp_path, lease=ingest_workers.REAL_LEASE
    )

    with beat(outage_environment, tmp_path) as beating, real as worker:
        batches.enqueue(sandbox.album_links(ALBUMS), by="test", now=timezone.now())
        for _ in range(2):
            before = ingested()
            worker.until(lambda before=before: ingested() > before, "some albums", seconds=60)
            held = AlbumSource.objects.filter(status="fetching").count()
            redis_db.flushdb()
            own_postgres.restart()
            before, crashed = ingested(), time.monotonic()
            worker.until(lambda before=before: ingested() > before, "the ingest to go on", seconds=60)
            print(f"{held} albums in hand; went on after {time.monotonic() - crashed:.1f} s")
        worker.until(is_over, "all albums", seconds=120)
        assert beating.poll() is None

    reasons = ingest_workers.assert_nothing_is_lost_or_doubled(ALBUMS)
    assert reasons == {error_policy.UNKNOWN: 1}
