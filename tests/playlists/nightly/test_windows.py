"""Which windows are due: tables over crontabs and moments, and thirty days with outages."""

from __future__ import annotations

import datetime as dt

import pytest
from celery.schedules import crontab

from playlists.nightly import windows

FOUR = crontab(hour=4, minute=0)


def at(text):
    return dt.datetime.fromisoformat(f"{text}:00+00:00")


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-11-25T04:00", "2026-11-25T04:00"),
        ("2026-11-25T03:59", "2026-11-24T04:00"),
        ("2026-11-25T23:00", "2026-11-25T04:00"),
        ("2026-11-26T01:00", "2026-11-25T04:00"),
        ("2028-02-29T05:00", "2028-02-29T04:00"),
        ("2027-01-01T03:00", "2026-12-31T04:00"),
        ("2026-10-25T04:30", "2026-10-25T04:00"),
    ],
)
def test_the_last_time_a_crontab_names(now, expected):
    assert windows.last_time(FOUR, at(now), windows.LOOK_BACK) == at(expected)


@pytest.mark.parametrize(
    "cron, now, expected",
    [
        (crontab(minute="*/30"), "2026-11-25T04:31", "2026-11-25T04:30"),
        (crontab(minute="*/30"), "2026-11-25T04:29", "2026-11-25T04:00"),
        (crontab(hour="2,16", minute=5), "2026-11-25T15:00", "2026-11-25T02:05"),
        (crontab(hour=4, minute=0, day_of_week="0"), "2026-11-29T04:00", "2026-11-29T04:00"),  # a Sunday
        (crontab(hour=4, minute=0, day_of_week="0"), "2026-11-30T04:01", None),
        (crontab(hour=4, minute=0, day_of_month="1"), "2026-12-01T09:00", "2026-12-01T04:00"),
        (crontab(hour=4, minute=0, month_of_year="6"), "2026-12-01T09:00", None),
    ],
)
def test_crontabs_as_operators_write_them(cron, now, expected):
    assert windows.last_time(cron, at(now), windows.LOOK_BACK) == (expected and at(expected))


def test_a_window_later_than_twelve_hours_is_missed():
    (open_one,) = windows.due([("curate", FOUR)], at("2026-11-25T16:00"), None)
    (missed,) = windows.due([("curate", FOUR)], at("2026-11-25T16:01"), None)

    assert (open_one.is_missed, missed.is_missed) == (False, True)
    assert open_one.run_date == dt.date(2026, 11, 25)


def test_nothing_was_missed_before_the_schedule_existed():
    assert windows.due([("curate", FOUR)], at("2026-11-25T10:00"), at("2026-11-25T09:00")) == []
    assert windows.due([("curate", FOUR)], at("2026-11-26T04:00"), at("2026-11-25T09:00"))


@pytest.mark.parametrize("outage_hours", [0.5, 3, 11, 13, 30])
def test_thirty_days_with_an_outage_each_miss_nothing_that_could_still_run(outage_hours):
    """The minute's tick in a world where nothing runs for some hours a day, from 03:30 on."""
    opened: dict[tuple[str, dt.date], int] = {}
    start = at("2026-11-01T00:00")
    rows = [("scale", crontab(hour=2, minute=0)), ("curate", FOUR)]
    for minute in range(30 * 24 * 60):
        now = start + dt.timedelta(minutes=minute)
        into = (now - now.replace(hour=3, minute=30)).total_seconds() / 3600
        is_down = 0 <= into < outage_hours if outage_hours < 24 else now.day % 3 == 0
        if is_down or minute % 5:
            continue
        for window in windows.due(rows, now, start):
            key = (window.stage, window.run_date)
            opened.setdefault(key, 0)
            opened[key] += not window.is_missed and opened[key] == 0
    curated = sum(count for (stage, _), count in opened.items() if stage == "curate")

    assert max(opened.values()) == 1
    if outage_hours <= 11:
        assert curated == 30
    if outage_hours == 13:
        assert curated == 0


@pytest.mark.parametrize(
    "after, planned",
    [("01:59", "25 02:00"), ("02:00", "26 02:00"), ("04:10", "26 02:00"), ("23:59", "26 02:00")],
)
def test_the_next_time_of_a_stage_is_after_the_moment(after, planned):
    rows = [("scale", crontab(hour=2, minute=0)), ("sync", crontab(hour=4, minute=10))]
    hour, minute = map(int, after.split(":"))

    found = windows.next_planned(rows, "scale", dt.datetime(2026, 11, 25, hour, minute, tzinfo=dt.UTC))

    assert f"{found:%d %H:%M}" == planned


def test_where_a_stage_is_not_scheduled_the_next_is_a_day_away():
    now = dt.datetime(2026, 11, 25, 4, 10, tzinfo=dt.UTC)
    sundays = [("scale", crontab(hour=2, minute=0, day_of_week="sun"))]

    assert windows.next_planned([], "scale", now) == now + dt.timedelta(days=1)
    assert windows.next_planned(sundays, "scale", now) == now + dt.timedelta(days=1)
    assert windows.planned(sundays, "scale", now.date()) is None
