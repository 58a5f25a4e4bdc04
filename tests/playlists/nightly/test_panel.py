"""The night on the front page: planned, late, running, cut short; its pace; and the grid of nights."""

from __future__ import annotations

import datetime as dt

import pytest
from celery.schedules import crontab
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from playlists.models import StageRun
from playlists.nightly import panel, windows

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 4, 20, tzinfo=dt.UTC)


def row(task, hour, minute, *, enabled=True):
    cron, _ = CrontabSchedule.objects.get_or_create(hour=hour, minute=minute, timezone="UTC")
    return PeriodicTask.objects.create(name=task, task=task, crontab=cron, enabled=enabled)


def run(stage="ingest", **fields):
    defaults = {
        "stage": stage, "run_date": NOW.date(), "state": "open", "scheduled_at": NOW - dt.timedelta(hours=1),
        "started_at": NOW - dt.timedelta(minutes=10), "done": 100, "total": 400,
    }  # fmt: skip
    return StageRun.objects.create(**defaults | fields)


def stage(name, runs=(), rows=(), now=NOW):
    return next(one for one in panel.tonight(runs, rows, now) if one.name == name)


def test_the_stages_come_in_the_order_of_the_night():
    assert [one.name for one in panel.tonight([], [], NOW)] == [
        "scale",
        "ingest",
        "enrich",
        "curate",
        "sync",
    ]


def test_a_stage_before_its_time_is_planned():
    found = stage("sync", rows=[row("sync_playlists_daily", 4, 30)])

    assert (found.state, found.trouble) == ("planned", "")
    assert f"{found.planned:%H:%M}" == "04:30"


def test_a_stage_is_late_only_after_its_grace():
    rows = [row("sync_playlists_daily", 4, 10)]

    assert stage("sync", rows=rows).state == "planned"
    late = stage("sync", rows=rows, now=NOW + dt.timedelta(minutes=6))
    assert late.state == "late"
    assert "was due at 04:10 UTC" in late.trouble


def test_a_stage_that_is_not_scheduled_or_disabled_is_off_and_never_late():
    late = NOW + dt.timedelta(hours=9)

    assert stage("sync", rows=[], now=late).state == "off"
    assert stage("sync", rows=[row("sync_playlists_daily", 4, 10, enabled=False)], now=late).state == "off"


def test_a_time_before_the_schedule_existed_was_not_missed():
    rows = [row("sync_playlists_daily", 2, 0)]

    (*_, found) = panel.tonight([], rows, NOW, since=NOW - dt.timedelta(hours=1))

    assert (found.state, found.trouble) == ("off", "")


def test_a_day_that_the_crontab_does_not_name_has_no_time():
    assert windows.first_time(crontab(hour=4, minute=0, day_of_week="sun"), NOW.date()) is None


def test_an_open_run_tells_its_pace_and_what_is_left():
    found = stage("ingest", [run()])

    assert (found.rate, found.remaining) == ("10 a minute", "30 min left")


@pytest.mark.parametrize(
    ("done", "total", "minutes", "told"),
    [
        (0, 100, 5, ("", "")),
        (100, 100, 5, ("20 a minute", "")),
        (1, 3, 120, ("0 an hour", "4 h left")),
        (30, 31, 60, ("30 an hour", "2 min left")),
    ],
)
def test_a_pace_reads_in_fitting_units(done, total, minutes, told):
    assert panel.pace(done, total, NOW - dt.timedelta(minutes=minutes), NOW) == told


def test_items_that_failed_are_behind_it_too():
    found = stage("ingest", [run(done=50, failed=50)])

    assert (found.rate, found.remaining) == ("10 a minute", "30 min left")


def test_a_run_that_has_not_begun_has_no_pace():
    assert panel.pace(5, 10, None, NOW) == ("", "")


def test_a_run_closed_with_work_left_is_trouble():
    found = stage("ingest", [run(state="incomplete", finished_at=NOW)])

    assert found.trouble == "closed with 100 of 400 done"


def test_a_run_whose_rest_has_failed_for_good_needs_nobody():
    assert stage("ingest", [run(state="incomplete", finished_at=NOW, failed=300)]).trouble == ""


def test_the_grid_has_every_night_oldest_first_and_empty_ones_too():
    nights = panel.grid([run(finished_at=NOW, state="done", done=400)], NOW.date(), 3)

    assert [night.date.day for night in nights] == [23, 24, 25]
    assert {state for _, state, _ in nights[0].squares} == {"none"}
    assert {name: state for name, state, _ in nights[2].squares}["ingest"] == "done"


def test_the_longest_night_has_the_tallest_bar():
    short = run(run_date=NOW.date() - dt.timedelta(days=1), finished_at=NOW - dt.timedelta(minutes=5))

    yesterday, today = panel.grid([short, run(finished_at=NOW)], NOW.date(), 2)

    assert (yesterday.height, today.height) == (panel.BAR // 2, panel.BAR)
    assert (today.minutes, today.top) == (10.0, 0)


def test_lists_built_are_shown_of_those_wanted():
    (night,) = panel.grid([run("curate", done=30, total=40, finished_at=NOW, state="done")], NOW.date(), 1)

    assert (night.filled, night.fill_height) == (75, 30)


def test_failed_items_colour_a_finished_stage():
    (night,) = panel.grid([run(state="done", finished_at=NOW, failed=1)], NOW.date(), 1)

    assert {name: state for name, state, _ in night.squares}["ingest"] == "failed"


def test_the_grid_turned_over_has_a_row_for_each_stage():
    rows = panel.by_stage(panel.grid([], NOW.date(), 4))

    assert [one["stage"] for one in rows] == list(panel.STAGES)
    assert all(len(one["squares"]) == 4 for one in rows)
