"""Canaries: one, then a few, then the rest; failures stop the run and ask."""

from __future__ import annotations

import pytest

from playlists import draining, guard, night, pause, rotation
from playlists.models import Pause, Placement
from tests.playlists import worlds

NOW = worlds.NOW


@pytest.mark.parametrize(
    "total, done, failed, room",
    [
        (100, 0, 0, None),
        (400, 0, 0, 1),
        (400, 1, 0, 19),
        (400, 0, 1, -1),
        (400, 19, 0, 1),
        (400, 20, 0, None),
        (400, 17, 3, None),
        (400, 15, 5, -1),
        (400, 300, 76, -1),
        (400, 300, 70, None),
    ],
)
def test_room(total, done, failed, room):
    assert guard.room(guard.Flock(total, done, failed), above=100, share=0.2) == room


@pytest.mark.django_db
def test_when_the_canaries_fail_the_network_is_paused_and_asks(settings):
    settings.SYNC_CANARY_ABOVE, settings.TRACKS_PER_PLAYLIST = 2, 10
    worlds.tracks(60)
    home = worlds.account()
    copies = [worlds.placed(home) for _ in range(3)]
    rotation.build(worlds.TODAY, now=NOW)
    run = night.begin("sync", worlds.TODAY, trigger="test", now=NOW)
    night.note(run, failed_before=guard.failing_now())
    assert guard.check(NOW) == 1

    Placement.objects.filter(pk=copies[0].pk).update(
        status="error", error_kind="refused", error_message="No."
    )
    assert guard.check(NOW) == -1

    assert pause.current(NOW).paused_by == guard.BY
    assert "1 of the first 1 copies failed" in pause.current(NOW).reason
    pause.lift(by="ada", now=NOW)
    assert guard.check(NOW) is None
    assert Pause.objects.count() == 1


@pytest.mark.django_db
def test_what_failed_before_the_run_is_not_held_against_it(settings):
    settings.SYNC_CANARY_ABOVE, settings.TRACKS_PER_PLAYLIST = 0, 10
    worlds.tracks(60)
    copy = worlds.placed(worlds.account())
    rotation.build(worlds.TODAY, now=NOW)
    Placement.objects.filter(pk=copy.pk).update(status="error", error_kind="refused", error_message="No.")
    run = night.begin("sync", worlds.TODAY, trigger="test", now=NOW)
    night.note(run, failed_before=guard.failing_now())

    assert guard.check(NOW) == 1
    assert not draining.due(NOW).exclude(account__status="active").exists()
