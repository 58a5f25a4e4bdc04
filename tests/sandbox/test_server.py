"""The server: keeps connections, answers quickly, and spotipy drives it as it drives Spotify."""

from __future__ import annotations

import http.client
import socket
import threading
import time

import pytest
import requests
import spotipy

from sandbox import server
from tests.sandbox import callers


@pytest.fixture
def spotify(sandbox):
    """spotipy as Vibe uses it: our own session, a ready token, no retries of its own."""
    with requests.Session() as session:
        session.trust_env = False
        token = callers.tokens(sandbox, scope=callers.WRITE_AND_REMOVE)["access_token"]
        client = spotipy.Spotify(auth=token, requests_session=session, requests_timeout=5)
        client.prefix = f"{sandbox.api_url}/"
        yield client


def test_spotipy_reads_the_catalogue(sandbox, spotify):
    ids = [sandbox.world.catalogue.album_id(number) for number in range(20)]
    tracks = callers.some_tracks(sandbox, 50)

    assert [album["id"] for album in spotify.albums(ids)["albums"]] == ids
    assert spotify.album(ids[0], market="US")["id"] == ids[0]
    assert spotify.album_tracks(ids[0], limit=5)["limit"] == 5
    assert len(spotify.tracks(tracks)["tracks"]) == 50
    assert spotify.search("the", limit=2)["tracks"]["items"]


def test_spotipy_makes_fills_and_unmakes_a_playlist(sandbox, spotify):
    tracks = callers.some_tracks(sandbox, 5)
    playlist = spotify.current_user_playlist_create("Vibe", description="d")["id"]
    spotify.playlist_replace_items(playlist, callers.uris(tracks[:3]))
    spotify.playlist_add_items(playlist, callers.uris(tracks[3:]))
    spotify.playlist_change_details(playlist, name="Renamed")
    rows = spotify.playlist_items(playlist, limit=50)

    assert spotify.me()["id"] == "sandbox-01"
    assert [row["item"]["id"] for row in rows["items"]] == tracks
    assert spotify.current_user_playlists()["items"][0]["name"] == "Renamed"
    spotify._delete("me/library", uris=f"spotify:playlist:{playlist}")
    assert spotify.current_user_playlists()["total"] == 0


def test_spotipy_follows_next_to_our_own_host(sandbox, spotify):
    page = spotify.album_tracks(sandbox.world.catalogue.album_id(3), limit=5)

    assert spotify.next(page)["offset"] == 5


def test_spotipy_hears_the_status_and_the_wait_of_a_429(sandbox, spotify):
    sandbox.faults.add("quota", retry_after=9)
    with pytest.raises(spotipy.SpotifyException) as caught:
        spotify.me()

    assert caught.value.http_status == 429
    assert caught.value.headers["Retry-After"] == "9"


def test_one_connection_serves_many_requests(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=5)
    connection.connect()
    ours = connection.sock
    for _ in range(3):
        connection.request("GET", "/_sandbox/health")
        assert connection.getresponse().read()

    assert connection.sock is ours
    connection.close()


def test_many_callers_at_once_all_get_their_own_answer(sandbox):
    tokens = [callers.tokens(sandbox)["access_token"] for _ in range(4)]
    seen = []

    def work(token):
        caller = callers.Caller(sandbox, token)
        seen.append({caller.get("/me").json()["id"] for _ in range(20)})

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert sorted(len(names) for names in seen) == [1, 1, 1, 1]
    assert len(set.union(*seen)) == 4


def test_playlists_made_at_once_are_all_kept(sandbox):
    token = callers.tokens(sandbox)["access_token"]

    def work():
        caller = callers.Caller(sandbox, token)
        for number in range(10):
            caller.post("/me/playlists", json={"name": f"n{number}"})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len({playlist.spotify_id for playlist in sandbox.world.playlists}) == 40


def test_stopping_closes_the_port_at_once():
    with server.serve(albums=5) as sandbox:
        caller = callers.user(sandbox)
        caller.get("/me")
        before = time.monotonic()
    stopped = time.monotonic() - before

    assert stopped < 2
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", sandbox.port)) != 0


def test_a_port_that_is_taken_is_refused(sandbox):
    with pytest.raises(OSError, match="in use"), server.serve(port=sandbox.port, albums=5):
        pass


def test_a_mode_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="extended or development"), server.serve(albums=5, mode="legacy"):
        pass


def test_time_can_belong_to_the_test():
    moment = [1_000_000.0]
    with server.serve(albums=5, clock=lambda: moment[0]) as sandbox:
        caller = callers.user(sandbox)
        moment[0] += 4000

        assert caller.get("/me").status_code == 401
        assert sandbox.calls[-1].at == moment[0]
