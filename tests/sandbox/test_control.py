"""The control pages: what another process can see of the sandbox and change in it."""

from __future__ import annotations

import pytest
import requests

from sandbox import server
from tests.sandbox import callers


@pytest.fixture
def control(sandbox):
    def call(method, path, **body):
        return requests.request(method, f"{sandbox.url}/_sandbox/{path}", json=body or None, timeout=5)

    return call


def test_health_says_what_runs_here(control):
    body = control("GET", "health").json()

    assert (body["ok"], body["albums"], body["mode"], body["seed"]) == (True, 60, "extended", 1)


def test_links_are_mostly_plain_with_a_few_other_spellings(control):
    lines = control("GET", "links?count=60").text.splitlines()
    plain = [line for line in lines if line.startswith("https://open.spotify.com/album/") and "?" not in line]

    assert len(lines) == 60
    assert 50 <= len(plain) < 60


def test_links_never_promise_more_albums_than_there_are(control):
    assert len(control("GET", "links?count=1000").text.splitlines()) == 60


def test_odd_links_have_two_broken_lines(control, sandbox):
    lines = control("GET", "links?count=60&odd=1").text.splitlines()

    assert len(lines) == 62
    assert sum("playlist" in line or "notanalbum" in line for line in lines) == 2
    assert lines == sandbox.album_links(60, odd=True)


def test_stats_count_calls_by_endpoint_status_and_user():
    with server.serve(albums=60, calls_per_30s=3) as sandbox:
        caller = callers.user(sandbox)
        for _ in range(4):
            caller.get("/me")
        body = requests.get(f"{sandbox.url}/_sandbox/stats", timeout=5).json()

    assert body["by_endpoint"]["GET /v1/me"] == 4
    assert (body["calls"], body["api_calls"], body["throttled"]) == (6, 4, 1)
    assert body["by_status"] == {"200": 4, "302": 1, "429": 1}
    assert body["by_user"]["sandbox-01"] == 4
    assert body["fullest_30s"] == 3


def test_the_list_of_calls_names_method_path_user_and_status(sandbox):
    callers.user(sandbox).get("/me/")
    call = sandbox.calls[-1]

    assert (call.method, call.path, call.user, call.status) == ("GET", "/v1/me", "sandbox-01", 200)


def test_playlists_show_owner_name_and_the_order_of_tracks(sandbox, control):
    caller, tracks = callers.user(sandbox), callers.some_tracks(sandbox, 3)
    playlist = caller.post("/me/playlists", json={"name": "x", "description": "a & b"}).json()["id"]
    caller.put(f"/playlists/{playlist}/items", json={"uris": callers.uris(tracks)})
    (seen,) = control("GET", "playlists").json()["playlists"]

    assert (seen["id"], seen["owner"], seen["name"], seen["tracks"]) == (playlist, "sandbox-01", "x", tracks)
    assert seen["description"] == "a & b"


def test_a_playlist_can_be_edited_and_unfollowed_by_hand(sandbox, control):
    caller, tracks = callers.user(sandbox), callers.some_tracks(sandbox, 2)
    playlist = caller.post("/me/playlists", json={"name": "x"}).json()["id"]

    control("PUT", f"playlists/{playlist}", name="mine now", tracks=tracks)
    body = caller.get(f"/playlists/{playlist}").json()
    assert (body["name"], body["items"]["total"]) == ("mine now", 2)

    control("PUT", f"playlists/{playlist}", followed=False)
    assert caller.get("/me/playlists").json()["total"] == 0
    assert control("GET", "playlists").json()["playlists"] == []
    assert len(control("GET", "playlists?all=1").json()["playlists"]) == 1


def test_a_track_can_be_killed_and_its_region_locked_and_freed(sandbox, control):
    app, track = callers.app(sandbox), callers.some_tracks(sandbox, 1)[0]

    control("PUT", f"tracks/{track}", only_in=["JP"])
    assert app.get(f"/tracks/{track}?market=US").json()["is_playable"] is False
    control("PUT", f"tracks/{track}", only_in=None)
    assert app.get(f"/tracks/{track}?market=US").json()["is_playable"] is True
    control("PUT", f"tracks/{track}", dead=True)
    assert app.get(f"/tracks/{track}").status_code == 404


def test_users_can_be_listed_expired_and_taken_off_the_allow_list(development):
    url, caller = f"{development.url}/_sandbox/users", callers.user(development)

    assert [user["user_id"] for user in requests.get(url, timeout=5).json()["users"]][:2] == [
        "sandbox-01",
        "sandbox-02",
    ]
    requests.put(f"{url}/1", json={"allowed": False}, timeout=5)
    assert caller.get("/me").status_code == 403
    assert requests.post(f"{url}/1/expire", timeout=5).json() == {"expired": 1}
    assert caller.get("/me").status_code == 401


def test_the_clock_can_be_moved(sandbox, control):
    before = control("GET", "clock").json()["now"]

    assert control("POST", "clock", advance=3600).json()["now"] - before >= 3600


def test_a_reset_is_the_first_day_again(sandbox, control):
    caller = callers.user(sandbox)
    caller.post("/me/playlists", json={"name": "x"})
    control("POST", "reset")

    assert caller.get("/me").status_code == 401
    assert sandbox.world.playlists == []
    assert callers.user(sandbox).get("/me").json()["id"] == "sandbox-01"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "users/nobody/revoke"), ("PUT", "playlists/none"), ("PUT", "tracks/none"), ("GET", "nothing")],
)
def test_what_is_not_there_is_404(control, method, path):
    assert control(method, path).status_code == 404
