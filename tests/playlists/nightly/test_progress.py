"""How far a stage is, from real rows: each item done, failed or left; the left due, held or put off."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from accounts.models import Circuit
from catalog import advisory_locks
from catalog.genres import artist_rows, sources
from catalog.genres.provider import NoGenre
from catalog.models import AlbumSource, Artist, FeatureSource, Track
from playlists import locks
from playlists.models import ManagerPlan, Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import panel, progress, runs
from playlists.rotation import snapshots
from tests import second_connection
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
NOW, TODAY = worlds.NOW, worlds.TODAY
MINUTE = dt.timedelta(minutes=1)
LONG_AGO = NOW - dt.timedelta(days=9)


def of(stage):
    run = StageRun.objects.get_or_create(stage=stage, run_date=TODAY, defaults={"scheduled_at": NOW})[0]
    return progress.of(run, NOW + MINUTE)


def parts(counted):
    return (counted.done, counted.failed, counted.due, counted.held, counted.later)


def album(number, status, **fields):
    return AlbumSource.objects.create(
        url="x", spotify_album_id=worlds.spotify_id(number), status=status, created_at=LONG_AGO, **fields
    )


def held_by_another(kind, number):
    other = second_connection.opened(autocommit=True)
    other.execute("SELECT pg_advisory_lock(%s, %s)", [kind, number])
    return other


def test_a_date_is_planned_once_a_plan_was_applied():
    assert parts(of("scale")) == (0, 0, 1, 0, 0)

    fields = {"run_date": TODAY, "stats": {}, "digest": "x", "created_at": NOW}
    ManagerPlan.objects.create(status="proposed", **fields)
    assert not of("scale").is_over

    ManagerPlan.objects.create(status="applied", applied_at=NOW, **fields)
    assert parts(of("scale")) == (1, 0, 0, 0, 0)
    assert of("scale").is_over


@pytest.fixture
def albums():
    """One of each kind, all handed in long before the night; two ended before it."""
    album(1, "queued")
    album(2, "queued", not_before=NOW + 5 * MINUTE)
    album(3, "queued", not_before=NOW)
    album(4, "fetching", claim=uuid.uuid4(), claimed_until=NOW + 5 * MINUTE)
    album(5, "fetching", claim=uuid.uuid4(), claimed_until=NOW - MINUTE)
    album(6, "ingested", ingested_at=NOW)
    album(7, "ingested", ingested_at=LONG_AGO)
    album(8, "failed", failure_reason="Gone.", failed_at=NOW)
    album(9, "failed", failure_reason="Gone.", failed_at=LONG_AGO)


def test_every_album_is_counted_once_and_failures_by_when_they_failed(albums):
    counted = of("ingest")

    assert parts(counted) == (1, 1, 3, 1, 1)
    assert (counted.total, counted.left, counted.until) == (7, 5, NOW + 5 * MINUTE)
    assert not counted.is_over


def test_what_an_ingest_waits_for_is_said(albums):
    assert of("ingest").waits_for == (
        "1 albums that other workers hold, 3 albums that are due, 1 albums that wait until 04:15:00 UTC"
    )


def test_a_night_whose_albums_have_all_ended_is_over_and_not_cut_short(albums):
    AlbumSource.objects.unfinished().delete()
    run = runs.begin("ingest", TODAY, trigger="ada", now=NOW)
    assert of("ingest").is_over

    runs.finish(run, counted=of("ingest"), now=NOW + MINUTE)

    assert (run.state, run.done, run.failed, run.total) == ("incomplete", 1, 1, 2)
    assert not panel.is_cut_short(run)


def test_a_night_closed_before_its_albums_ended_is_cut_short_whatever_failed(albums):
    run = runs.begin("ingest", TODAY, trigger="ada", now=NOW)

    runs.finish(run, counted=of("ingest"), now=NOW + MINUTE)

    assert (run.done, run.failed, run.total) == (1, 1, 7)
    assert panel.is_cut_short(run)


def test_tracks_with_and_without_features_are_done_and_the_rest_is_left():
    known, absent, *_ = worlds.tracks(5)
    Track.objects.filter(pk=known.pk).update(audio_features={}, features_source="reccobeats", features_at=NOW)
    Track.objects.filter(pk=absent.pk).update(features_absent_at=NOW)

    assert parts(of("enrich")) == (2, 0, 3, 0, 0)


def test_tracks_that_another_worker_asks_about_are_held():
    worlds.tracks(2)

    with held_by_another(advisory_locks.ENRICH, 0):
        assert parts(of("enrich")) == (0, 0, 0, 2, 0)


def test_tracks_wait_while_their_source_wants_to_be_left_alone():
    worlds.tracks(2)
    until = NOW + dt.timedelta(hours=1)
    FeatureSource.objects.create(name="reccobeats", blocked_until=until, reason="Too many.")

    counted = of("enrich")

    assert (parts(counted), counted.until) == ((0, 0, 0, 0, 2), until)
    assert not counted.is_over


def test_features_are_not_over_while_a_worker_holds_albums(albums):
    counted = of("enrich")
    assert (counted.left, counted.albums_to_come, counted.is_over) == (0, 1, False)
    assert counted.waits_for == "the tracks of 1 album that other workers hold"

    AlbumSource.objects.filter(status="fetching").delete()
    assert of("enrich").is_over


@pytest.fixture
def unlabelled(settings):
    """Two artists whom nobody was asked about, and one who was, tonight; no track lacks its features."""
    settings.OPERATOR_CONTACT, settings.AUDIO_FEATURES_SOURCE = "ops@example.org", "none"
    for number in range(3):
        Artist.objects.create(spotify_id=worlds.spotify_id(number))
    artist_rows.record("wikidata", {worlds.spotify_id(0): NoGenre()}, now=NOW)


def test_artists_without_an_answer_keep_the_stage_open(unlabelled):
    counted = of("enrich")

    assert parts(counted) == (1, 0, 2, 0, 0)
    assert counted.waits_for == "2 artists that are due"


def test_artists_whose_sources_rest_keep_nobody_waiting(unlabelled):
    Circuit.objects.create(app=sources.APP, bucket="wikidata", state="open", open_until=NOW + 9 * MINUTE)

    assert of("enrich").is_over


def test_without_a_source_there_is_nothing_to_ask(settings):
    settings.AUDIO_FEATURES_SOURCE = "none"
    worlds.tracks(2)

    assert of("enrich").is_over


def test_lists_are_built_held_or_still_to_come():
    playlists = [worlds.playlist() for _ in range(4)]
    for row, state in zip(playlists, ("built", "held", "replaced"), strict=False):
        Snapshot.objects.create(
            playlist=row, date=TODAY, state=state, size=1, reason="Short.", created_at=NOW
        )
    Playlist.objects.filter(pk=playlists[3].pk).update(status="paused")

    counted = of("curate")

    assert parts(counted) == (1, 1, 1, 0, 0)
    assert counted.detail == {"built": 1, "held": 1}


@pytest.fixture
def copies(settings):
    """Five copies with a list to carry, each on an account of its own."""
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    worlds.tracks(60)
    made = [worlds.placed(worlds.account()) for _ in range(5)]
    snapshots.build(TODAY, now=NOW)
    return made


def up(copy, **fields):
    newest = Snapshot.objects.get(playlist=copy.playlist_id)
    PlaylistCopy.objects.filter(pk=copy.pk).update(
        status="synced", synced_snapshot=newest, last_synced_at=NOW, spotify_playlist_id=f"copy{copy.pk}",
        **fields,
    )  # fmt: skip


def test_every_copy_is_counted_once(copies):
    up(copies[0])
    PlaylistCopy.objects.filter(pk=copies[1].pk).update(
        status="error", error_kind="full", error_message="Full."
    )
    PlaylistCopy.objects.filter(pk=copies[2].pk).update(not_before=NOW + 3 * MINUTE)
    copies[3].account.status = "needs_reauth"
    copies[3].account.save()

    counted = of("sync")

    assert parts(counted) == (1, 2, 1, 0, 1)
    assert counted.detail == {"trouble": {"full": 1, "needs_reauth": 1}}
    assert (counted.error, counted.until) == ("1 × full, 1 × needs_reauth", NOW + 3 * MINUTE)


def test_copies_on_an_account_that_another_process_writes_to_are_held(copies):
    with held_by_another(locks.SYNC, copies[0].account_id):
        assert parts(of("sync")) == (0, 0, 4, 1, 0)

    with locks.account(copies[0].account_id):
        assert parts(of("sync")) == (0, 0, 5, 0, 0)


def test_a_sync_is_not_over_while_old_places_are_up(copies):
    for copy in copies:
        up(copy)
    assert of("sync").is_over

    moved, retired = copies[:2]
    PlaylistCopy.objects.filter(pk=moved.pk).update(is_wanted=False)
    assert of("sync").is_over  # nothing can take its place yet: it stays up

    successor = PlaylistCopy.objects.create(playlist=moved.playlist, account=worlds.account())
    assert parts(of("sync")) == (4, 0, 1, 0, 0)
    up(successor)
    assert parts(of("sync")) == (5, 0, 1, 0, 0)

    Playlist.objects.filter(pk=retired.playlist_id).update(status="retired")
    assert parts(of("sync")) == (4, 0, 2, 0, 0)
    PlaylistCopy.objects.filter(pk=retired.pk).update(
        status="error", error_message="No.", error_kind="refused"
    )
    PlaylistCopy.objects.filter(pk=moved.pk).update(status="archived")
    assert parts(of("sync")) == (4, 1, 0, 0, 0)
