"""Albums, tracks, artists, features and search: in batches and alone, in both modes."""

from __future__ import annotations

import pytest
import requests

from sandbox import server
from tests.sandbox import callers

UNKNOWN = "0" * 21 + "1"


def album_ids(sandbox, count):
    return [sandbox.world.catalogue.album_id(number) for number in range(count)]


def test_twenty_albums_come_in_the_order_asked_for(sandbox):
    wanted = album_ids(sandbox, 20)[::-1]
    body = callers.app(sandbox).get(f"/albums?ids={','.join(wanted)}").json()

    assert [album["id"] for album in body["albums"]] == wanted


def test_twenty_one_albums_are_too_many(sandbox):
    assert callers.app(sandbox).get(f"/albums?ids={','.join(album_ids(sandbox, 21))}").status_code == 400


def test_an_unknown_album_is_null_and_a_malformed_id_fails_the_call(sandbox):
    app, known = callers.app(sandbox), album_ids(sandbox, 1)[0]

    assert app.get(f"/albums?ids={UNKNOWN},{known}").json()["albums"][0] is None
    assert app.get(f"/albums?ids=nonsense,{known}").status_code == 400


def test_fifty_tracks_carry_isrc_and_popularity(sandbox):
    wanted = callers.some_tracks(sandbox, 50)
    tracks = callers.app(sandbox).get(f"/tracks?ids={','.join(wanted)}").json()["tracks"]

    assert [track["id"] for track in tracks] == wanted
    assert all(len(track["external_ids"]["isrc"]) == 12 and track["popularity"] >= 0 for track in tracks)
    assert callers.app(sandbox).get(f"/tracks?ids={','.join([*wanted, UNKNOWN])}").status_code == 400


def test_paths_with_a_trailing_slash_are_the_same_paths(sandbox):
    wanted = album_ids(sandbox, 2)

    assert callers.app(sandbox).get(f"/albums/?ids={','.join(wanted)}").status_code == 200
    assert callers.app(sandbox).get(f"/albums/{wanted[0]}/tracks/?limit=5").status_code == 200


def test_pages_lead_through_the_whole_album_on_the_sandboxs_own_host(sandbox):
    caller, album = callers.app(sandbox), album_ids(sandbox, 4)[3]
    page = caller.get(f"/albums/{album}/tracks?limit=3&market=US").json()
    seen = list(page["items"])
    while page["next"]:
        assert page["next"].startswith(sandbox.api_url)
        assert "market=US" in page["next"]
        page = caller.get(page["next"]).json()
        seen += page["items"]

    assert [row["track_number"] for row in seen] == list(range(1, page["total"] + 1))


def test_a_market_takes_the_lists_of_markets_away(sandbox):
    album = album_ids(sandbox, 1)[0]
    with_market = callers.app(sandbox).get(f"/albums/{album}?market=DE").json()
    without = callers.app(sandbox).get(f"/albums/{album}").json()

    assert "available_markets" not in with_market
    assert "is_playable" in with_market["tracks"]["items"][0]
    assert "US" in without["available_markets"]
    assert "is_playable" not in without["tracks"]["items"][0]


def test_a_users_own_country_wins_over_the_market_asked_for(sandbox):
    track = callers.some_tracks(sandbox, 1)[0]
    sandbox.world.regions[track] = ("JP",)

    assert callers.user(sandbox).get(f"/tracks/{track}?market=JP").json()["is_playable"] is False
    assert callers.app(sandbox).get(f"/tracks/{track}?market=JP").json()["is_playable"] is True


@pytest.mark.parametrize("field", ["label", "popularity", "available_markets"])
def test_development_mode_has_fewer_album_fields(development, field):
    body = callers.app(development).get(f"/albums/{album_ids(development, 1)[0]}").json()

    assert field not in body
    assert body["external_ids"]["upc"]


def test_both_modes_show_the_same_catalogue(sandbox, development):
    assert album_ids(sandbox, 60) == album_ids(development, 60)
    assert callers.some_tracks(sandbox, 90) == callers.some_tracks(development, 90)


def test_audio_features_are_gone_unless_the_app_still_has_them(sandbox):
    tracks = ",".join(callers.some_tracks(sandbox, 3))

    assert callers.app(sandbox).get(f"/audio-features?ids={tracks}").status_code == 403
    with server.serve(albums=60, audio_features=True) as older:
        rows = callers.app(older).get(f"/audio-features?ids={tracks},{UNKNOWN}").json()["audio_features"]
        assert [row and row["id"] for row in rows] == [*tracks.split(","), None]
        assert rows[0]["time_signature"] in (3, 4)


def test_a_killed_track_is_404_alone_and_null_among_others(sandbox):
    first, second = callers.some_tracks(sandbox, 2)
    sandbox.world.kill(first)
    app = callers.app(sandbox)

    assert app.get(f"/tracks/{first}").status_code == 404
    assert [t and t["id"] for t in app.get(f"/tracks?ids={first},{second}").json()["tracks"]] == [
        None,
        second,
    ]


def test_search_finds_a_recording_by_its_code(sandbox):
    app = callers.app(sandbox)
    track = app.get(f"/tracks/{callers.some_tracks(sandbox, 1)[0]}").json()
    found = app.get(f"/search?type=track&q=isrc:{track['external_ids']['isrc']}").json()["tracks"]["items"]

    assert [item["id"] for item in found] == [track["id"]]


@pytest.mark.parametrize("kind", ["album", "artist", "track"])
def test_search_finds_things_by_words_of_their_name(sandbox, kind):
    page = callers.app(sandbox).get(f"/search?type={kind}&q=the&limit=3").json()[f"{kind}s"]

    assert page["total"] >= len(page["items"]) > 0
    assert all("the" in item["name"].lower() for item in page["items"])


def test_search_pages_are_smaller_in_development_mode(sandbox, development):
    assert callers.app(sandbox).get("/search?type=track&q=the&limit=50").status_code == 200
    assert callers.app(development).get("/search?type=track&q=the&limit=11").status_code == 400
    assert callers.app(development).get("/search?type=track&q=the").json()["tracks"]["limit"] == 5


def test_an_artist_has_albums(sandbox):
    app = callers.app(sandbox)
    artist = app.get(f"/albums/{album_ids(sandbox, 1)[0]}").json()["artists"][0]["id"]

    assert app.get(f"/artists/{artist}").json()["id"] == artist
    assert album_ids(sandbox, 1)[0] in {
        album["id"] for album in app.get(f"/artists/{artist}/albums").json()["items"]
    }


def test_covers_are_drawn_by_the_sandbox(sandbox):
    image = callers.app(sandbox).get(f"/albums/{album_ids(sandbox, 1)[0]}").json()["images"][0]["url"]
    response = requests.get(image, timeout=5)

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.text.startswith("<svg")


def test_unknown_paths_and_methods_are_refused_in_json(sandbox):
    app = callers.app(sandbox)

    assert app.get("/nowhere").json() == {"error": {"status": 404, "message": "Service not found"}}
    assert app.post("/albums").status_code == 405
