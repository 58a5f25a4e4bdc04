"""Albums are stored whole, once, by whoever holds the claim, and what did not change is not written."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.db import connection

from accounts.spotify import payloads
from catalog.genres import artist_rows
from catalog.genres.provider import Found
from catalog.ingest import queue, storing
from catalog.ingest.fetching import Fetched
from catalog.intake import batches, blocks
from catalog.models import Album, AlbumSource, AlbumTrackMap, Artist, Track
from tests.catalog import albums

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)
CLAIM = uuid.UUID(int=1)
pytestmark = pytest.mark.django_db


def claimed(*told, claim=CLAIM) -> list[Fetched]:
    """Sources of the albums, held by `claim`."""
    batches.enqueue([album.spotify_id for album in told], by="test", now=NOW)
    by_id = {album.spotify_id: album for album in told}
    AlbumSource.objects.filter(spotify_album_id__in=by_id).update(status="queued")
    return [Fetched(one, by_id[one.album_id]) for one in queue.take(claim, count=100, now=NOW)]


def store(*told, details=None, now=NOW) -> int:
    return storing.store(CLAIM, claimed(*told), details or {}, now=now)


def row_versions() -> list[tuple[str, str]]:
    """A row that was written again has another xmin or place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'album', ctid::text || xmin FROM albums"
            " UNION ALL SELECT 'track', ctid::text || xmin FROM tracks"
            " UNION ALL SELECT 'link', ctid::text || xmin FROM album_track_map ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_an_album_is_stored_with_tracks_links_and_its_source():
    album = albums.album(1)

    assert store(album) == 1

    source = AlbumSource.objects.get()
    assert (source.status, source.claim, source.ingested_at) == ("ingested", None, NOW)
    assert source.album == Album.objects.get()
    assert list(Track.objects.order_by("track_number").values_list("spotify_id", flat=True)) == [
        track.spotify_id for track in album.tracks
    ]
    assert AlbumTrackMap.objects.filter(album_source=source).count() == 3
    assert str(Album.objects.get().released_on) == "1999-05-01"


def test_an_album_without_tracks_is_ingested_too():
    assert store(albums.album(1, tracks=0)) == 1
    assert AlbumSource.objects.get().status == "ingested"


def test_an_unchanged_album_writes_no_row():
    store(albums.album(1), albums.album(2))
    before = row_versions()

    assert store(albums.album(1), albums.album(2), now=LATER) == 2

    assert row_versions() == before


def test_a_changed_album_is_refreshed_and_nothing_doubled():
    store(albums.album(1))

    store(albums.album(1, name="Another name", tracks=4), now=LATER)

    album = Album.objects.get()
    assert (album.name, album.fetched_at, Track.objects.count()) == ("Another name", LATER, 4)


def test_what_development_mode_leaves_out_is_kept():
    album = albums.album(1, tracks=1)
    (track,) = album.tracks
    store(album, details={track.spotify_id: replace(track, isrc="GBAYE7100001", popularity=77)})

    store(replace(album, label=None, popularity=None, upc=None))

    stored, kept = Track.objects.get(), Album.objects.get()
    assert (stored.isrc, stored.popularity, stored.recording_key) == ("GBAYE7100001", 77, "isrc:GBAYE7100001")
    assert (kept.label, kept.popularity, kept.upc) == (album.label, album.popularity, album.upc)


def test_a_track_of_two_albums_stays_on_the_first_and_is_linked_to_both():
    first, second = albums.album(1, tracks=1), albums.album(2, tracks=0)
    store(first)
    shared = replace(first.tracks[0], track_number=9)

    store(replace(second, tracks=(shared,), total_tracks=1))

    track = Track.objects.get()
    assert (track.album.spotify_id, track.track_number) == (first.spotify_id, 1)
    assert track.source_links.count() == 2


def test_another_workers_claim_is_left_alone():
    stale = claimed(albums.album(1))
    AlbumSource.objects.update(claim=uuid.UUID(int=2))

    assert storing.store(CLAIM, stale, {}, now=NOW) == 0

    assert not Album.objects.exists()
    assert AlbumSource.objects.get().claim == uuid.UUID(int=2)


def test_names_of_every_script_survive():
    name = 'أغاني الليل 🌙 "quoted" \\ back\tslash'

    store(albums.album(1, name=name))

    assert Album.objects.get().name == name


def test_twenty_albums_take_a_handful_of_statements(django_assert_num_queries):
    fetched = claimed(*(albums.album(number) for number in range(20)))

    with django_assert_num_queries(10):  # with the savepoint around them
        storing.store(CLAIM, fetched, {}, now=NOW)


def test_a_track_that_its_album_lists_no_more_is_kept_but_gone_until_it_is_listed_again():
    whole = albums.album(1)
    store(whole)
    shorter = replace(whole, tracks=whole.tracks[:2], total_tracks=2)

    store(shorter, now=LATER)

    gone = Track.objects.get(spotify_id=whole.tracks[2].spotify_id)
    assert (gone.gone_at, gone.source_links.count()) == (LATER, 0)
    assert Track.objects.usability() | {"gone": 1, "usable": 2, "total": 3} == Track.objects.usability()
    before = row_versions()
    store(shorter, now=LATER + dt.timedelta(days=1))
    assert row_versions() == before

    store(whole)
    assert Track.objects.usable().count() == 3
    assert AlbumTrackMap.objects.count() == 3


def test_a_track_that_another_album_lists_is_not_gone():
    first = albums.album(1, tracks=1)
    store(first, replace(albums.album(2), tracks=first.tracks, total_tracks=1))

    store(replace(first, tracks=(), total_tracks=0), now=LATER)

    assert (Track.objects.get().gone_at, AlbumTrackMap.objects.count()) == (None, 1)


def test_an_album_that_was_not_read_whole_drops_nothing():
    whole = albums.album(1)
    store(whole)

    store(replace(whole, tracks=whole.tracks[:2]), now=LATER)

    assert not Track.objects.exclude(gone_at=None).exists()
    assert AlbumTrackMap.objects.count() == 3


def test_an_artist_without_a_name_can_be_blocked_and_its_tracks_are_complete():
    nameless = payloads.artists([{"id": "3TVXtAsR1Inumwj472S9r4", "name": ""}])
    track = albums.track(100, artists=nameless)
    store(replace(albums.album(1, artists=nameless, total_tracks=1), tracks=(track,)))

    assert Track.objects.with_reason().get().reason == "usable"

    blocks.add(kind="artist", spotify_id="3TVXtAsR1Inumwj472S9r4", reason="no", by="test")
    assert Track.objects.with_reason().get().reason == "artist_blocked"


def test_what_names_and_titles_tell_is_stored_and_follows_a_new_name():
    album = albums.album(1, tracks=1, name="İstanbul", label="Kalan Müzik", genres=("Arabesk",))
    store(album)
    track = replace(album.tracks[0], name="Mavi Mavi - Sped Up")
    store(replace(album, tracks=(track,)), now=LATER)

    row, home = Track.objects.get(), Album.objects.get()
    assert (row.version, row.is_interlude, row.season) == ("sped_up", False, "none")
    assert (row.name_folded, row.words) == ("mavi mavi - sped up", "mavi mavi sped up somebody")
    assert (home.name_folded, home.label_folded, home.genres_folded) == (
        "istanbul", "kalan müzik", ["arabesk"]
    )  # fmt: skip


def test_a_label_that_is_not_told_any_more_stays_as_it_compares():
    store(albums.album(1, label="Kalan"))
    store(albums.album(1, label=None), now=LATER)

    assert (Album.objects.get().label, Album.objects.get().label_folded) == ("Kalan", "kalan")


# --- artists are rows


def by(*artists, number=1):
    """An album of one track by these artists."""
    album = albums.album(number, tracks=1)
    return replace(album, tracks=(replace(album.tracks[0], artists=artists),))


ADA, BOB = payloads.Artist(albums.spotify_id(1, 3), "Ada"), payloads.Artist(albums.spotify_id(2, 3), "Bob")


def test_every_artist_of_every_track_becomes_a_row_once():
    store(by(ADA, BOB), by(BOB, number=2))

    assert list(Artist.objects.order_by("name").values_list("spotify_id", "name", "words")) == [
        (ADA.spotify_id, "Ada", "ada"),
        (BOB.spotify_id, "Bob", "bob"),
    ]


def test_an_artist_keeps_its_newest_name_and_one_without_a_name_its_id():
    nameless = payloads.Artist(albums.spotify_id(9, 3), "")
    store(by(ADA, nameless))

    store(by(replace(ADA, name="Ada B."), nameless), now=LATER)
    store(by(replace(ADA, name=""), nameless), now=LATER)

    assert dict(Artist.objects.values_list("spotify_id", "name")) == {
        ADA.spotify_id: "Ada B.",
        nameless.spotify_id: "",
    }
    assert str(Artist.objects.get(name="")) == nameless.spotify_id


def test_a_new_track_of_a_known_artist_has_the_artists_genres_at_once():
    store(by(ADA))
    artist_rows.record("wikidata", {ADA.spotify_id: Found(("Alternative-Rock",))}, now=NOW)

    store(by(ADA, BOB, number=2), by(BOB, number=3))

    told = Track.objects.order_by("spotify_id").values_list("genre_keys", "genre_labels")
    rock = (["alternative", "alternative rock", "rock"], ["alternative rock"])
    assert list(told) == [rock, rock, (None, None)]


def test_genres_of_an_album_are_its_tracks_genres_too():
    store(replace(by(ADA), genres=("Trip-Hop",)))

    track = Track.objects.get()
    assert "trip hop" in track.genre_keys
    assert "hip hop" not in track.genre_keys
    assert track.genre_labels == ["trip hop"]
