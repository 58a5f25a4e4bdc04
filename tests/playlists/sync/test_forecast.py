"""What a night will cost, said before it starts."""

from __future__ import annotations

import datetime as dt

import pytest

from playlists import tasks
from playlists.models import ScheduleSeed, StageRun
from playlists.nightly import schedule
from playlists.sync import forecast
from tests.playlists import worlds

PLAN = worlds.NOW.replace(hour=2, minute=0)


@pytest.mark.parametrize(
    "changed, new, gone, calls, minutes",
    [(686, 0, 0, 1_372, 12), (5_716, 0, 0, 11_432, 98), (0, 10, 0, 30, 0), (1, 1, 1, 6, 0), (0, 0, 0, 0, 0)],
)
def test_calls_and_minutes(changed, new, gone, calls, minutes):
    found = forecast.Forecast(changed, new, gone, calls_per_30s=60, seconds_left=22 * 3600)

    assert found.calls == calls
    assert round(found.seconds / 60) == minutes
    assert found.fits


def test_what_will_not_fit_is_said():
    found = forecast.Forecast(5_716, 0, 0, calls_per_30s=60, seconds_left=3600)

    assert not found.fits
    assert "Only about 3,512 copies fit" in found.sentence()


def test_a_night_beyond_the_daily_budget_of_writes_does_not_fit():
    within = forecast.Forecast(100, 40, 20, calls_per_30s=60, seconds_left=80_000, looks=9, writes_a_day=300)
    beyond = forecast.Forecast(100, 41, 20, calls_per_30s=60, seconds_left=80_000, looks=9, writes_a_day=300)

    assert (within.writes, within.fits) == (300, True)
    assert not beyond.fits
    assert "Only about 150 copies fit" in beyond.sentence()


def test_without_a_pace_the_budget_alone_bounds_a_night():
    beyond = forecast.Forecast(200, 0, 0, calls_per_30s=0, seconds_left=3600, writes_a_day=300)

    assert "Only about 150 copies fit" in beyond.sentence()


@pytest.mark.django_db
def test_at_the_plan_every_wanted_copy_counts_and_the_time_is_the_syncs(settings):
    settings.SPOTIFY_CALLS_PER_30S = 60
    owner = worlds.account()
    there = worlds.placed(owner)
    there.spotify_playlist_id = worlds.spotify_id(1)
    there.save()
    worlds.placed(owner)
    worlds.placed(owner, status="paused")
    worlds.placed(worlds.account(status="paused"))
    gone = worlds.placed(owner)
    gone.is_wanted = False
    gone.save()

    found = forecast.of_the_coming_night(
        PLAN + dt.timedelta(hours=2, minutes=10), ends=PLAN + dt.timedelta(days=1)
    )

    assert (found.changed, found.new, found.gone, found.looks) == (1, 1, 1, 1)
    assert found.calls == 2 + 3 + 1 + 1
    assert found.seconds_left == (21 * 60 + 50) * 60


@pytest.mark.django_db
def test_what_will_not_fit_is_said_at_two_in_the_morning(settings, time_machine):
    settings.TRACKS_PER_PLAYLIST, settings.FLOOR_TOTAL_PLAYLISTS = 10, 30
    settings.SPOTIFY_CALLS_PER_30S = 0.01  # one call in fifty minutes: 26 until the next plan
    worlds.tracks(40)
    worlds.policy()
    worlds.account()
    schedule.seed()
    ScheduleSeed.objects.update(seeded_at=PLAN - dt.timedelta(days=1))
    time_machine.move_to(PLAN, tick=False)

    tasks.scale_playlists_daily(scheduled=True)

    said = StageRun.objects.get(stage="scale").detail["forecast"]
    assert not said["fits"]
    assert "fit before the next plan, the most important first" in said["words"]
