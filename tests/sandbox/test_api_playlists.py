"""One playlist: its items, its details, who may read and who may write it."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import server
from tests.sandbox import callers

KEYS = (
    "name",
    "description",
    "public",
    "collaborative",
    "uris",
    "items",
    "uri",
    "position",
    "range_start",
    "insert_before",
)


@pytest.fixture
def caller(sandbox):
    return callers.user(sandbox)


@pytest.fixture
def playlist(caller):
    return caller.post("/me/playlists", json={"name": "Vibe"}).json()["id"]


def put(caller, playlist, tracks):
    return caller.put(f"/playlists/{playlist}/items", json={"uris": callers.uris(tracks)})


def order(caller, playlist):
    page = caller.get(f"/playlists/{playlist}/items?limit=50").json()
    return [row["item"]["id"] for row in page["items"]]


def test_items_are_replaced_in_the_order_given(sandbox, caller, playlist):
    tracks = callers.some_tracks(sandbox, 50)
    put(caller, playlist, tracks[:10])
    response = put(caller, playlist, tracks[::-1])

    assert response.status_code == 200
    assert list(response.json()) == ["snapshot_id"]
    assert order(caller, playlist) == tracks[::-1]


def test_an_empty_list_clears(sandbox, caller, playlist):
    put(caller, playlist, callers.some_tracks(sandbox, 3))
    put(caller, playlist, [])

    assert order(caller, playlist) == []


def test_a_hundred_uris_are_taken_and_one_more_is_refused(sandbox, caller, playlist):
    tracks = callers.some_tracks(sandbox, 101)

    assert put(caller, playlist, tracks[:100]).status_code == 200
    assert put(caller, playlist, tracks).status_code == 400


@pytest.mark.parametrize(
    "uris", [["nonsense"], ["spotify:album:" + "0" * 22], ["spotify:track:short"], "one", [5]]
)
def test_uris_that_are_none_are_refused(caller, playlist, uris):
    assert caller.put(f"/playlists/{playlist}/items", json={"uris": uris}).status_code == 400


def test_one_dead_track_fails_the_whole_write_every_time_and_changes_nothing(sandbox, caller, playlist):
    tracks = callers.some_tracks(sandbox, 5)
    put(caller, playlist, tracks[:2])
    sandbox.world.kill(tracks[3])

    assert [put(caller, playlist, tracks).status_code for _ in range(3)] == [502, 502, 502]
    assert order(caller, playlist) == tracks[:2]
    assert put(caller, playlist, [*tracks[:3], tracks[4]]).status_code == 200


def test_a_track_that_dies_later_leaves_a_row_with_null_in_it(sandbox, caller, playlist):
    tracks = callers.some_tracks(sandbox, 2)
    put(caller, playlist, tracks)
    sandbox.world.kill(tracks[0])
    rows = caller.get(f"/playlists/{playlist}/items").json()["items"]

    assert [row["item"] and row["item"]["id"] for row in rows] == [None, tracks[1]]


def test_items_are_added_removed_and_reordered(sandbox, caller, playlist):
    a, b, c, d = callers.some_tracks(sandbox, 4)
    path = f"/playlists/{playlist}/items"

    assert caller.post(path, json=callers.uris([a, b])).status_code == 201
    caller.post(path, json={"uris": callers.uris([c]), "position": 0})
    assert order(caller, playlist) == [c, a, b]
    caller.put(path, json={"range_start": 0, "insert_before": 3})
    assert order(caller, playlist) == [a, b, c]
    caller.put(path, json={"range_start": 1, "insert_before": 0, "range_length": 2})
    assert order(caller, playlist) == [b, c, a]
    caller.delete(path, json={"items": [{"uri": f"spotify:track:{c}"}]})
    caller.post(path, json={"uris": callers.uris([d])})
    assert order(caller, playlist) == [b, a, d]


def test_details_change_without_a_body_in_the_answer(caller, playlist):
    response = caller.put(
        f"/playlists/{playlist}", json={"name": "New", "description": 'it\'s "new"', "public": True}
    )
    body = caller.get(f"/playlists/{playlist}").json()

    assert (response.status_code, response.content) == (200, b"")
    assert body["name"] == "New"
    assert body["description"] == "it&#39;s &quot;new&quot;"


@pytest.mark.parametrize(
    "body", [{"name": "x" * 101}, {"description": "a\nb"}, {"description": "x" * 301}, {"public": "yes"}]
)
def test_details_over_the_limits_are_refused(caller, playlist, body):
    assert caller.put(f"/playlists/{playlist}", json=body).status_code == 400


def test_every_edit_changes_the_snapshot_id(sandbox, caller, playlist):
    def snapshot():
        return caller.get(f"/playlists/{playlist}?fields=snapshot_id").json()["snapshot_id"]

    first = snapshot()
    caller.put(f"/playlists/{playlist}", json={"name": "Another"})
    second = snapshot()
    third = put(caller, playlist, callers.some_tracks(sandbox, 1)).json()["snapshot_id"]

    assert len({first, second, third}) == 3
    assert snapshot() == third


def test_fields_keep_only_what_is_named(sandbox, caller, playlist):
    tracks = callers.some_tracks(sandbox, 2)
    put(caller, playlist, tracks)

    assert caller.get(f"/playlists/{playlist}?fields=id,name").json() == {"id": playlist, "name": "Vibe"}
    rows = caller.get(f"/playlists/{playlist}/items?fields=total,items(item(id))").json()
    assert rows == {"total": 2, "items": [{"item": {"id": track}} for track in tracks]}


def test_nobody_writes_another_users_playlist(sandbox, caller, playlist):
    stranger = callers.user(sandbox)

    assert put(stranger, playlist, []).status_code == 403
    assert stranger.put(f"/playlists/{playlist}", json={"name": "mine"}).status_code == 403
    assert stranger.post(f"/playlists/{playlist}/items", json={"uris": []}).status_code == 403


def test_writing_needs_the_scope_of_the_playlists_kind(sandbox, playlist):
    reader = callers.user(sandbox, "playlist-read-private", user="1")

    assert put(reader, playlist, []).json()["error"]["message"] == "Insufficient client scope"


def test_others_read_public_items_in_extended_mode_alone(sandbox, development):
    for world, status in ((sandbox, 200), (development, 403)):
        owner, stranger = callers.user(world), callers.user(world)
        playlist = owner.post("/me/playlists", json={"name": "x"}).json()["id"]

        assert stranger.get(f"/playlists/{playlist}/items").status_code == status
        assert stranger.get(f"/playlists/{playlist}").status_code == 200
    assert "items" not in stranger.get(f"/playlists/{playlist}").json()


def test_development_mode_has_the_new_spelling_alone(sandbox, development):
    for world, spellings, rows in (
        (sandbox, {"tracks", "items"}, {"track", "item"}),
        (development, {"items"}, {"item"}),
    ):
        caller = callers.user(world)
        playlist = caller.post("/me/playlists", json={"name": "x"}).json()["id"]
        put(caller, playlist, callers.some_tracks(world, 1))
        body = caller.get(f"/playlists/{playlist}").json()

        assert {"tracks", "items"} & body.keys() == spellings
        assert {"track", "item"} & body["items"]["items"][0].keys() == rows
        assert (caller.get(f"/playlists/{playlist}/tracks").status_code == 200) is (world is sandbox)


def test_a_cover_is_a_jpeg_in_base64(sandbox, caller, playlist):
    artist = callers.user(sandbox, f"{callers.WRITE} ugc-image-upload", user="1")
    jpeg = base64.b64encode(b"\xff\xd8\xff" + b"0" * 100)

    assert artist.put(f"/playlists/{playlist}/images", data=jpeg).status_code == 202
    assert artist.put(f"/playlists/{playlist}/images", data=b"not base64!").status_code == 400
    assert caller.put(f"/playlists/{playlist}/images", data=jpeg).status_code == 403


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def open_line():
    """One sandbox, one user and one playlist for all examples."""
    with server.serve(albums=5) as running:
        caller = callers.user(running)
        yield caller, caller.post("/me/playlists", json={"name": "x"}).json()["id"]


@given(
    method=st.sampled_from(["PUT", "POST", "DELETE"]),
    below=st.sampled_from(["", "/items", "/tracks"]),
    body=JSON,
)
def test_any_body_gets_an_answer(open_line, method, below, body):
    caller, playlist = open_line

    assert caller.request(method, f"/playlists/{playlist}{below}", data=json.dumps(body)).status_code < 500
    assert caller.post("/me/playlists", data=json.dumps(body)).status_code < 500
