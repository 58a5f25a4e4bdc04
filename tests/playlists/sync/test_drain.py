"""What a night writes first, and what trying again rings for: the rest, and only that."""

from __future__ import annotations

import datetime as dt

import pytest

from playlists.models import PlaylistCopy
from playlists.rotation import snapshots
from playlists.sync import drain, resync
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
LATER = worlds.NOW + dt.timedelta(minutes=5)


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2


def network(*importances: int) -> list[PlaylistCopy]:
    worlds.tracks(10 * len(importances))
    owner = worlds.account()
    made = [worlds.placed(owner, importance=importance) for importance in importances]
    snapshots.build(worlds.TODAY, now=worlds.NOW)
    return made


def synced(copy: PlaylistCopy) -> None:
    newest = copy.playlist.snapshots.get()
    PlaylistCopy.objects.filter(pk=copy.pk).update(
        status="synced", synced_snapshot=newest, last_synced_at=worlds.NOW,
        spotify_playlist_id=worlds.spotify_id(copy.pk),
    )  # fmt: skip


def test_the_most_important_playlist_is_written_first_and_then_by_number():
    first, loved, last = network(0, 9, 0)

    assert list(drain.due(worlds.NOW)) == [loved, first, last]


def test_trying_again_is_one_message_an_account_however_many_copies_wait(
    redis_db, django_capture_on_commit_callbacks
):
    _, loved, _ = network(0, 9, 0)
    worlds.tracks(10)
    elsewhere = worlds.placed(worlds.account("Other"))
    snapshots.build(worlds.TODAY + dt.timedelta(days=4), now=worlds.NOW)

    with django_capture_on_commit_callbacks(execute=True):
        answer = resync.sync_all(worlds.NOW)

    assert answer["queued"] == 4
    asked = [kwargs["copy_id"] for _, kwargs in worlds.rung(redis_db, "sync")]
    assert sorted(asked) == sorted([loved.pk, elsewhere.pk])


def test_trying_again_rings_for_what_failed_and_for_nothing_that_is_up():
    up, failed, in_doubt = network(0, 0, 0)
    synced(up)
    PlaylistCopy.objects.filter(pk=failed.pk).update(
        status="error", error_kind="forbidden", error_message="No.", not_before=LATER, attempts=6
    )
    PlaylistCopy.objects.filter(pk=in_doubt.pk).update(error_kind="in_doubt", not_before=LATER)

    rung = resync.sync_all(worlds.NOW)

    assert rung == {"queued": 1, "copies": [failed.pk], "why": ""}
    failed.refresh_from_db()
    assert (failed.not_before, failed.attempts) == (None, 0)
