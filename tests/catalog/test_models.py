"""The rules that the database itself keeps, and the one definition of a usable track."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from catalog.intake import batches, blocks
from catalog.models import Album, AlbumSource, AlbumTrackMap, Block, Track
from tests.catalog import albums
from tests.catalog.features.test_enrich import stored

NOW = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "lost"},
        {"status": "failed", "failed_at": NOW, "failure_reason": ""},
        {"status": "failed", "failure_reason": "gone"},
        {"failed_at": NOW},
        {"status": "fetching"},
        {"status": "ingested"},
        {"claimed_until": NOW},
    ],
)
def test_a_source_in_an_impossible_state_is_refused(changes):
    batches.enqueue([albums.spotify_id(1)], by="test", now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        AlbumSource.objects.update(**changes)


def test_an_album_has_one_source():
    batches.enqueue([albums.spotify_id(1)], by="test", now=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        AlbumSource.objects.create(url="x", spotify_album_id=albums.spotify_id(1), created_at=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"popularity": 101},
        {"audio_features": {"energy": 0.5}},
        {"features_source": "reccobeats"},
    ],
)
def test_an_impossible_track_is_refused(changes):
    stored(albums.album(1))

    with pytest.raises(IntegrityError), transaction.atomic():
        Track.objects.update(**changes)


def test_measures_are_columns_and_what_is_no_number_is_unknown():
    stored(albums.album(1))
    told = {"tempo": 120.5, "key": 0, "valence": "high", "loudness": None, "mode": True}
    Track.objects.update(audio_features=told, features_source="reccobeats")

    track = Track.objects.first()

    assert (track.tempo, track.key) == (120.5, 0.0)
    assert (track.valence, track.loudness, track.mode, track.liveness) == (None, None, None, None)


def test_an_impossible_album_is_refused():
    stored(albums.album(1))

    with pytest.raises(IntegrityError), transaction.atomic():
        Album.objects.update(popularity=101)


def test_only_a_failed_source_is_set_aside():
    stored(albums.album(1))

    with pytest.raises(IntegrityError), transaction.atomic():
        AlbumSource.objects.update(set_aside_at=NOW)


def test_a_track_is_linked_to_a_source_once():
    stored(albums.album(1))
    link = AlbumTrackMap.objects.first()

    with pytest.raises(IntegrityError), transaction.atomic():
        AlbumTrackMap.objects.create(album_source=link.album_source, track=link.track)


def test_every_track_that_is_not_usable_has_its_reason(django_assert_num_queries):
    nobody = replace(albums.track(900), artists=())
    other = replace(albums.ARTIST, spotify_id=albums.spotify_id(5, 3))
    first = albums.album(1, tracks=6)
    told = (
        first.tracks[0],
        replace(first.tracks[1], is_playable=False),
        first.tracks[2],
        replace(first.tracks[3], artists=(albums.ARTIST, other)),
        nobody,
        replace(first.tracks[5], duration_ms=0),
    )
    stored(replace(first, tracks=told))
    stored(albums.album(2, tracks=2))
    for kind, spotify_id in [
        ("track", told[2].spotify_id),
        ("artist", other.spotify_id),
        ("album", albums.spotify_id(2)),
    ]:
        blocks.add(kind=kind, spotify_id=spotify_id, reason="no", by="test")

    with django_assert_num_queries(1):
        counted = Track.objects.usability()

    assert counted == {
        "total": 8,
        "usable": 1,
        "gone": 0,
        "not_playable": 1,
        "incomplete": 2,
        "track_blocked": 1,
        "album_blocked": 2,
        "artist_blocked": 1,
    }
    assert [track.spotify_id for track in Track.objects.usable()] == [told[0].spotify_id]
    assert Track.objects.with_reason().filter(reason="usable").count() == Track.objects.usable().count()


def test_a_block_is_one_row_with_a_reason_and_can_be_lifted():
    blocks.add(kind="artist", spotify_id=albums.spotify_id(1), reason="one", by="a")
    blocks.add(kind="artist", spotify_id=albums.spotify_id(1), reason="two", by="b")

    assert Block.objects.get().reason == "two"
    assert blocks.remove(kind="artist", spotify_id=albums.spotify_id(1))
    assert not blocks.remove(kind="artist", spotify_id=albums.spotify_id(1))


@pytest.mark.parametrize("changes", [{"kind": "label"}, {"spotify_id": "short"}, {"reason": "  "}])
def test_a_block_that_makes_no_sense_is_refused(changes):
    sound = {"kind": "artist", "spotify_id": albums.spotify_id(1), "reason": "because", "by": "a"}

    with pytest.raises(blocks.BadBlock):
        blocks.add(**sound | changes)
