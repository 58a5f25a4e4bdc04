"""The border: real shapes in both modes and spellings, and bodies mutated beyond recognition."""

from __future__ import annotations

import contextlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import errors, payloads
from tests.accounts.spotify import damage

A, B, C = "4aawyAB9vmqN3uQ7FjRGTy", "1301WleyT98MSxVHPZCA6M", "0sNOF9WDwhWunNAHPD3Baj"
TRACK = {
    "album": {"name": "inner"},
    "artists": [{"id": B, "name": "Ana"}, {"id": None, "name": "Bo"}],
    "disc_number": 1,
    "duration_ms": 207_959,
    "explicit": True,
    "external_ids": {"isrc": "us-abc-12 34567".replace(" ", "")},
    "id": A,
    "is_local": False,
    "name": "Só o amor",
    "popularity": 42,
    "track": True,
    "episode": False,
    "track_number": 3,
    "type": "track",
}
ALBUM = {
    "album_type": "album",
    "artists": [{"id": B, "name": "Ana"}],
    "external_ids": {"upc": "5099749994324"},
    "genres": [],
    "id": C,
    "images": [{"height": 640, "url": "https://i.scdn.co/image/x", "width": 640}],
    "label": "A label",
    "name": "An album",
    "popularity": 7,
    "release_date": "1999-05",
    "release_date_precision": "month",
    "total_tracks": 130,
    "tracks": {
        "items": [TRACK, None, {"id": None, "is_local": True}],
        "limit": 50,
        "offset": 0,
        "total": 130,
    },
}
PLAYLIST = {
    "collaborative": False,
    "description": "Tom &amp; Jerry",
    "external_urls": {"spotify": f"https://open.spotify.com/playlist/{B}"},
    "id": B,
    "name": "Vibe • Night",
    "owner": {"id": "user-1"},
    "snapshot_id": "AAAA",
    "tracks": {"total": 50},
}
ROW = {"added_at": None, "is_local": False, "track": TRACK}
PROFILE = {"account_id": "acc-1", "display_name": "Ana", "id": "user-1"}
FEATURES = {"acousticness": 0.1, "energy": 0.9, "id": A, "key": 5, "tempo": 120.5, "type": "audio_features"}


def without(body, *names):
    return {key: value for key, value in body.items() if key not in names}


def test_an_album_with_its_embedded_tracks():
    album = payloads.album(ALBUM)

    assert (album.spotify_id, album.name, album.total_tracks) == (C, "An album", 130)
    assert (album.release_date, album.release_date_precision) == ("1999-05", "month")
    assert (album.upc, album.label, album.popularity) == ("5099749994324", "A label", 7)
    assert [track.spotify_id for track in album.tracks] == [A]


def test_a_track_in_full():
    track = payloads.track(TRACK)

    assert (track.isrc, track.popularity, track.explicit, track.is_playable) == (
        "USABC1234567",
        42,
        True,
        True,
    )
    assert [artist.name for artist in track.artists] == ["Ana", "Bo"]


def test_development_mode_bodies_lack_fields_and_are_read_all_the_same():
    album = payloads.album(without(ALBUM, "label", "popularity", "images", "genres", "external_ids"))
    track = payloads.track(without(TRACK, "popularity", "external_ids"))

    assert (album.label, album.popularity, album.upc, album.image_url) == (None, None, None, None)
    assert (track.popularity, track.isrc) == (None, None)


def test_null_slots_of_a_batch_stay_in_their_place():
    assert [found and found.spotify_id for found in payloads.albums({"albums": [None, ALBUM]}, [A, C])] == [
        None,
        C,
    ]


def test_a_reordered_batch_is_joined_by_id():
    other = TRACK | {"id": B}

    found = payloads.tracks({"tracks": [other, TRACK]}, [A, B])

    assert [track.spotify_id for track in found] == [A, B]


def test_a_relinked_track_answers_to_the_id_that_was_asked_for():
    relinked = TRACK | {"id": B, "linked_from": {"id": A}}

    (track,) = payloads.tracks({"tracks": [relinked]}, [A])

    assert (track.spotify_id, track.linked_from_id) == (B, A)
    assert payloads.row_track_id({"item": relinked}) == A


def test_a_track_with_restrictions_is_not_playable():
    assert not payloads.track(TRACK | {"restrictions": {"reason": "market"}}).is_playable
    assert not payloads.track(TRACK | {"is_playable": False}).is_playable


@pytest.mark.parametrize(
    "row, expected",
    [
        ({"item": TRACK}, A),
        ({"track": TRACK}, A),
        ({"item": TRACK, "track": TRACK}, A),
        ({"item": None, "track": TRACK}, A),
        ({"track": None}, None),
        (None, None),
        ({"track": True}, None),
        ({"item": TRACK | {"type": "episode"}}, None),
        ({"item": TRACK | {"id": None, "is_local": True}}, None),
    ],
)
def test_a_playlist_row_in_either_spelling(row, expected):
    assert payloads.row_track_id(row) == expected


@pytest.mark.parametrize("spelling", ["items", "tracks"])
def test_a_playlist_in_either_spelling(spelling):
    body = without(PLAYLIST, "tracks") | {spelling: {"total": 50}}

    assert payloads.playlist(body).total == 50


@pytest.mark.parametrize(
    "said, genres",
    [
        ({"genres": ["chillwave", "chillstep"]}, ("chillwave", "chillstep")),
        ({"genres": []}, ()),
        ({"genres": None}, ()),
        ({"genres": [None, 7, "pop"]}, ("pop",)),
        ({}, ()),
    ],
)
def test_an_artist_in_full_may_have_no_genres(said, genres):
    body = {"artists": [{"id": A, "name": "ODESZA", "type": "artist"} | said, None]}

    assert payloads.artist_details(body, [A, B]) == [payloads.ArtistDetails(A, "ODESZA", genres), None]


def test_a_playlist_without_a_link_gets_the_usual_one():
    assert payloads.playlist({"id": B, "name": "x"}).external_url == f"https://open.spotify.com/playlist/{B}"


def test_a_link_with_another_scheme_is_not_passed_on():
    body = PLAYLIST | {"external_urls": {"spotify": "javascript:alert(1)"}}

    assert payloads.playlist(body).external_url.startswith("https://open.spotify.com/")


def test_an_older_profile_has_no_account_id():
    assert payloads.profile(without(PROFILE, "account_id")).account_id is None


def test_nul_characters_do_not_reach_the_database():
    assert payloads.track(TRACK | {"name": "a\0b"}).name == "ab"


@pytest.mark.parametrize("body", [None, [], "text", 7, {}, {"albums": None}, {"albums": {}}])
def test_a_batch_that_is_no_batch_is_a_bad_answer(body):
    with pytest.raises(errors.BadAnswer):
        payloads.albums(body, [A])


def test_a_batch_in_which_nothing_makes_sense_is_a_bad_answer_and_not_unknown_ids():
    with pytest.raises(errors.BadAnswer):
        payloads.albums({"albums": [{"id": 7}, "x"]}, [A, B])


# --- mutations: any damage to a body ends in a dataclass or in BadAnswer

READERS = [
    (payloads.album, ALBUM),
    (payloads.track, TRACK),
    (lambda body: payloads.albums(body, [C, A]), {"albums": [ALBUM, None]}),
    (lambda body: payloads.tracks(body, [A]), {"tracks": [TRACK]}),
    (lambda body: payloads.audio_features(body, [A]), {"audio_features": [FEATURES, None]}),
    (payloads.track_page, ALBUM["tracks"]),
    (payloads.item_page, {"items": [ROW, {"item": TRACK}, None], "total": 3}),
    (payloads.playlist, PLAYLIST),
    (payloads.playlist_page, {"items": [PLAYLIST, None], "total": 2}),
    (payloads.profile, PROFILE),
    (payloads.snapshot_id, {"snapshot_id": "AAAA"}),
]


@given(
    which=st.sampled_from(range(len(READERS))),
    junk=damage.JUNK,
    drop=st.booleans(),
    seed=st.integers(0, 2**32),
    times=st.integers(1, 4),
)
def test_a_damaged_body_is_a_dataclass_or_a_bad_answer_and_nothing_else(which, junk, drop, seed, times):
    reader, body = READERS[which]
    body = damage.damaged(body, junk=junk, drop=drop, times=times, rng=random.Random(seed))

    try:
        found = reader(body)
    except errors.BadAnswer:
        return

    json.dumps(repr(found))


@given(which=st.sampled_from(range(len(READERS))), body=damage.JUNK)
def test_any_json_at_all_is_survived(which, body):
    reader, _ = READERS[which]
    with contextlib.suppress(errors.BadAnswer):
        reader(body)
