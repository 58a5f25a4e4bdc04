"""The console's page of an artist: what it shows, and what its three dialogs do and say beforehand."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from catalog.genres import artist_rows
from catalog.genres.provider import Found
from catalog.models import Artist, Block, Track
from playlists.rotation import artist_uses, snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
YES = {"_form_submitted": "on"}


@pytest.fixture
def artist():
    """The artist of the first of sixty tracks, all of which went into one list."""
    worlds.tracks(60)
    worlds.playlist()
    snapshots.build(worlds.TODAY, now=worlds.NOW)
    artist_rows.complete()
    return Artist.objects.get(spotify_id=Track.objects.order_by("pk")[0].artist_ids[0])


def address(artist, name="change"):
    return reverse(f"admin:catalog_artist_{name}", args=[artist.pk])


def test_the_page_shows_genres_their_source_tracks_and_uses(
    admin_client, artist, django_assert_max_num_queries
):
    artist_rows.record("wikidata", {artist.spotify_id: Found(("trip hop",))}, now=worlds.NOW)
    with django_assert_max_num_queries(20):
        page = admin_client.get(address(artist)).text

    assert "trip hop" in page
    assert "wikidata" in page
    assert artist_uses.of(artist.spotify_id).sentence() in page


def test_a_block_says_its_consequences_and_its_lifting_too(admin_client, artist):
    uses = artist_uses.of(artist.spotify_id)
    assert uses.places
    assert uses.lists == 1

    dialog = admin_client.get(address(artist, "block")).text
    admin_client.post(address(artist, "block"), YES | {"reason": "label dispute"})

    assert uses.sentence() in dialog
    assert Block.objects.get().reason == "label dispute"
    assert "label dispute" in admin_client.get(address(artist)).text
    assert not Track.objects.usable().filter(artist_ids__overlap=[artist.spotify_id]).exists()

    assert uses.sentence() in admin_client.get(address(artist, "unblock")).text
    admin_client.post(address(artist, "unblock"), YES)
    assert not Block.objects.exists()


def test_tags_are_set_with_a_reason_and_reach_the_tracks(admin_client, artist):
    admin_client.post(
        address(artist, "tag"), YES | {"tags": "Trip-Hop; trip hop;downtempo", "reason": "heard it"}
    )

    artist.refresh_from_db()
    assert (artist.tags, artist.tags_reason) == (["Trip-Hop", "downtempo"], "heard it")
    assert "trip hop" in Track.objects.filter(artist_ids__overlap=[artist.spotify_id])[0].genre_keys
    assert "heard it" in LogEntry.objects.latest("pk").change_message


def test_tracks_are_listed_by_genre_and_all_below_it(admin_client, artist):
    artist_rows.tag(artist.spotify_id, ["alternative rock"], reason="heard it")
    tracks = reverse("admin:catalog_track_changelist")

    shown = admin_client.get(tracks, {"genre": "rock"}).context["cl"].queryset

    assert {track.artist_ids[0] for track in shown} == {artist.spotify_id}
    assert not admin_client.get(tracks, {"genre": "jazz"}).context["cl"].queryset.exists()


def test_a_tag_without_letters_is_refused_and_nothing_changes(admin_client, artist):
    admin_client.post(address(artist, "tag"), YES | {"tags": "rock;!!!", "reason": "why not"})

    artist.refresh_from_db()
    assert artist.tags == []
