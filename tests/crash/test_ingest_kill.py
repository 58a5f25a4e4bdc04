"""Ingest workers are killed at random and at the worst moments: no album is lost, doubled or stuck."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db.models import Count, F
from django.utils import timezone

from catalog import ingest, intake
from catalog.models import Album, AlbumSource, Track
from tests.crash import kill_points

ROOT = Path(__file__).resolve().parents[2]
KILLS = 60
LEASE_SECONDS = 2.0
pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def worker(sandbox, child_environment, tmp_path) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker with two processes on the ingest queue, and short leases."""
    environment = {"KILL_POINTS": str(tmp_path), "KILL_LEASE_SECONDS": str(LEASE_SECONDS)}
    command = ["-m", "celery", "-A", "vibe_project", "worker", "-Q", "ingest", "-c", "2", "-l", "ERROR"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable,
                *command,
                "-I",
                "tests.crash.kill_points",
                "--without-gossip",
                "--without-mingle",
            ],
            cwd=ROOT,
            env=child_environment | environment,
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: len(children(process)) >= 2, "the worker's processes to start", tmp_path, seconds=180)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        for pid in [*children(process), process.pid]:
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=5)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(pid) for thread in threads for pid in (thread / "children").read_text().split()]


def until(done: Callable[[], bool], what: str, folder: Path, *, seconds: float) -> None:
    """Polls, ringing like the sweep does, only more often."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for {what}\n{(folder / 'log').read_text()[-3000:]}")
        time.sleep(0.1)


def ring() -> None:
    if ingest.due(timezone.now()):
        current_app.send_task("ingest_albums_from_sources")


def finished() -> bool:
    ring()
    return not AlbumSource.objects.unfinished().exists()


def assert_nothing_is_lost_or_doubled(count: int) -> None:
    sources = AlbumSource.objects.all()
    assert sources.count() == count
    assert not sources.exclude(status__in=["ingested", "failed"]).exists()
    assert not sources.filter(status="failed", failure_reason="").exists()
    assert not sources.exclude(claim=None).exists()
    ingested = sources.filter(status="ingested")
    assert ingested.exclude(album=None).count() == ingested.count()
    short = ingested.annotate(links=Count("track_links")).exclude(links=F("album__total_tracks"))
    assert not short.exists()
    assert Track.objects.filter(source_links=None).count() == 0
    assert Album.objects.values("spotify_id").distinct().count() == Album.objects.count()


@pytest.mark.sandbox(albums=100)
def test_a_death_at_each_named_point_loses_nothing(sandbox, worker, tmp_path):
    intake.enqueue(sandbox.album_links(40), by="test", now=timezone.now(), ring=False)

    for point in kill_points.POINTS:
        (tmp_path / point).touch()
        ingest.refresh(AlbumSource.objects.filter(status="ingested").values_list("id", flat=True))
        ring()
        until(lambda point=point: not (tmp_path / point).exists(), f"a death {point}", tmp_path, seconds=90)
        until(finished, f"the albums after a death {point}", tmp_path, seconds=90)

    assert_nothing_is_lost_or_doubled(40)
    assert not AlbumSource.objects.filter(failure_reason__startswith="worker lost").exists()


@pytest.mark.sandbox(albums=500)
def test_sixty_deaths_at_random_moments_lose_nothing(sandbox, worker, tmp_path):
    seed = int(os.environ.get("KILL_SEED", "0")) or random.randrange(1, 10**6)
    print(f"KILL_SEED={seed}")
    rng = random.Random(seed)
    sandbox.faults.add("slow", path="/v1/", seconds=0.03, times=0)
    intake.enqueue(sandbox.album_links(500), by="test", now=timezone.now(), ring=False)
    kills = 0

    def killed_enough() -> bool:
        nonlocal kills
        if finished() and kills < KILLS:
            ingest.refresh(AlbumSource.objects.filter(status="ingested").values_list("id", flat=True)[:100])
        victims = children(worker)
        if victims and rng.random() < 0.3:
            os.kill(rng.choice(victims), signal.SIGKILL)
            kills += 1
        return kills >= KILLS

    until(killed_enough, f"{KILLS} deaths", tmp_path, seconds=180)
    until(finished, "all albums", tmp_path, seconds=180)

    assert_nothing_is_lost_or_doubled(500)
    assert AlbumSource.objects.filter(status="ingested").count() >= 450


@pytest.mark.sandbox(albums=200)
def test_an_emptied_redis_loses_nothing(sandbox, worker, tmp_path, redis_db):
    sandbox.faults.add("slow", path="/v1/", seconds=0.05, times=0)
    intake.enqueue(sandbox.album_links(200), by="test", now=timezone.now(), ring=False)
    ring()
    until(
        lambda: AlbumSource.objects.filter(status="ingested").exists(),
        "the first albums",
        tmp_path,
        seconds=90,
    )

    redis_db.flushdb()

    until(finished, "the other albums", tmp_path, seconds=90)
    assert_nothing_is_lost_or_doubled(200)
    assert AlbumSource.objects.filter(status="failed").count() == 1
