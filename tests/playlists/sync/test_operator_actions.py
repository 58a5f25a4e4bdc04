"""What an operator decides about one copy, carried out by the next push on the real sandbox."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from playlists.models import PlaylistCopy, Snapshot
from playlists.rotation import snapshots
from playlists.sync import operator_actions, push
from tests.playlists import worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sandbox(albums=12)]
TODAY, DAY = worlds.TODAY, dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2


@pytest.fixture
def copy(sandbox):
    """A copy that is up, on an account that is logged in."""
    worlds.tracks(60, ids=[track.spotify_id for track in sandbox.world.tracks[:60]])
    copy = worlds.placed(worlds.connected(), drift="hold")
    snapshots.build(TODAY, now=worlds.NOW)
    pushed(copy)
    copy.refresh_from_db()
    return copy


def pushed(copy):
    return push.push(copy.pk, now=timezone.now()).state


def newest(copy):
    snapshot = Snapshot.objects.built().filter(playlist=copy.playlist).newest_first()[0]
    return list(snapshot.entries.order_by("position").values_list("spotify_track_id", flat=True))


def edited(sandbox, copy):
    """Somebody shortens the playlist on Spotify, and the day's push holds."""
    (there,) = sandbox.world.playlists
    there.entries = there.entries[:4]
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)
    assert pushed(copy) == "waiting"
    return there


def test_an_edit_that_is_kept_stays_until_the_next_list(copy, sandbox):
    there = edited(sandbox, copy)
    by_hand = there.track_ids

    operator_actions.keep_edit(copy.pk)

    assert pushed(copy) == "synced"
    assert there.track_ids == by_hand
    assert there.name.endswith("2026-11-26")
    snapshots.build(TODAY + 2 * DAY, now=worlds.NOW + 2 * DAY)
    assert pushed(copy) == "synced"
    assert there.track_ids == newest(copy)


def test_an_edit_is_kept_also_where_the_push_is_interrupted(copy, sandbox):
    there = edited(sandbox, copy)
    by_hand = there.track_ids
    operator_actions.keep_edit(copy.pk)
    sandbox.faults.add("status", method="PUT", path=f"/playlists/{there.spotify_id}", status=503, times=0)
    pushed(copy)
    sandbox.faults.clear()
    PlaylistCopy.objects.update(not_before=None)

    assert pushed(copy) == "synced"
    assert there.track_ids == by_hand


def test_an_edit_that_is_overwritten_gives_way_to_the_newest_list(copy, sandbox):
    there = edited(sandbox, copy)

    operator_actions.overwrite_edit(copy.pk)

    assert pushed(copy) == "synced"
    assert there.track_ids == newest(copy)


def test_a_detached_playlist_is_left_alone_and_another_is_made(copy, sandbox):
    old = copy.spotify_playlist_id

    operator_actions.detach(copy.pk)

    assert pushed(copy) == "synced"
    copy.refresh_from_db()
    assert copy.spotify_playlist_id != old
    assert copy.former_ids == [old]
    assert {one.spotify_id for one in sandbox.world.playlists} == {old, copy.spotify_playlist_id}


def test_a_copy_made_anew_takes_the_old_one_off_only_when_it_is_up(copy, sandbox):
    old = copy.spotify_playlist_id
    operator_actions.recreate(copy.pk)
    sandbox.faults.add("status", method="PUT", path="/items", status=503, times=0)
    pushed(copy)
    both = {one.spotify_id for one in sandbox.world.playlists}
    sandbox.faults.clear()
    PlaylistCopy.objects.update(not_before=None)

    assert pushed(copy) == "synced"

    copy.refresh_from_db()
    assert old in both
    assert [one.spotify_id for one in sandbox.world.playlists] == [copy.spotify_playlist_id]
    assert (copy.leftovers, copy.former_ids) == ([], [old])


def test_a_removal_that_failed_is_tried_again_without_making_another(copy, sandbox):
    operator_actions.recreate(copy.pk)
    sandbox.faults.add("status", method="DELETE", status=503, times=0)
    assert pushed(copy) == "waiting"
    sandbox.faults.clear()
    PlaylistCopy.objects.update(not_before=None)

    assert pushed(copy) == "synced"
    assert len(sandbox.world.playlists) == 1


@pytest.mark.parametrize(
    "decide, words",
    [
        (operator_actions.keep_edit, "No edit by hand waits"),
        (operator_actions.detach, "next push makes one"),
        (operator_actions.recreate, "next push makes one"),
    ],
)
def test_what_can_not_be_done_is_refused_in_words(decide, words, db):
    copy = worlds.placed(worlds.account())

    with pytest.raises(operator_actions.NotPossible, match=words):
        decide(copy.pk)


def test_nothing_is_decided_over_a_worker_or_about_an_archived_copy(copy, another_connection):
    PlaylistCopy.objects.update(status="archived")
    with pytest.raises(operator_actions.NotPossible, match="archived"):
        operator_actions.detach(copy.pk)
    PlaylistCopy.objects.update(status="synced")
    another_connection.execute("SELECT pg_advisory_lock(%s, %s)", [push.locks.SYNC, copy.account_id])

    with pytest.raises(operator_actions.NotPossible, match="try again in a minute"):
        operator_actions.detach(copy.pk)


@pytest.fixture
def another_connection(transactional_db):
    from django.db import connection

    with connection.copy().cursor() as cursor:
        yield cursor
        cursor.db.close()
