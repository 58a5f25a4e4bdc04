"""The directory's pages: truthful when empty, found by name, any day of a playlist."""

from __future__ import annotations

import datetime as dt

import pytest

from playlists.models import PlaylistCopy
from playlists.rotation import snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
NOW, TODAY = worlds.NOW, worlds.TODAY


@pytest.fixture
def listed(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    worlds.tracks(80)
    made = worlds.playlist(theme_tag="<b>Calm</b>")
    snapshots.build(TODAY, now=NOW)
    PlaylistCopy.objects.create(
        playlist=made, account=worlds.account(), status="synced", spotify_playlist_id=worlds.spotify_id(1),
        external_url="https://open.spotify.com/playlist/1", last_synced_at=NOW,
    )  # fmt: skip
    return made


def test_an_empty_directory_says_what_comes_next(client):
    answer = client.get("/playlists/")

    assert answer.status_code == 200
    assert b"There are no playlists yet" in answer.content


def test_the_directory_links_to_page_and_spotify(client, listed, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        page = client.get("/playlists/").content.decode()

    assert f"/playlists/{listed.public_id}/" in page
    assert "https://open.spotify.com/playlist/1" in page
    assert "&lt;b&gt;Calm&lt;/b&gt;" in page


@pytest.mark.parametrize("words, found", [("calm", True), ("#001", True), ("1", True), ("storm", False)])
def test_playlists_are_found_by_theme_and_number(client, listed, words, found):
    page = client.get("/playlists/", {"q": words}).content.decode()

    assert (listed.public_id in page) is found


def test_a_playlist_page_shows_its_newest_list(client, listed, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        page = client.get(f"/playlists/{listed.public_id}/").content.decode()

    assert page.count('class="song"') == 10
    assert "Wednesday 25 November 2026" in page


def test_a_playlist_page_shows_another_day(client, listed):
    snapshots.build(TODAY + dt.timedelta(days=1), now=NOW)

    assert b"Wednesday 25 November" in client.get(f"/playlists/{listed.public_id}/?date={TODAY}").content
    assert client.get(f"/playlists/{listed.public_id}/?date=2020-01-01").status_code == 404
    assert client.get(f"/playlists/{listed.public_id}/?date=x").status_code == 404
    assert client.get("/playlists/nobody/").status_code == 404
