"""What tracks sound like: asked once, found or absent, with source and time; nobody is asked too often."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection

from accounts.gateway_state import gateways
from catalog import advisory_locks
from catalog.features import enrich, imports, reccobeats, spotify
from catalog.features.provider import FeaturesError, Provider
from catalog.ingest import queue, storing
from catalog.ingest.fetching import Fetched
from catalog.intake import batches
from catalog.models import FeatureSource, Track
from tests.catalog import albums

NOW = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
CLAIM = uuid.UUID(int=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks() -> list[str]:
    """Ten tracks of one album, in order."""
    return stored(albums.album(1, tracks=10))


def stored(album) -> list[str]:
    batches.enqueue([album.spotify_id], by="test", now=NOW)
    (one,) = queue.take(CLAIM, count=1, now=NOW)
    storing.store(CLAIM, [Fetched(one, album)], {}, now=NOW)
    return [track.spotify_id for track in album.tracks]


def provider(known: dict[str, float], asked: list | None = None, name: str = "reccobeats") -> Provider:
    def fetch(track_ids):
        if asked is not None:
            asked.append(list(track_ids))
        return {track_id: {"energy": known[track_id]} for track_id in track_ids if track_id in known}

    return Provider(name, 4, fetch)


def test_found_tracks_get_measures_source_and_time(tracks):
    asked: list = []

    outcome = enrich.run(now=NOW, provider=provider({tracks[0]: 0.5, tracks[9]: 0.25}, asked))

    assert (outcome.found, outcome.absent, outcome.reason) == (2, 8, "")
    assert [len(call) for call in asked] == [4, 4, 2]
    track = Track.objects.get(spotify_id=tracks[9])
    assert (track.energy, track.danceability, track.audio_features) == (0.25, None, {"energy": 0.25})
    assert (track.features_source, track.features_at) == ("reccobeats", NOW)


def test_an_absent_track_is_left_alone_for_a_week(tracks):
    enrich.run(now=NOW, provider=provider({}))
    asked: list = []

    enrich.run(now=NOW + dt.timedelta(days=6), provider=provider({}, asked))
    assert asked == []
    enrich.run(now=NOW + dt.timedelta(days=8), provider=provider(dict.fromkeys(tracks, 0.1), asked))

    assert sum(len(call) for call in asked) == 10
    assert not Track.objects.exclude(features_absent_at=None).exists()


def test_a_source_that_asks_for_a_pause_gets_it(tracks):
    def fetch(track_ids):
        raise FeaturesError("asks for a pause", seconds=600)

    outcome = enrich.run(now=NOW, provider=Provider("reccobeats", 40, fetch))
    asked: list = []
    during = enrich.run(now=NOW + dt.timedelta(minutes=9), provider=provider({}, asked))
    after = enrich.run(now=NOW + dt.timedelta(minutes=11), provider=provider({}, asked))

    assert outcome.blocked_until == during.blocked_until == NOW + dt.timedelta(minutes=10)
    assert during.reason == "asks for a pause"
    assert after.absent == 10
    assert FeatureSource.objects.count() == 1


def test_without_a_source_nothing_is_done_and_that_is_said(tracks, settings):
    settings.AUDIO_FEATURES_SOURCE = "none"

    outcome = enrich.run(now=NOW)

    assert outcome.reason == enrich.NO_SOURCE
    assert not enrich.due(NOW)


def test_tracks_that_cannot_be_played_are_not_asked_for(tracks):
    Track.objects.update(is_playable=False)

    assert not enrich.due(NOW)


def test_limit_and_time_end_a_run(tracks):
    asked: list = []
    left = iter([1.0, 0.0])

    enrich.run(now=NOW, limit=3, provider=provider({}, asked))
    enrich.run(now=NOW, time_left=lambda: next(left), provider=provider({}, asked))

    assert [len(call) for call in asked] == [3, 4]


def test_another_source_does_not_overwrite(tracks):
    enrich.record({tracks[0]: {"energy": 0.5}}, source="reccobeats", now=NOW)

    assert enrich.record({tracks[0]: {"energy": 0.9}}, source="import", now=NOW) == 0
    assert enrich.record({tracks[0]: {"energy": 0.6}}, source="reccobeats", now=NOW) == 1
    assert enrich.record({tracks[0]: {"energy": 0.9}}, source="import", now=NOW, replace=True) == 1
    assert Track.objects.get(spotify_id=tracks[0]).features_source == "import"


def test_the_sandbox_plays_reccobeats(sandbox):
    from catalog.ingest import ingest

    batches.enqueue(sandbox.album_links(60), by="test", now=NOW)
    ingest.run(gateway=gateways.for_app(lane="ingest"), now=NOW)

    outcome = enrich.run(now=NOW)

    playable = Track.objects.filter(is_playable=True).count()
    assert outcome.found + outcome.absent == playable
    assert 0.5 < outcome.found / playable < 0.95
    assert set(Track.objects.exclude(energy=None).values_list("features_source", flat=True)) == {"reccobeats"}
    assert not enrich.due(NOW)


def test_reccobeats_wants_a_pause_when_it_says_429(sandbox, tracks):
    sandbox.faults.add("throttle", path="audio-features", retry_after=77)

    outcome = enrich.run(now=NOW)

    assert outcome.blocked_until == NOW + dt.timedelta(seconds=77)


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_reccobeats_that_drips_is_left_alone_for_a_while(sandbox, tracks, monkeypatch, part):
    monkeypatch.setattr(reccobeats, "SECONDS", 0.3)
    sandbox.faults.add("drip", path="/audio-features", seconds=0.05, key=part, times=0)

    with pytest.raises(FeaturesError, match="TooLate"):
        reccobeats.fetch(sandbox.reccobeats_url, tracks, sleep=lambda seconds: None)


def test_an_endless_answer_of_reccobeats_is_not_read_to_its_end(sandbox, tracks, monkeypatch):
    monkeypatch.setattr(reccobeats, "MOST_BYTES", 50_000)
    sandbox.faults.add("flood", path="/audio-features", at=200_000, times=0)

    with pytest.raises(FeaturesError, match="TooLarge"):
        reccobeats.fetch(sandbox.reccobeats_url, tracks, sleep=lambda seconds: None)


def test_reccobeats_is_asked_again_at_once_when_it_stumbles(sandbox, tracks):
    waits: list[float] = []
    sandbox.faults.add("status", path="audio-features", status=503, times=2)

    reccobeats.fetch(sandbox.reccobeats_url, tracks, sleep=waits.append)

    assert len(waits) == 2


@pytest.mark.parametrize("do", ["html", "empty", "truncate"])
def test_an_answer_without_sense_is_an_error_of_the_source(sandbox, tracks, do):
    sandbox.faults.add(do, path="audio-features", times=0)

    with pytest.raises(FeaturesError):
        reccobeats.fetch(sandbox.reccobeats_url, tracks, sleep=lambda seconds: None)


def test_rows_are_joined_by_the_id_in_their_href():
    first, second = albums.spotify_id(1), albums.spotify_id(2)
    rows = [
        {
            "id": "uuid-2",
            "href": f"https://open.spotify.com/track/{second}",
            "energy": 0.2,
            "key": -1,
            "tempo": None,
        },
        {"id": first, "href": f"https://open.spotify.com/track/{first}?x", "energy": 0.1, "mode": True},
        {"id": "uuid-3", "href": None, "energy": 0.3},
        {"id": "uuid-4", "href": f"https://open.spotify.com/track/{albums.spotify_id(9)}", "energy": 0.4},
        "nonsense",
    ]

    assert reccobeats.joined({"content": rows}, {first, second}) == {
        first: {"energy": 0.1},
        second: {"energy": 0.2},
    }


@pytest.mark.parametrize(
    "header, seconds",
    [(None, 60), ("", 60), ("5", 5), ("-1", 1), ("1e12", 86_400), ("Wed, 21 Oct 2026", 60), ("nan", 60)],
)
def test_a_pause_is_a_sane_number_of_seconds(header, seconds):
    assert reccobeats._pause(header) == seconds


def test_spotifys_own_features_come_through_the_door(sandbox, settings):
    from catalog.ingest import ingest

    settings.AUDIO_FEATURES_SOURCE = "spotify"
    batches.enqueue(sandbox.album_links(3), by="test", now=NOW)
    ingest.run(gateway=gateways.for_app(lane="ingest"), now=NOW)

    outcome = enrich.run(now=NOW)

    assert (
        outcome.found + outcome.absent == Track.objects.filter(is_playable=True).count()
        or outcome.blocked_until
    )


@pytest.mark.sandbox(albums=60, mode="development")
def test_an_app_without_spotifys_features_is_told_so(sandbox, settings, tracks):
    settings.AUDIO_FEATURES_SOURCE = "spotify"

    outcome = enrich.run(now=NOW)

    assert "reccobeats" in outcome.reason
    assert outcome.blocked_until > NOW


def test_one_enricher_at_a_time(tracks):
    def fetch(track_ids):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())",
                [advisory_locks.ENRICH],
            )
            held.extend(cursor.fetchone())
        return {}

    held: list[int] = []
    enrich.run(now=NOW, provider=Provider("reccobeats", 40, fetch))

    assert held == [1]


CSV = """spotify_id,energy,tempo,key,comment
{0},0.5,120,-1,fine
spotify:track:{1},0.7,,,fine
https://open.spotify.com/track/{2}?si=x,1.7,,,too loud
nonsense,0.5,,,
{3},,,,nothing
2999999999999999999999,0.5,,,unknown
"""


def test_a_file_is_imported_row_by_row(tracks):
    loaded = enrich.load(imports.rows(CSV.format(*tracks).splitlines(keepends=True)), now=NOW)

    assert (loaded.rows, loaded.stored, loaded.unknown, loaded.kept) == (6, 2, 1, 0)
    assert [(row.line, bool(row.reason)) for row in loaded.bad] == [(4, True), (5, True), (6, True)]
    track = Track.objects.get(spotify_id=tracks[0])
    assert (track.audio_features, track.features_source) == ({"energy": 0.5, "tempo": 120.0}, "import")


def test_a_dry_run_of_an_import_keeps_nothing(tracks):
    loaded = enrich.load(imports.rows(CSV.format(*tracks).splitlines()), now=NOW, dry_run=True)

    assert loaded.stored == 2
    assert not Track.objects.exclude(features_source=None).exists()


def test_an_import_leaves_what_another_source_told(tracks):
    enrich.record({tracks[0]: {"energy": 0.9}}, source="reccobeats", now=NOW)

    loaded = enrich.load(imports.rows(CSV.format(*tracks).splitlines()), now=NOW)

    assert (loaded.stored, loaded.kept) == (1, 1)


@pytest.mark.parametrize("text", ["", "a,b\n1,2", "spotify_id,mood\nx,1", "energy,tempo\n1,2"])
def test_a_file_without_the_columns_is_refused(text):
    with pytest.raises(imports.BadFile, match="spotify_id"):
        list(imports.rows(text.splitlines()))


def test_spotify_provider_keeps_a_block_of_the_door():
    from accounts.spotify import errors

    class Shut:
        def audio_features(self, track_ids):
            raise errors.Blocked(NOW + dt.timedelta(hours=1), reason="quota", bucket="catalogue")

    with pytest.raises(FeaturesError) as caught:
        spotify.provider(Shut(), now=NOW).fetch(["x"])

    assert caught.value.seconds == 3600
