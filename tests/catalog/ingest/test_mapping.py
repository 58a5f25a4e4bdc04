"""Albums as told become rows that the tables accept."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from accounts.spotify import payloads
from catalog.ingest import mapping
from tests.catalog import albums


@pytest.mark.parametrize(
    "text, day",
    [
        ("1999", dt.date(1999, 1, 1)),
        ("1999-05", dt.date(1999, 5, 1)),
        ("1999-05-17", dt.date(1999, 5, 17)),
        ("0000", None),
        ("1999-13", None),
        ("", None),
        ("soon", None),
        ("99", None),
        ("1999-5", None),
        ("1999-02-30", None),
        ("1999-05-17-01", None),
        ("１９９９", None),
    ],
)
def test_a_release_date_means_its_first_day(text, day):
    assert mapping.first_day(text) == day


def test_details_bring_isrc_and_popularity():
    album = albums.album(1, tracks=1)
    (track,) = album.tracks
    full = replace(track, isrc="GBAYE7100001", popularity=77)

    row = mapping.track_row(track, album, {track.spotify_id: full})

    assert (row["isrc"], row["popularity"], row["recording_key"]) == ("GBAYE7100001", 77, "isrc:GBAYE7100001")


def test_without_details_the_album_is_the_source():
    album = albums.album(1, tracks=1)

    row = mapping.track_row(album.tracks[0], album, {album.tracks[0].spotify_id: None})

    assert (row["isrc"], row["popularity"]) == (None, None)
    assert row["recording_key"] == "name:track 100|somebody"


def test_tracks_of_a_locked_album_cannot_be_played():
    album = albums.album(1, tracks=1, restricted=True)

    assert mapping.track_row(album.tracks[0], album, {})["is_playable"] is False


def test_what_the_columns_cannot_hold_is_cut_to_size():
    artists = (payloads.Artist("", "A local hero"), albums.ARTIST)
    track = albums.track(
        1, name="x" * 9000, artists=artists, disc_number=10**6, isrc="Y" * 20, popularity=120
    )
    album = albums.album(1, name=" ", upc="9" * 30, release_date="sometime in 1999", album_type="")

    row, album_row = mapping.track_row(track, album, {}), mapping.album_row(album)

    assert (len(row["name"]), row["disc_number"], row["isrc"], row["popularity"]) == (500, 32767, None, 100)
    assert (row["artist"], row["artist_ids"], row["artist_names"]) == (
        "A local hero",
        [albums.ARTIST.spotify_id],
        ["Somebody"],
    )
    assert (album_row["name"], album_row["upc"], album_row["release_date"], album_row["released_on"]) == (
        "Untitled album",
        None,
        "",
        None,
    )


NAMELESS = payloads.Artist("3TVXtAsR1Inumwj472S9r4", "")


def test_an_artist_without_a_name_keeps_the_id():
    told = payloads.artists(
        [{"id": NAMELESS.spotify_id, "name": ""}, {"id": None, "name": "Someone local"}, {}]
    )
    track = albums.track(1, artists=(NAMELESS, albums.ARTIST))

    row = mapping.track_row(track, albums.album(1, artists=(NAMELESS,)), {})

    assert told == (NAMELESS, payloads.Artist("", "Someone local"))
    assert row["artist_ids"] == [NAMELESS.spotify_id, albums.ARTIST.spotify_id]
    assert row["artist_names"] == ["Unknown artist", "Somebody"]
    assert row["artist_names_folded"] == ["somebody"]
    assert mapping.album_row(albums.album(1, artists=(NAMELESS,)))["artist_ids"] == [NAMELESS.spotify_id]


def test_two_artists_without_names_do_not_share_a_recording():
    other = payloads.Artist("6eUKZXaKkcviH0Ku9w2n3V", " ")
    home = albums.album(1)

    keys = {
        mapping.track_row(albums.track(1, artists=(one,)), home, {})["recording_key"]
        for one in (NAMELESS, other)
    }

    assert len(keys) == 2


def test_what_a_title_tells_and_how_names_compare_are_columns():
    track = albums.track(1, name="Skit (Sped Up)", duration_ms=30_000)
    album = albums.album(1, name="Noche de Paz", label="ΑΣ", genres=("Türkçe Pop",))

    row, album_row = mapping.track_row(track, album, {}), mapping.album_row(album)

    assert (row["version"], row["is_interlude"], row["season"]) == ("sped_up", True, "christmas")
    assert (row["name_folded"], row["artist_key"], row["words"]) == (
        "skit (sped up)", "somebody", "skit sped up somebody"
    )  # fmt: skip
    assert (album_row["label_folded"], album_row["genres_folded"]) == ("ασ", ["türkçe pop"])
