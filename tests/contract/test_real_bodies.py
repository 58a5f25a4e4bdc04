"""The sandbox's bodies have the keys and types of bodies that were captured from the real services."""

from __future__ import annotations

import requests

from sandbox import odd, server
from tests.contract import shape
from tests.sandbox import callers

AGENT = {"User-Agent": "vibe-contract-test"}
NEW_SPELLING = ("items", "tracks.items[].item")
PRIVATE = f"{callers.WRITE} user-read-private"


def album_id(sandbox, number=odd.VARIOUS):
    return sandbox.world.catalogue.album_id(number)


def playlist_of(caller, sandbox, tracks=3):
    made = caller.post("/me/playlists", json={"name": "Held to the real one"}).json()
    caller.put(
        f"/playlists/{made['id']}/items", json={"uris": callers.uris(callers.some_tracks(sandbox, tracks))}
    )
    return made["id"]


def without(body, removed):
    """The body less some keys, wherever an object of that kind has them."""
    if isinstance(body, list):
        return [without(row, removed) for row in body]
    if not isinstance(body, dict):
        return body
    gone = removed.get(body.get("type"), ())
    return {key: without(value, removed) for key, value in body.items() if key not in gone}


def check(ours, theirs, **allowances):
    assert shape.differences(shape.of(ours), shape.of(theirs), **allowances) == []


def test_an_album(extended, real):
    body = callers.app(extended).get(f"/albums/{album_id(extended)}").json()

    check(body, real("samples/album_full_extended_2026-03"))


def test_several_albums(extended, real):
    body = callers.app(extended).get(f"/albums?ids={album_id(extended)}").json()

    # The capture is from years before is_local, total_tracks and the end of previews.
    newer = ("albums[].total_tracks", "albums[].label", "albums[].tracks.items[].is_local")
    check(body, real("samples/zmb3_get_several_albums"), extra=newer)


def test_several_tracks_with_a_null_among_them(extended, real):
    known = callers.some_tracks(extended, 1)[0]
    body = callers.app(extended).get(f"/tracks?ids={known},{'0' * 21}1").json()

    dated = ("artists", "release_date", "release_date_precision", "total_tracks")
    newer = [*(f"tracks[].album.{key}" for key in dated), "tracks[].is_local"]
    assert body["tracks"][1] is None
    check(body, real("samples/zmb3_get_several_tracks_with_null"), extra=newer)


def test_a_page_of_album_tracks(extended, real):
    body = callers.app(extended).get(f"/albums/{album_id(extended)}/tracks?limit=50").json()

    check(body, real("samples/album_tracks_page_2026-03"))


def test_a_search_for_tracks_in_a_market(extended, real):
    body = callers.app(extended).get("/search?q=the&type=track&limit=5&market=US").json()

    # The capture was made as a user without the parameter: it has both is_playable and the markets.
    both = ("tracks.items[].available_markets", "tracks.items[].album.available_markets")
    check(body, real("samples/search_tracks_limit5_2026-03"), absent=both)


def test_audio_features(extended, real):
    track_id = callers.some_tracks(extended, 1)[0]

    check(
        callers.app(extended).get(f"/audio-features/{track_id}").json(),
        real("samples/audio_features_single_2024-10"),
    )


def test_who_is_signed_in(extended, real):
    body = callers.user(extended, PRIVATE).get("/me").json()

    check(
        body, real("samples/me_extended_2026-03"), extra=["account_id"]
    )  # account_id is newer than the capture


def test_a_page_of_the_users_playlists(extended, real):
    caller = callers.user(extended)
    playlist_of(caller, extended)

    check(caller.get("/me/playlists?limit=48").json(), real("samples/me_playlists_page_2026-03"))


def test_a_new_playlist(extended, real):
    response = callers.user(extended).post("/me/playlists", json={"name": "New", "description": "d"})

    assert response.status_code == 201
    # The capture is from before the second spelling, `items`.
    check(response.json(), real("samples/create_playlist_201_2025-01"), extra=["items"])


def test_a_playlist_with_both_spellings(extended, real):
    caller = callers.user(extended)
    body = caller.get(f"/playlists/{playlist_of(caller, extended)}").json()

    check(body, real("samples/playlist_owned_extended_tracks_AND_items_2026-03"))
    old = real("samples/playlist_extended_tracks_only_2026-03")
    old["tracks"]["items"] = [row for row in old["tracks"]["items"] if row["track"]["type"] == "track"]
    check(body, old, extra=NEW_SPELLING)


def test_a_page_of_playlist_items(extended, real):
    caller = callers.user(extended)
    body = caller.get(f"/playlists/{playlist_of(caller, extended)}/items?limit=48").json()

    check(body, real("samples/playlist_items_page_2026-03"))


def test_the_answer_to_replacing_items(extended, real):
    caller = callers.user(extended)
    body = caller.put(f"/playlists/{playlist_of(caller, extended)}/items", json={"uris": []}).json()

    check(body, real("samples/playlist_replace_items_200"))


def test_the_covers_of_a_playlist(extended, real):
    caller = callers.user(extended)

    check(
        caller.get(f"/playlists/{playlist_of(caller, extended)}/images").json(),
        real("samples/playlist_images_200"),
    )


def test_the_tokens_of_a_code(extended, real):
    check(callers.tokens(extended), real_tokens(real)["code_exchange_200"])


def test_the_tokens_of_a_refresh(extended, real):
    refresh = callers.tokens(extended)["refresh_token"]
    body = callers.token(extended, grant_type="refresh_token", refresh_token=refresh).json()

    check(body, real_tokens(real)["refresh_200_without_refresh_token"])


def test_the_tokens_of_a_refresh_that_rotates(real):
    with server.serve(albums=5, rotate_refresh_tokens=True) as sandbox:
        refresh = callers.tokens(sandbox)["refresh_token"]
        body = callers.token(sandbox, grant_type="refresh_token", refresh_token=refresh).json()

    check(body, real_tokens(real)["refresh_200_rotated"])


def real_tokens(real):
    return {row["case"]: row["body"] for row in real("samples/token_responses")}


def test_an_album_in_development_mode_is_the_real_one_less_what_was_removed(development, real):
    removed = real("spotify_modes")["fields_removed_dev_2026"]
    theirs = without(real("samples/album_full_extended_2026-03"), removed)

    check(callers.app(development).get(f"/albums/{album_id(development)}").json(), theirs)


def test_a_track_in_development_mode_is_the_real_one_less_what_was_removed(development, real):
    removed = real("spotify_modes")["fields_removed_dev_2026"]
    theirs = without(real("samples/playlist_items_page_2026-03")["items"][0]["track"], removed)
    track_id = callers.some_tracks(development, 1)[0]

    check(callers.app(development).get(f"/tracks/{track_id}").json(), theirs, absent=["episode", "track"])


def test_a_user_in_development_mode_is_the_real_one_less_what_was_removed(development, real):
    theirs = without(real("samples/me_extended_2026-03"), real("spotify_modes")["fields_removed_dev_2026"])

    check(callers.user(development, PRIVATE).get("/me").json(), theirs, extra=["account_id"])


def test_a_playlist_in_development_mode_has_the_new_spelling_alone(development, real):
    caller = callers.user(development)
    body = caller.get(f"/playlists/{playlist_of(caller, development)}").json()
    theirs = without(
        real("samples/playlist_owned_extended_tracks_AND_items_2026-03"),
        real("spotify_modes")["fields_removed_dev_2026"] | {"playlist": ("tracks",)},
    )
    for row in theirs["items"]["items"]:
        del row["track"]

    check(body, theirs)


def test_what_reccobeats_says(extended, real):
    ids = ",".join(callers.some_tracks(extended, 40))
    body = requests.get(
        f"{extended.reccobeats_url}/audio-features?ids={ids}", headers=AGENT, timeout=5
    ).json()

    check(body, real("reccobeats/audio_features_200"))


def test_what_gemini_says(extended, real):
    url = f"{extended.gemini_url}/v1/models/gemini-3.5-flash-lite:generateContent"
    asked = {"contents": [{"role": "user", "parts": [{"text": "rainy sunday"}]}]}
    body = requests.post(url, json=asked, headers={"x-goog-api-key": "k"}, timeout=5).json()

    check(body, real("gemini/generateContent_200"))


def test_what_gemini_says_without_a_good_key(extended, real):
    url = f"{extended.gemini_url}/v1/models/x:generateContent"
    response = requests.post(url, json={}, headers={"x-goog-api-key": "invalid"}, timeout=5)

    assert response.status_code == 400
    assert response.json() == real("gemini/errors")["400"]
