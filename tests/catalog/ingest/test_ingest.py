"""Ingest against the sandbox: every album ends ingested or with a reason, in as few calls as can be."""

from __future__ import annotations

import datetime as dt
import math
import random
import uuid
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from accounts.gateway_state import gateways
from accounts.models import Circuit
from accounts.spotify import errors
from catalog.ingest import error_policy, ingest, queue
from catalog.intake import batches, blocks
from catalog.models import Album, AlbumSource, Track
from sandbox import odd
from tests import second_connection

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def submit(sandbox, count: int = 60) -> None:
    batches.enqueue(sandbox.album_links(count), by="test", now=NOW)


def drain(now: dt.datetime = NOW, **options) -> ingest.IngestResult:
    return ingest.run(gateway=gateways.for_app(lane="ingest"), now=now, rng=random.Random(1), **options)


def paths(sandbox) -> Counter[str]:
    return Counter(call.path.strip("/").split("/")[-1] for call in sandbox.calls)


def states() -> Counter[str]:
    return Counter(AlbumSource.objects.values_list("status", flat=True))


def test_every_album_of_the_sandbox_ends_ingested_or_with_a_reason(sandbox):
    submit(sandbox)

    outcome = drain()

    assert (outcome.ingested, outcome.failed, outcome.requeued) == (59, 1, 0)
    assert states() == {"ingested": 59, "failed": 1}
    assert AlbumSource.objects.get(status="failed").failure_reason == error_policy.UNKNOWN
    albums = Album.objects.filter(sources__status="ingested")
    assert sorted(albums.values_list("total_tracks", flat=True))[-1] == odd.HUGE_TRACKS
    for album in albums:
        assert album.sources.get().track_links.count() == album.total_tracks


@pytest.mark.extended
def test_the_tracks_know_isrc_popularity_and_whether_they_play(sandbox):
    submit(sandbox)

    drain()

    assert not Track.objects.filter(isrc=None).exists()
    assert not Track.objects.filter(popularity=None).exists()
    counted = Track.objects.usability()
    assert counted["not_playable"] > 0
    assert counted["usable"] + counted["not_playable"] == counted["total"]


@pytest.mark.extended
def test_the_calls_are_the_fewest_that_extended_mode_allows(sandbox):
    submit(sandbox)

    drain()

    tracks = Track.objects.count()
    pages = math.ceil(odd.HUGE_TRACKS / 50) - 1
    fewest = 60 / 20 + pages + math.ceil(tracks / 50)
    calls = sum(call.path.startswith("/v1") for call in sandbox.calls)
    assert calls <= fewest * 1.02 + 1


@pytest.mark.sandbox(albums=60, mode="development")
def test_development_mode_ingests_one_by_one(sandbox):
    submit(sandbox)

    outcome = drain()

    assert (outcome.ingested, outcome.failed) == (59, 1)
    assert sum("/albums/" in call.path for call in sandbox.calls) == 60 + 2
    assert not Track.objects.exclude(popularity=None).exists()


@pytest.mark.sandbox(albums=60, mode="development")
def test_development_mode_goes_on_where_it_stopped(sandbox):
    submit(sandbox)

    first = drain(limit=25)
    second = drain()

    assert (first.ingested + first.failed, second.ingested + second.failed) == (25, 35)


@pytest.mark.sandbox(albums=60, mode="development")
def test_development_mode_goes_on_for_days_under_a_quota(sandbox):
    submit(sandbox)
    days = []

    for day in range(4):
        sandbox.faults.add("quota", path="/v1/albums/", retry_after=20 * 3600, nth=20)
        days.append(drain(timezone.now() + dt.timedelta(days=day)).ingested)
        sandbox.faults.clear()
        Circuit.objects.all().delete()  # the day is over

    assert all(days)
    assert states() == {"ingested": 59, "failed": 1}
    assert set(AlbumSource.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.sandbox(albums=60, mode="development")
def test_development_mode_goes_on_day_by_day_within_its_own_budget(sandbox, settings, time_machine):
    settings.SPOTIFY_DAILY_CALLS = {"catalogue": 25}
    submit(sandbox)
    begin, asked = timezone.now(), []

    for day in range(4):
        time_machine.move_to(begin + dt.timedelta(hours=26 * day))
        before = len(sandbox.calls)
        drain(timezone.now())
        asked.append(sum("/albums/" in call.path for call in sandbox.calls[before:]))

    assert asked == [25, 25, 60 + 2 - 50, 0]
    assert states() == {"ingested": 59, "failed": 1}
    assert set(AlbumSource.objects.values_list("attempts", flat=True)) == {1}
    assert not [call for call in sandbox.calls if call.status == 429]


def test_ingesting_again_refreshes_and_doubles_nothing(sandbox):
    submit(sandbox)
    drain()
    before = (Album.objects.count(), Track.objects.count())

    ingest.refresh(AlbumSource.objects.filter(status="ingested").values_list("id", flat=True))
    outcome = drain()

    assert outcome.ingested == 59
    assert (Album.objects.count(), Track.objects.count()) == before


@pytest.mark.extended
def test_a_closed_door_gives_every_album_back_without_counting_the_attempt(sandbox):
    submit(sandbox)
    sandbox.faults.add("quota", path="/v1/albums", retry_after=4 * 3600)

    outcome = drain()

    assert (outcome.ingested, outcome.failed) == (0, 0)
    assert outcome.blocked_until is not None
    assert states() == {"queued": 60}
    assert AlbumSource.objects.filter(attempts=0, claim=None).count() == 60
    assert AlbumSource.objects.exclude(not_before=None).count() == 20
    asked = len(sandbox.calls)
    drain()
    assert len(sandbox.calls) == asked


@pytest.mark.extended
def test_a_door_that_closes_in_between_keeps_what_is_complete(sandbox):
    submit(sandbox)
    sandbox.faults.add("quota", path="/v1/tracks", retry_after=4 * 3600, nth=3)

    outcome = drain()

    assert outcome.ingested > 0
    assert outcome.ingested == Album.objects.count()
    assert states() == {"ingested": outcome.ingested, "queued": 60 - outcome.ingested}
    assert not AlbumSource.objects.filter(status="queued", attempts__gt=0).exists()


@pytest.mark.extended
def test_a_null_slot_is_an_album_that_spotify_does_not_know(sandbox):
    submit(sandbox, 20)
    sandbox.faults.add("nulls", path="/v1/albums", slots=[3])

    drain()

    assert AlbumSource.objects.filter(status="failed").count() == 1


def test_an_album_that_changes_between_its_pages_is_read_again(sandbox):
    huge = sandbox.album_links(60)[odd.HUGE]
    batches.enqueue([huge], by="test", now=NOW)
    sandbox.faults.add("retype", path="/v1/albums/.*/tracks", key="total", value=131)

    drain()

    assert AlbumSource.objects.get().track_links.count() == odd.HUGE_TRACKS
    assert sum("/tracks" in call.path and "/albums/" in call.path for call in sandbox.calls) > 2


def test_albums_of_a_blocked_artist_fail_with_the_reason(sandbox):
    submit(sandbox, 3)
    drain()
    artist = Album.objects.order_by("id").first().artist_ids[0]
    blocks.add(kind="artist", spotify_id=artist, reason="asked us to", by="somebody")

    ingest.refresh(AlbumSource.objects.values_list("id", flat=True))
    drain()

    refused = AlbumSource.objects.filter(album__artist_ids__contains=[artist])
    assert {source.failure_reason for source in refused} == {"Blocked: asked us to"}


def test_a_dead_workers_album_is_taken_over_when_its_lease_ends(sandbox):
    submit(sandbox, 5)
    queue.take(ingest.uuid.uuid4(), count=5, now=NOW)

    assert drain(NOW + dt.timedelta(minutes=4)).ingested == 0
    assert drain(NOW + dt.timedelta(minutes=6)).ingested == 5


def test_an_album_that_kills_its_worker_six_times_is_buried(sandbox):
    submit(sandbox, 1)
    for attempt in range(6):
        queue.take(ingest.uuid.uuid4(), count=1, now=NOW + dt.timedelta(hours=attempt))

    drain(NOW + dt.timedelta(hours=9))

    source = AlbumSource.objects.get()
    assert (source.status, source.failure_reason) == ("failed", error_policy.WORKER_LOST)
    assert not sandbox.calls


def test_an_album_that_the_database_refuses_fails_alone(sandbox, monkeypatch):
    submit(sandbox, 20)
    bad = sandbox.album_links(20)[11][-22:]
    plain = ingest.storing.mapping.album_row

    def oversized(album):
        return plain(album) | ({"release_date": "x" * 99} if album.spotify_id == bad else {})

    monkeypatch.setattr("catalog.ingest.mapping.album_row", oversized)

    assert drain().ingested == 19
    assert AlbumSource.objects.get(status="failed").failure_reason == error_policy.UNSTORABLE


@pytest.mark.extended
def test_time_that_is_up_ends_a_run_with_nothing_left_held(sandbox):
    submit(sandbox)
    left = iter([1.0, 0.0])

    outcome = drain(time_left=lambda: next(left))

    assert outcome.ingested == 20
    assert states() == {"ingested": 20, "queued": 40}


@pytest.mark.django_db(transaction=True)
@pytest.mark.extended
def test_a_database_that_breaks_off_lets_go_of_what_was_in_hand(sandbox):
    submit(sandbox)
    gateway = gateways.for_app(lane="ingest")
    read = gateway.albums

    def crash(ids):
        gateway.albums = read
        with second_connection.opened() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return read(ids)

    gateway.albums = crash
    outcome = ingest.run(gateway=gateway, now=NOW, sleep=lambda seconds: None)

    assert (outcome.ingested, outcome.requeued, outcome.blocked_until) == (0, 20, None)
    assert AlbumSource.objects.filter(status="queued", attempts=0, claim=None).count() == 60
    assert drain().ingested == 59


def test_higher_priorities_go_first(sandbox):
    first, *others = sandbox.album_links(30)
    batches.enqueue(others, by="test", priority=-10, now=NOW)
    batches.enqueue([first], by="test", now=NOW)

    drain(limit=1)

    assert AlbumSource.objects.get(status="ingested").url == first


def test_a_failed_album_can_be_tried_again(sandbox):
    submit(sandbox, 2)
    AlbumSource.objects.update(status="failed", failed_at=NOW, failure_reason="x", attempts=6)

    assert ingest.retry(AlbumSource.objects.values_list("id", flat=True)) == 2
    assert drain().ingested == 2
    assert set(AlbumSource.objects.values_list("failure_reason", "attempts")) == {("", 1)}


def test_a_failure_has_its_time_until_the_album_is_queued_again(sandbox):
    submit(sandbox)
    before = timezone.now()
    drain(now=before)
    failed = AlbumSource.objects.get(status="failed")

    assert before <= failed.failed_at <= timezone.now()
    assert not AlbumSource.objects.exclude(pk=failed.pk).exclude(failed_at=None).exists()

    ingest.retry([failed.pk])
    assert AlbumSource.objects.get(pk=failed.pk).failed_at is None


def test_an_album_that_killed_its_worker_in_every_attempt_and_one_set_aside_have_failed_just_now(sandbox):
    submit(sandbox, 2)
    lost, aside = AlbumSource.objects.order_by("id")
    held = {"status": "fetching", "claim": uuid.uuid4(), "claimed_until": NOW - dt.timedelta(seconds=1)}
    AlbumSource.objects.filter(pk=lost.pk).update(attempts=error_policy.MAX_ATTEMPTS, **held)

    queue.fail_abandoned(NOW)
    ingest.set_aside([aside.pk], by="ada", why="a fake", now=NOW)

    assert set(AlbumSource.objects.values_list("status", "failed_at")) == {("failed", NOW)}


def test_what_was_set_aside_is_not_ingested_until_it_is_queued_again(sandbox):
    submit(sandbox, 2)
    aside = AlbumSource.objects.first()

    assert ingest.set_aside([aside.pk], by="somebody", why="a fake", now=NOW) == 1
    assert drain().ingested == 1
    assert not AlbumSource.objects.retryable().exists()

    assert ingest.retry([aside.pk]) == 1
    assert drain().ingested == 1


@pytest.mark.extended
def test_a_crowded_door_is_waited_for(sandbox):
    submit(sandbox)
    gateway = gateways.for_app(lane="ingest")
    waits: list[float] = []
    crowded = iter([True, False, True, False])
    read_albums, read_tracks = gateway.albums, gateway.tracks

    def in_line(read):
        def call(ids):
            if next(crowded, False):
                raise errors.Blocked(
                    timezone.now() + dt.timedelta(seconds=5), reason="a long line", bucket="pace"
                )
            return read(ids)

        return call

    gateway.albums, gateway.tracks = in_line(read_albums), in_line(read_tracks)
    outcome = ingest.run(gateway=gateway, now=timezone.now(), sleep=waits.append)

    assert outcome.blocked_until is None
    assert len(waits) == 2
    assert states() == {"ingested": 39, "failed": 1, "queued": 20}
