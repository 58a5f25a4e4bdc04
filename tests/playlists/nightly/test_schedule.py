"""The night's times are the schedule's, wherever operators moved them."""

from __future__ import annotations

import datetime as dt

import pytest
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from playlists import tasks
from playlists.models import ScheduleSeed, StageRun
from playlists.nightly import schedule, stages, summary
from playlists.rotation import snapshots
from playlists.sync import forecast
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
MIDNIGHT = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def moved():
    """Operators let the plan be made at noon, and the sync at two in the afternoon."""
    schedule.seed()
    ScheduleSeed.objects.update(seeded_at=MIDNIGHT - 30 * DAY)
    for task, hour in (("scale_playlists_daily", 12), ("sync_playlists_daily", 14)):
        cron, _ = CrontabSchedule.objects.get_or_create(hour=hour, minute=0, timezone="UTC")
        PeriodicTask.objects.filter(task=task).update(crontab=cron)


def test_a_night_lasts_from_its_plan_to_the_next():
    noon = MIDNIGHT + 12 * HOUR

    assert schedule.nights(MIDNIGHT.date()) == (noon - DAY, noon, noon + DAY)
    assert schedule.next_plan(MIDNIGHT) == noon
    assert schedule.next_plan(noon) == noon + DAY
    assert schedule.sync_time(MIDNIGHT.date()) == noon + 2 * HOUR


def test_without_a_plan_in_the_schedule_a_night_is_a_day():
    PeriodicTask.objects.filter(task="scale_playlists_daily").update(enabled=False)

    assert schedule.nights(MIDNIGHT.date()) == (MIDNIGHT - DAY, MIDNIGHT, MIDNIGHT + DAY)
    assert schedule.next_plan(MIDNIGHT + HOUR) == MIDNIGHT + HOUR + DAY


def test_a_syncs_time_lasts_until_the_next_plan(time_machine, settings):
    settings.TRACKS_PER_PLAYLIST = 10
    settings.SPOTIFY_CALLS_PER_30S = 1
    worlds.tracks(40)
    worlds.placed(worlds.account())
    now = MIDNIGHT + 11 * HOUR
    snapshots.build(now.date(), now=now)
    time_machine.move_to(now, tick=False)

    tasks.sync_playlists_daily()

    said = StageRun.objects.get(stage="sync").detail["forecast"]
    foreseen = forecast.of_the_night(now, ends=schedule.next_plan(now))
    assert foreseen.seconds_left == 3600
    assert said == foreseen.facts()["forecast"]


def test_the_plans_forecast_begins_with_the_sync(time_machine, settings):
    settings.TRACKS_PER_PLAYLIST, settings.FLOOR_TOTAL_PLAYLISTS = 10, 30
    settings.SPOTIFY_CALLS_PER_30S = 0.01  # one call in fifty minutes: 26 from 14:00 on, and not 28
    worlds.tracks(40)
    worlds.policy()
    worlds.account()
    time_machine.move_to(MIDNIGHT + 12 * HOUR, tick=False)

    tasks.scale_playlists_daily(scheduled=True)

    assert "Only about 12 copies fit" in StageRun.objects.get(stage="scale").detail["forecast"]["words"]


def test_the_morning_after_tells_of_what_happened_until_the_next_plan():
    refused = worlds.account(status="needs_reauth", grant_refused_at=MIDNIGHT + DAY + 11 * HOUR)
    worlds.account(status="needs_reauth", grant_refused_at=MIDNIGHT + DAY + 13 * HOUR)

    (told,) = summary.of(MIDNIGHT.date())

    assert str(refused) in told


def test_an_account_is_new_from_the_plan_before_this_nights_until_the_next():
    for hours in (-13, -11, 35, 37):  # around noon of the day before, and of the day after
        account = worlds.account(f"Account at {hours}")
        type(account).objects.filter(pk=account.pk).update(created_at=MIDNIGHT + hours * HOUR)

    told = " ".join(summary.of(MIDNIGHT.date()))

    assert "Account at -11 is new" in told
    assert "Account at 35 is new" in told
    assert "at -13" not in told
    assert "at 37" not in told


def test_a_stage_is_rung_for_by_the_name_of_its_task(redis_db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        stages.enqueue_stage("ingest", by="ada", now=MIDNIGHT)
        stages.enqueue_stage("sync", by="ada", now=MIDNIGHT)

    assert [task for task, _ in worlds.rung(redis_db, "ingest")] == ["ingest_albums_from_sources"]
    assert [task for task, _ in worlds.rung(redis_db, "sync")] == ["sync_playlists_daily"]
    assert list(StageRun.objects.values_list("stage", "trigger")) == [("ingest", "by ada")]
