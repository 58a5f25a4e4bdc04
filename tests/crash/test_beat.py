"""Thirty simulated days of two beats with outages and kills: no stage is missed, and none is run twice.

The schedulers, the rows, the messages in Redis and the tasks are the real ones; only the clock is moved.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django_celery_beat import schedulers
from django_celery_beat.models import PeriodicTask

from playlists.models import HistoryEntry, ManagerPlan, ScheduleSeed, Snapshot, StageRun
from playlists.nightly import runs, schedule
from tests.playlists import worlds
from vibe_project.celery import app

pytestmark = [pytest.mark.crash, pytest.mark.xdist_group("crash")]
DAYS = 30
FIRST = dt.datetime(2026, 2, 10, tzinfo=dt.UTC)  # over the end of February
OUTAGES = [dt.timedelta(minutes=minutes) for minutes in (5, 40, 190, 440, 690)]
CLOCKS = (
    "01:00", "02:00", "02:01", "03:00", "03:30", "04:00", "04:01", "04:10", "04:11", "04:30", "12:00",
    "21:00",
)  # fmt: skip
QUEUES = ("default", "ingest", "sync")
MINUTE = dt.timedelta(minutes=1)


class Killed(BaseException):
    """What a SIGKILL is to the code it ends: nothing catches it."""


class Scheduler(schedulers.DatabaseScheduler):
    """Beat's own; `doomed` names the task right after whose sending it dies, before it has noted that."""

    doomed = ""

    def apply_async(self, entry: Any, producer: Any = None, advance: bool = True, **kwargs: Any) -> Any:
        if entry.task == self.doomed:
            app.tasks[entry.task].apply_async(entry.args, entry.kwargs, **entry.options)
            raise Killed
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)


class Beat:
    """One process of beat: killed, it forgets everything that its rows do not say."""

    def __init__(self) -> None:
        self.scheduler = Scheduler(app=app)
        self.deaths = 0

    def restart(self, deaths: int = 0) -> None:
        self.scheduler._finalize.cancel()  # a killed process writes nothing at its end
        self.deaths += deaths
        self.scheduler = Scheduler(app=app)

    def turn(self) -> None:
        """Send all that is due at this moment."""
        try:
            for _ in range(50):
                if self.scheduler.tick() > 0:
                    return
        except Killed:
            self.restart(deaths=1)


def messages(redis_db: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is in the queues, oldest first, as a worker takes it: (task, kwargs)."""
    while any(found := [redis_db.rpop(queue) for queue in QUEUES]):
        for message in filter(None, found):
            body = json.loads(message)
            _, kwargs, _ = json.loads(base64.b64decode(body["body"]))
            yield body["headers"]["task"], kwargs


def work(redis_db: Any) -> None:
    """A worker that does the night's own tasks; the copies have a drill of their own."""
    for task, kwargs in messages(redis_db):
        if task in schedule.STAGE_OF or task == "sweep":
            app.tasks[task](**kwargs)


def outages(rng: random.Random) -> list[tuple[dt.datetime, dt.datetime]]:
    """On five days of six, each length in turn, from some moment of the night; and one over midnight."""
    found = []
    for number in range(DAYS):
        if number % 6 < len(OUTAGES):
            start = FIRST + dt.timedelta(days=number, minutes=rng.randrange(75, 245))
            found.append((start, start + OUTAGES[number % 6]))
    midnight = FIRST + dt.timedelta(days=12)
    return [one for one in found if one[0].date() != midnight.date()] + [
        (midnight - 4 * 60 * MINUTE, midnight + 200 * MINUTE)
    ]


def moments(down: list[tuple[dt.datetime, dt.datetime]]) -> list[dt.datetime]:
    """The clocks of every day at which something is alive, and the minutes after each outage."""
    clocks = [dt.timedelta(hours=int(clock[:2]), minutes=int(clock[3:])) for clock in CLOCKS]
    every = {FIRST + dt.timedelta(days=day) + clock for day in range(DAYS) for clock in clocks}
    after = {end + number * MINUTE for _, end in down for number in range(4)}
    return sorted(moment for moment in every | after if not any(start <= moment < end for start, end in down))


@pytest.fixture
def network(settings, time_machine, transactional_db) -> None:
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    settings.FLOOR_TOTAL_PLAYLISTS, settings.AUDIO_FEATURES_SOURCE = 1, "none"
    app.loader.import_default_modules()  # the tasks, as a worker has them
    time_machine.move_to(FIRST, tick=False)
    worlds.policy()
    worlds.tracks(60)
    worlds.account()
    schedule.seed()


def test_in_thirty_days_of_two_beats_no_stage_is_missed_and_none_is_run_twice(
    network, time_machine, redis_db
):
    seed = random.randrange(1, 10**6)
    print(f"seed {seed}")
    down = outages(random.Random(seed))
    beats, victims = [Beat(), Beat()], list(schedule.STAGE_OF)
    seen = FIRST
    for moment in moments(down):
        time_machine.move_to(moment, tick=False)
        if any(seen < end <= moment for _, end in down):
            redis_db.flushdb()
            for beat in beats:
                beat.restart()
        if moment.date() != seen.date() and (moment - FIRST).days % 6 == len(OUTAGES):
            beats[0].scheduler.doomed = victims.pop()
        for beat in beats:
            beat.turn()
        work(redis_db)
        seen = moment

    dates = [(FIRST + dt.timedelta(days=number)).date() for number in range(DAYS)]
    runs = StageRun.objects.filter(run_date__in=dates)
    late = sum(run.started_at - run.scheduled_at > MINUTE for run in runs)
    print(
        f"{runs.count()} windows, {late} opened late, {len(down)} outages, {beats[0].deaths} kills after send"
    )
    assert beats[0].deaths == DAYS // 6
    assert late >= DAYS // 6
    assert sorted(runs.values_list("run_date", "stage")) == sorted(
        (date, stage) for date in dates for stage in schedule.TASK_OF
    )
    assert not runs.filter(state="skipped").exists()
    own = runs.filter(stage__in=["scale", "curate", "sync"])
    assert set(own.values_list("attempts", flat=True)) == {1}
    assert sorted(ManagerPlan.objects.exclude(status="proposed").values_list("run_date", flat=True)) == dates
    assert sorted(set(Snapshot.objects.built().values_list("date", flat=True))) == dates
    for date in dates:  # and in their order, also when all came at once
        begun = dict(own.filter(run_date=date).values_list("stage", "started_at"))
        assert begun["scale"] <= begun["curate"] <= begun["sync"], date
    assert HistoryEntry.objects.filter(batch_tag=str(dates[-1])).count() == 20


@pytest.mark.django_db(transaction=True)
def test_beat_alone_forgets_a_morning_stage_by_noon_and_the_windows_do_not(time_machine, redis_db):
    """django-celery-beat loads only the crontabs within two hours of now: the reason for windows of our own.
    Where this fails, it has learned to catch up."""
    time_machine.move_to(FIRST, tick=False)
    schedule.seed()
    ScheduleSeed.objects.update(seeded_at=FIRST - dt.timedelta(days=2))
    PeriodicTask.objects.update(last_run_at=FIRST)
    time_machine.move_to(FIRST + dt.timedelta(hours=7), tick=False)

    scheduler = Scheduler(app=app)
    scheduler._finalize.cancel()
    loaded = {row.task for row in scheduler.enabled_models_qs()}

    assert not {"scale_playlists_daily", "ingest_albums_from_sources", "fetch_audio_features"} & loaded
    assert {"sweep", "refresh_tokens"} <= loaded
    assert runs.open_due(FIRST + dt.timedelta(hours=7)) == len(schedule.TASK_OF)
