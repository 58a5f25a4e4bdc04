"""The signed-in user: who they are, what playlists they have, how a playlist is made and unmade."""

from __future__ import annotations

import pytest

from sandbox import server
from tests.sandbox import callers


def create(caller, name="Vibe", **more):
    return caller.post("/me/playlists", json={"name": name} | more)


def test_me_says_more_to_apps_with_the_scope_in_extended_mode_alone(sandbox, development):
    plain = callers.user(sandbox).get("/me/").json()
    private = callers.user(sandbox, "user-read-private user-read-email").get("/me").json()
    developing = callers.user(development, "user-read-private user-read-email").get("/me").json()

    assert {"id", "account_id", "display_name"} <= plain.keys()
    assert "country" not in plain
    assert {"country", "product", "email"} <= private.keys()
    assert not {"country", "product", "email", "followers"} & developing.keys()


def test_only_five_users_are_on_the_allow_list_of_development_mode(development):
    statuses = [callers.user(development).get("/me").status_code for _ in range(7)]

    assert statuses == [200] * 5 + [403] * 2


def test_creating_twice_makes_two_playlists_of_the_same_name(sandbox):
    caller = callers.user(sandbox)
    first, second = create(caller), create(caller)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert [item["name"] for item in caller.get("/me/playlists").json()["items"]] == ["Vibe", "Vibe"]


def test_a_playlist_begins_public_and_empty(sandbox):
    body = create(callers.user(sandbox), description="a & b <i>").json()

    assert body["public"] is True
    assert body["items"]["total"] == body["tracks"]["total"] == 0
    assert body["description"] == "a &amp; b &lt;i&gt;"
    assert body["external_urls"]["spotify"] == f"https://open.spotify.com/playlist/{body['id']}"


@pytest.mark.parametrize(
    "body",
    [
        {},
        ["x"],
        {"name": ""},
        {"name": 5},
        {"name": "x" * 101},
        {"name": "x", "description": "y" * 301},
        {"name": "x", "description": "two\nlines"},
        {"name": "x", "collaborative": True},
    ],
)
def test_what_spotify_will_not_create(sandbox, body):
    assert callers.user(sandbox).post("/me/playlists", json=body).status_code == 400


def test_names_and_descriptions_of_the_full_length_are_taken(sandbox):
    assert create(callers.user(sandbox), "é" * 100, description="ü" * 300).status_code == 201


def test_a_body_that_is_no_json_is_refused(sandbox):
    assert callers.user(sandbox).post("/me/playlists", data=b"{name").status_code == 400


def test_public_and_private_playlists_need_their_own_scope(sandbox):
    public = callers.user(sandbox, "playlist-modify-public")
    private = callers.user(sandbox, "playlist-modify-private")

    assert create(public).status_code == 201
    assert create(public, public=False).status_code == 403
    assert create(private).status_code == 403
    assert create(private, public=False).status_code == 201


def test_private_playlists_are_listed_only_with_the_scope_to_read_them(sandbox):
    reader, blind = callers.user(sandbox, user="1"), callers.user(sandbox, "playlist-modify-public", user="1")
    create(reader, "secret", public=False)
    create(reader, "open")

    assert [item["name"] for item in blind.get("/me/playlists").json()["items"]] == ["open"]
    assert reader.get("/me/playlists").json()["total"] == 2


def test_the_list_comes_in_pages_newest_first(sandbox):
    caller = callers.user(sandbox)
    for number in range(5):
        create(caller, f"n{number}")
    page = caller.get("/me/playlists?limit=2").json()
    names = [item["name"] for item in page["items"]]
    while page["next"]:
        page = caller.get(page["next"]).json()
        names += [item["name"] for item in page["items"]]

    assert names == ["n4", "n3", "n2", "n1", "n0"]


def test_a_full_account_takes_no_more_playlists():
    with server.serve(albums=5, playlists_per_user=2) as sandbox:
        caller = callers.user(sandbox)

        assert [create(caller).status_code for _ in range(3)] == [201, 201, 403]


@pytest.mark.parametrize("path", ["/me/library?uris=spotify:playlist:{}", "/playlists/{}/followers"])
def test_deleting_is_unfollowing_and_the_playlist_stays_reachable(sandbox, path):
    caller = callers.user(sandbox, callers.WRITE_AND_REMOVE)
    playlist = create(caller).json()["id"]

    assert caller.delete(path.format(playlist)).status_code == 200
    assert caller.get("/me/playlists").json()["total"] == 0
    assert caller.get(f"/playlists/{playlist}").status_code == 200
    assert caller.put(path.format(playlist)).status_code == 200
    assert caller.get("/me/playlists").json()["total"] == 1


def test_the_old_ways_to_create_and_unfollow_are_gone_from_development_mode(sandbox, development):
    here, there = (callers.user(one, callers.WRITE_AND_REMOVE) for one in (sandbox, development))

    assert here.post("/users/sandbox-01/playlists", json={"name": "x"}).status_code == 201
    assert there.post("/users/sandbox-01/playlists", json={"name": "x"}).status_code == 403
    playlist = create(there).json()["id"]
    assert there.delete(f"/playlists/{playlist}/followers").status_code == 403
    assert there.delete(f"/me/library?uris=spotify:playlist:{playlist}").status_code == 200


@pytest.mark.parametrize(
    "uris", ["", "nonsense", "spotify:playlist:short", ",".join(["spotify:playlist:x"] * 41)]
)
def test_library_calls_with_bad_uris_are_refused(sandbox, uris):
    caller = callers.user(sandbox, callers.WRITE_AND_REMOVE)

    assert caller.delete("/me/library", params={"uris": uris}).status_code == 400


@pytest.mark.parametrize("missing", [*callers.WRITE_AND_REMOVE.split()[-2:], "playlist-modify-public"])
def test_the_library_wants_its_own_permissions(sandbox, missing):
    playlist = create(callers.user(sandbox)).json()["id"]
    granted = " ".join(scope for scope in callers.WRITE_AND_REMOVE.split() if scope != missing)

    refused = callers.user(sandbox, granted).delete(f"/me/library?uris=spotify:playlist:{playlist}")

    assert (refused.status_code, refused.json()["error"]["message"]) == (403, "Insufficient client scope")
