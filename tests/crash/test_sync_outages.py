"""A night of real beats and workers, while PostgreSQL crashes and Redis is emptied: right within a minute."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from django.db.utils import OperationalError
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from devstack import programs
from playlists.models import ManagerPlan, PlaylistCopy, ScheduleSeed, Snapshot, StageRun
from playlists.nightly import run_day, schedule
from tests.crash import crews
from tests.playlists import worlds

PLAYLISTS = 20
SWEEP_SECONDS = 5  # instead of sixty, as an operator may set it
NETWORK = {
    "TRACKS_PER_PLAYLIST": crews.LENGTH, "MIN_REPEAT_GAP_DAYS": crews.GAP, "FLOOR_TOTAL_PLAYLISTS": 1,
}  # fmt: skip
pytestmark = [
    pytest.mark.crash,
    pytest.mark.sandbox(albums=4 * PLAYLISTS),
    pytest.mark.xdist_group("crash"),
]


@contextlib.contextmanager
def running(name: str, environment: Mapping[str, str], log: Path, *extra: str) -> Iterator[None]:
    """One of Vibe's processes as bin/run starts it; its log is shown where the test fails."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            programs.named(name, environment, extra).argv,
            cwd=crews.ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        print(f"{name}\n{log.read_text()[-3000:]}")


def until(done: Callable[[], bool], what: str, *, seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < seconds, f"waited {seconds} s for {what}"
        time.sleep(0.1)
    return time.monotonic() - began


def a_network_that_was_synced_yesterday(sandbox, settings) -> None:
    for name, value in NETWORK.items():
        setattr(settings, name, value)
    ids = [track.spotify_id for track in sandbox.world.tracks][: PLAYLISTS * crews.LENGTH * crews.GAP]
    worlds.tracks(len(ids), ids=ids, artists=200)
    for number in range(2):
        worlds.connected(f"Service {number}")
    now = timezone.now()
    run_day.run(now.date() - dt.timedelta(days=1), now=now, names=("scale", "curate", "sync"))
    assert crews.up() == PLAYLISTS


def all_windows_are_due_now() -> None:
    schedule.seed()
    now = timezone.now()
    ScheduleSeed.objects.update(seeded_at=now - dt.timedelta(days=1))
    cron, _ = CrontabSchedule.objects.get_or_create(hour=now.hour, minute=now.minute, timezone="UTC")
    PeriodicTask.objects.filter(task__in=schedule.STAGE_OF).update(crontab=cron)
    often, _ = IntervalSchedule.objects.get_or_create(every=SWEEP_SECONDS, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.filter(task="sweep").update(interval=often)


def carrying_todays_list() -> int:
    today = timezone.now().date()
    return PlaylistCopy.objects.filter(status="synced", synced_snapshot__date=today).count()


def is_right() -> bool:
    try:
        return carrying_todays_list() == PLAYLISTS and crews.is_up()
    except OperationalError:
        return False


@pytest.mark.django_db(transaction=True)
def test_a_crashed_database_and_an_emptied_redis_in_mid_sync_are_made_good_within_a_minute(
    own_postgres, outage_environment, sandbox, settings, redis_db, tmp_path
):
    a_network_that_was_synced_yesterday(sandbox, settings)
    all_windows_are_due_now()
    sandbox.faults.add("slow", method="PUT", path="/v1/", seconds=0.4, times=0)
    environment = outage_environment | {name: str(value) for name, value in NETWORK.items()}

    with (
        running("worker", environment, tmp_path / "worker", "--concurrency", "2"),
        running("beat", environment, tmp_path / "beat1"),
        running("beat", environment, tmp_path / "beat2"),
    ):
        until(lambda: carrying_todays_list() >= 3, "the sync to be under way", seconds=180)
        under_way = carrying_todays_list()
        own_postgres.restart()
        redis_db.flushdb()
        took = until(is_right, "every copy", seconds=60)

    print(f"{under_way} of {PLAYLISTS} copies were up when it happened; right after {took:.1f} s")
    assert under_way < PLAYLISTS
    crews.assert_all_is_right(sandbox, live=PLAYLISTS, ever=PLAYLISTS)
    today = timezone.now().date()
    assert ManagerPlan.objects.filter(run_date=today, status="applied").count() == 1
    assert Snapshot.objects.built().filter(date=today).count() == PLAYLISTS
    attempts = dict(StageRun.objects.filter(run_date=today).values_list("stage", "attempts"))
    assert (attempts["scale"], attempts["curate"]) == (1, 1)
    assert attempts.keys() == schedule.TASK_OF.keys()
