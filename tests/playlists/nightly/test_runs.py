"""The night as rows: every window once, whoever comes late, doubled or restarted; counted and closed."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from catalog.models import AlbumSource
from playlists import tasks
from playlists.models import ManagerPlan, ScheduleSeed, StageRun
from playlists.nightly import progress, runs, schedule
from playlists.rotation import snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
MIDNIGHT = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def at(clock):
    hours, minutes = clock.split(":")
    return MIDNIGHT + dt.timedelta(hours=int(hours), minutes=int(minutes))


@pytest.fixture(autouse=True)
def seeded():
    schedule.seed()
    ScheduleSeed.objects.update(seeded_at=MIDNIGHT - dt.timedelta(days=30))


def states():
    return dict(StageRun.objects.filter(run_date=MIDNIGHT.date()).values_list("stage", "state"))


def test_the_schedule_is_the_contracts():
    rows = {
        row.task: (row.crontab.hour, row.crontab.minute) for row in PeriodicTask.objects.exclude(crontab=None)
    }

    assert rows == {
        "clear_old_logins": ("1", "30"),
        "scale_playlists_daily": ("2", "0"),
        "refresh_tokens": ("*", "*/30"),
        "ingest_albums_from_sources": ("3", "0"),
        "fetch_audio_features": ("3", "30"),
        "build_playlist_snapshot": ("4", "0"),
        "sync_playlists_daily": ("4", "10"),
    }
    sweep = PeriodicTask.objects.get(task="sweep")
    assert (sweep.interval.every, sweep.expire_seconds) == (60, 55)
    assert {str(row.timezone) for row in CrontabSchedule.objects.all()} == {"UTC"}


def test_seeding_again_leaves_what_operators_made_of_it():
    late, _ = CrontabSchedule.objects.get_or_create(hour="6", minute="15", timezone="UTC")
    PeriodicTask.objects.filter(task="sync_playlists_daily").update(crontab=late, name="Sync, but later")
    PeriodicTask.objects.filter(task="refresh_tokens").delete()

    assert schedule.seed() == []
    assert PeriodicTask.objects.get(task="sync_playlists_daily").crontab == late
    assert not PeriodicTask.objects.filter(task="refresh_tokens").exists()


def test_ticks_open_each_window_once():
    assert runs.open_due(at("02:00")) == 1
    assert runs.open_due(at("02:00")) == 0
    assert runs.open_due(at("04:11")) == 4
    assert set(states()) == set(schedule.TASK_OF)


@pytest.mark.parametrize(
    "back, state", [("03:20", "open"), ("06:00", "open"), ("14:00", "open"), ("23:00", "skipped")]
)
def test_a_window_that_beat_missed_opens_late_or_is_skipped_with_words(back, state):
    runs.open_due(at(back))

    run = StageRun.objects.get(stage="scale", run_date=MIDNIGHT.date())
    assert run.state == state
    assert bool(run.error) is (state == "skipped")


def test_a_disabled_stage_opens_no_window():
    PeriodicTask.objects.filter(task="scale_playlists_daily").update(enabled=False)

    runs.open_due(at("02:30"))

    assert "scale" not in states()


def test_an_operators_time_is_the_windows_time():
    later, _ = CrontabSchedule.objects.get_or_create(hour="9", minute="0", timezone="UTC")
    PeriodicTask.objects.filter(task="scale_playlists_daily").update(crontab=later)

    assert runs.open_due(at("08:59")) == 4
    runs.open_due(at("09:00"))

    assert StageRun.objects.get(stage="scale", run_date=MIDNIGHT.date()).scheduled_at == at("09:00")


def test_of_two_beats_one_gets_the_window():
    first = runs.claim("scale", now=at("02:00"))
    second = runs.claim("scale", now=at("02:00"))

    assert first is not None
    assert second is None


def test_a_window_whose_worker_was_lost_is_taken_up_again():
    runs.claim("scale", now=at("02:00"))

    assert runs.claim("scale", now=at("02:05")) is None
    assert runs.unclaimed(at("02:11"))[0].stage == "scale"
    again = runs.claim("scale", now=at("02:11"))
    assert again is not None
    assert again.attempts == 2


def test_a_sync_that_goes_on_for_hours_is_begun_once():
    runs.open_due(at("04:10"))
    StageRun.objects.exclude(stage="sync").update(state="done", finished_at=at("04:10"))

    assert runs.claim("sync", now=at("04:11")) is not None
    assert runs.claim("sync", now=at("09:00")) is None
    assert runs.unclaimed(at("09:00")) == []


def test_a_run_made_by_hand_before_the_window_does_not_stand_in_for_it():
    run = runs.begin("scale", MIDNIGHT.date(), trigger="ada", now=at("00:30"))
    runs.finish(run, counted=progress.Progress(1), now=at("00:31"))

    assert runs.claim("scale", now=at("02:00")) is not None


def test_a_run_made_by_hand_after_the_window_is_the_same_row():
    runs.claim("scale", now=at("02:00"))

    run = runs.begin("scale", MIDNIGHT.date(), trigger="ada", now=at("11:00"))

    assert StageRun.objects.filter(stage="scale").count() == 1
    assert run.attempts == 2


def test_the_next_plan_closes_the_night_before_with_its_counts():
    AlbumSource.objects.create(url="x", spotify_album_id=worlds.spotify_id(1), created_at=at("01:00"))
    runs.open_due(at("03:00"))
    runs.count_open(at("03:01"))
    assert states()["ingest"] == "open"

    runs.open_due(at("26:00"))

    run = StageRun.objects.get(stage="ingest", run_date=MIDNIGHT.date())
    assert (run.state, run.done, run.total) == ("incomplete", 0, 1)


def test_an_empty_ingest_closes_itself():
    runs.open_due(at("03:00"))

    runs.count_open(at("03:01"))

    assert states()["ingest"] == "done"


def test_a_scheduled_task_works_on_its_window_and_a_second_does_nothing(time_machine, settings):
    settings.TRACKS_PER_PLAYLIST = 10
    worlds.tracks(40)
    worlds.account()
    time_machine.move_to(at("02:00"), tick=False)

    tasks.scale_playlists_daily(scheduled=True)
    tasks.scale_playlists_daily(scheduled=True)

    assert ManagerPlan.objects.get().run_date == MIDNIGHT.date()
    assert StageRun.objects.get(stage="scale").attempts == 1


def test_lists_of_a_late_window_are_of_the_windows_date(time_machine, settings):
    settings.TRACKS_PER_PLAYLIST, settings.FLOOR_TOTAL_PLAYLISTS = 10, 1
    worlds.tracks(40)
    worlds.playlist()
    worlds.account()
    time_machine.move_to(at("09:40"), tick=False)

    tasks.scale_playlists_daily(scheduled=True)
    tasks.build_playlist_snapshot(scheduled=True)

    assert StageRun.objects.get(stage="curate").state == "done"
    assert {snapshot.date for snapshot in snapshots.Snapshot.objects.all()} == {MIDNIGHT.date()}


def test_windows_that_come_all_at_once_are_worked_in_their_order():
    runs.open_due(at("06:00"))

    assert runs.claim("sync", now=at("06:00")) is None
    assert runs.claim("curate", now=at("06:00")) is None
    plan = runs.claim("scale", now=at("06:00"))
    assert runs.claim("curate", now=at("06:00")) is None
    runs.finish(plan, counted=progress.Progress(1), now=at("06:01"))
    assert runs.claim("curate", now=at("06:01")) is not None
    assert runs.claim("sync", now=at("06:01")) is None


def test_a_stage_whose_try_failed_or_was_lost_holds_the_next_one_up_no_longer():
    runs.claim("scale", now=at("03:58"))

    assert runs.claim("curate", now=at("04:00")) is None
    lists = runs.claim("curate", now=at("04:09"))
    assert lists is not None
    runs.fail(lists, "Locked.", now=at("04:10"))
    assert runs.claim("sync", now=at("04:10")) is not None


def test_a_plan_made_by_hand_in_the_night_does_not_close_the_window_before_its_own_task_came():
    fields = {"run_date": MIDNIGHT.date(), "stats": {}, "digest": "x", "created_at": at("00:30")}
    ManagerPlan.objects.create(status="applied", applied_at=at("00:30"), **fields)
    runs.open_due(at("02:00"))

    runs.count_open(at("02:00"))

    assert runs.claim("scale", now=at("02:01")) is not None


def test_a_night_that_nobody_closes_closes_itself_a_day_after_it_was_last_taken_up():
    AlbumSource.objects.create(url="x", spotify_album_id=worlds.spotify_id(1), created_at=at("01:00"))
    run = runs.begin("ingest", MIDNIGHT.date() - dt.timedelta(days=3), trigger="ada", now=at("02:00"))
    StageRun.objects.filter(pk=run.pk).update(scheduled_at=at("02:00") - dt.timedelta(days=3))

    assert runs.count_open(at("02:01")) == [run]
    assert runs.count_open(at("26:01")) == []


def test_what_two_readers_of_a_run_note_is_all_kept():
    first = runs.begin("sync", MIDNIGHT.date(), trigger="ada", now=at("04:10"))
    second = StageRun.objects.get(pk=first.pk)

    runs.note(first, failing_before=[1, 2])
    runs.finish(second, counted=progress.Progress(1, detail={"trouble": {}}), now=at("04:11"))
    runs.note(first, forecast={"calls": 3})

    kept = StageRun.objects.get(pk=first.pk).detail
    assert kept == {"failing_before": [1, 2], "trouble": {}, "forecast": {"calls": 3}}


@pytest.mark.django_db(transaction=True)
def test_what_two_connections_note_at_the_same_moment_is_all_kept():
    run = runs.begin("sync", MIDNIGHT.date(), trigger="ada", now=at("04:10"))

    def note_from_another_connection():
        runs.note(run, failing_before=[1, 2])
        connection.close()

    other = threading.Thread(target=note_from_another_connection)
    with transaction.atomic():
        runs.note(StageRun.objects.get(pk=run.pk), trouble={"full": 1})
        other.start()  # it waits for the row until this transaction ends
        other.join(timeout=0.3)
        assert other.is_alive()
    other.join()

    assert StageRun.objects.get(pk=run.pk).detail == {"failing_before": [1, 2], "trouble": {"full": 1}}


def test_the_sweep_opens_counts_and_rings(time_machine, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.bells, "ring", lambda task, **kwargs: rung.append((task, kwargs)))
    time_machine.move_to(at("04:15"), tick=False)

    tasks.sweep()
    tasks.sweep()

    assert rung.count(("scale_playlists_daily", {"scheduled": True})) == 2
    assert set(states()) == set(schedule.TASK_OF)


def test_lists_wait_for_the_window_of_the_sync(time_machine, settings, monkeypatch):
    settings.TRACKS_PER_PLAYLIST = 10
    worlds.tracks(40)
    copy = worlds.placed(worlds.account())
    snapshots.build(MIDNIGHT.date(), now=at("04:00"))
    rung = []
    monkeypatch.setattr(tasks.bells, "ring", lambda task, **kwargs: rung.append(kwargs))

    time_machine.move_to(at("04:05"), tick=False)
    tasks.sweep()
    assert {"copy_id": copy.pk} not in rung

    time_machine.move_to(at("04:10"), tick=False)
    tasks.sweep()
    assert {"copy_id": copy.pk} in rung
