"""The door against the sandbox, in both modes."""

from __future__ import annotations

import pytest

from accounts.gateway_state import gateways
from accounts.spotify import errors
from tests.accounts.connecting import connected

pytestmark = pytest.mark.django_db


def ids_of(sandbox, count):
    return [link.rsplit("/", 1)[1].split("?")[0] for link in sandbox.album_links(count)]


@pytest.mark.extended
def test_albums_come_in_twenties_in_extended_mode(sandbox):
    gateway = gateways.for_app()
    wanted = ids_of(sandbox, 20)

    found = gateway.albums(wanted)

    assert gateway.albums_per_call == 20
    assert [album.spotify_id for album in found] == wanted
    assert [call.path.rstrip("/") for call in sandbox.calls if "/albums" in call.path] == ["/v1/albums"]


@pytest.mark.sandbox(albums=60, mode="development")
def test_albums_come_one_by_one_in_development_mode(sandbox):
    gateway = gateways.for_app()
    wanted = ids_of(sandbox, 3)

    found = gateway.albums(wanted)

    assert gateway.albums_per_call == gateway.tracks_per_call == 1
    assert [album.spotify_id for album in found] == wanted
    assert all(album.popularity is None for album in found)


@pytest.mark.parametrize("mode", ["extended", "development"])
def test_a_playlist_can_be_made_named_filled_read_and_removed(mode, request):
    request.node.add_marker(pytest.mark.sandbox(albums=60, mode=mode))
    sandbox = request.getfixturevalue("sandbox")
    gateway = gateways.for_account(connected().pk)
    album = gateway.albums(ids_of(sandbox, 1))[0]
    tracks = [track.spotify_id for track in album.tracks]

    made = gateway.create_playlist(name="Vibe • Night • #001 • 2026-11-25", description="By rules.")
    gateway.change_details(made.spotify_id, name="Vibe • Night • #001 • 2026-11-26", description="New.")
    snapshot = gateway.replace_items(made.spotify_id, tracks)

    assert snapshot
    assert gateway.playlist(made.spotify_id).name == "Vibe • Night • #001 • 2026-11-26"
    assert gateway.playlist_track_ids(made.spotify_id) == tracks
    assert [row.spotify_id for row in gateway.my_playlists()] == [made.spotify_id]
    gateway.unfollow(made.spotify_id)
    assert list(gateway.my_playlists()) == []


def test_unknown_albums_are_none_in_their_place(sandbox):
    wanted = [*ids_of(sandbox, 1), "7" * 22]
    gateway = gateways.for_app()

    assert [album is not None for album in gateway.albums(["0" * 22, wanted[0]])] == [False, True]


def test_a_malformed_id_is_refused_before_anything_is_sent(sandbox):
    with pytest.raises(errors.BadRequest):
        gateways.for_app().albums(["not-an-id"])

    assert sandbox.calls == []
