"""Ingest workers are killed at the worst moments and at random: no album is lost, doubled or stuck.

At full size: `DRILL_ALBUMS=10000 DRILL_KILLS=400 bin/test tests/crash/test_ingest_kill.py -s`.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence

import pytest
from django.utils import timezone

from catalog.ingest import error_policy
from catalog.intake import batches
from catalog.models import AlbumSource
from tests.crash import ingest_workers, kill_points

ALBUMS, KILLS = int(os.environ.get("DRILL_ALBUMS", 500)), int(os.environ.get("DRILL_KILLS", 60))
SEED = int(os.environ.get("DRILL_SEED", 0)) or random.randrange(1, 10**6)
# Between two deaths Spotify is asked at most so often: work, not time, so that a slow machine is no deadlier.
CALLS = 20
pytestmark = [
    pytest.mark.crash,
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox(albums=ALBUMS),
    pytest.mark.xdist_group("crash"),
]


class Killer:
    """Kills a process at work, again and again, at moments that the seed chooses."""

    def __init__(self, worker: ingest_workers.Worker, calls: Sequence[object], rng: random.Random) -> None:
        self.worker, self.calls, self.rng, self.kills, self._due = worker, calls, rng, 0, 0

    def strike(self) -> None:
        victims = self.worker.at_work()
        if victims and len(self.calls) >= self._due:
            time.sleep(self.rng.uniform(0.0, 0.05))  # anywhere between two calls
            self.kills += self.worker.kill(self.rng.choice(victims))
            self._due = len(self.calls) + self.rng.randrange(CALLS)


@pytest.mark.sandbox(albums=100)
def test_a_death_at_each_named_point_loses_nothing(sandbox, child_environment, tmp_path):
    batches.enqueue(sandbox.album_links(40), by="test", now=timezone.now(), ring=False)
    sweep = ingest_workers.Sweep()

    with ingest_workers.worker(ingest_workers.CELERY, child_environment, tmp_path) as worker:
        for point in kill_points.POINTS:
            armed = tmp_path / point
            armed.touch()
            ingest_workers.again(40)
            sweep.ring()
            worker.until(sweep.is_over, f"the albums around a death {point}", seconds=120)
            assert not armed.exists(), f"nobody died {point}"

    reasons = ingest_workers.assert_nothing_is_lost_or_doubled(40)
    assert set(reasons) <= {error_policy.UNKNOWN}


def test_deaths_at_random_moments_lose_nothing(sandbox, child_environment, tmp_path):
    sandbox.faults.add("slow", path="/v1/", seconds=0.01, times=0)
    batches.enqueue(sandbox.album_links(ALBUMS), by="test", now=timezone.now(), ring=False)
    sweep, started = ingest_workers.Sweep(), time.monotonic()

    with ingest_workers.worker(ingest_workers.CREW, child_environment, tmp_path) as worker:
        killer = Killer(worker, sandbox.calls, random.Random(SEED))

        def killed_enough() -> bool:
            if sweep.is_over() and killer.kills < KILLS:
                ingest_workers.again(ALBUMS // 2)
            killer.strike()
            return killer.kills >= KILLS

        worker.until(killed_enough, f"{KILLS} deaths", seconds=180 + 6 * KILLS)
        worker.until(sweep.is_over, "the other albums", seconds=180 + ALBUMS / 10)

    reasons = ingest_workers.assert_nothing_is_lost_or_doubled(ALBUMS)
    ingested = AlbumSource.objects.filter(status="ingested").count()
    print(
        f"\nseed {SEED}: {ALBUMS} albums, {killer.kills} kills in {time.monotonic() - started:.0f} s:"
        f" {ingested} ingested, {reasons.total()} failed, 0 lost, 0 duplicates, {len(sandbox.calls)} calls"
    )
    for reason, count in reasons.most_common():
        print(f"  {count} failed: {reason}")
    assert reasons[error_policy.UNKNOWN] == 1
    assert ingested >= 0.9 * ALBUMS
