"""Spotify's own genres through the door: extended mode only, fifty at a time, and [] proves nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.gateway_state import gateways
from catalog.genres import spotify
from catalog.genres.provider import Absent, Found, GenresError, NoGenre
from sandbox import artist_genres

NOW = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def lookup(artist_ids):
    return spotify.provider(gateways.for_app(), now=lambda: NOW).lookup(dict.fromkeys(artist_ids, ""))


@pytest.mark.sandbox(albums=300)
@pytest.mark.extended
def test_genres_come_in_one_call_and_most_artists_have_none(sandbox, artists):
    wanted = [artist.spotify_id for artist in artists][:50]
    catalogue = sandbox.world.catalogue

    answers = lookup(wanted)

    assert [call.path for call in sandbox.calls if "/artists" in call.path] == ["/v1/artists"]
    expected = {each.spotify_id: artist_genres.at_spotify(catalogue, each) for each in artists[:50]}
    assert {key for key, answer in answers.items() if isinstance(answer, Found)} == {
        key for key, genres in expected.items() if genres
    }
    assert sum(isinstance(answer, NoGenre) for answer in answers.values()) > 25


@pytest.mark.extended
def test_an_id_that_spotify_does_not_know_is_absent(sandbox, artists):
    unknown = "7" * 21 + "1"

    answers = lookup([unknown, artists[0].spotify_id, "not an id"])

    assert answers[unknown] == answers["not an id"] == Absent()
    assert answers[artists[0].spotify_id] != Absent()


@pytest.mark.extended
@pytest.mark.parametrize("value", [None, [], "pop", [None, 7]])
def test_genres_of_another_type_are_no_genres(sandbox, artists, value):
    sandbox.faults.add("retype", path="/v1/artists", key="genres", value=value)

    assert lookup([artists[0].spotify_id]) == {artists[0].spotify_id: NoGenre()}


@pytest.mark.sandbox(albums=60, mode="development")
def test_in_development_mode_nobody_is_asked_and_that_is_said(sandbox, artists):
    with pytest.raises(GenresError, match="take spotify out of GENRE_SOURCES") as caught:
        lookup([artists[0].spotify_id])

    assert caught.value.permanent
    assert sandbox.calls == []


@pytest.mark.extended
def test_a_long_pause_of_spotifys_is_passed_on(sandbox, artists):
    sandbox.faults.add("throttle", path="/v1/artists", retry_after=7200, times=0)

    with pytest.raises(GenresError) as caught:
        lookup([artists[0].spotify_id])

    assert caught.value.seconds > 3600


@pytest.mark.extended
def test_an_endpoint_that_is_gone_from_extended_mode_too_is_learned(sandbox, artists):
    sandbox.faults.add("status", path="/v1/artists", status=403, body={"error": {"status": 403}}, times=0)
    wanted = [artist.spotify_id for artist in artists][:22]

    for _ in range(2):
        with pytest.raises(GenresError, match="GENRE_SOURCES"):
            lookup(wanted)

    assert len([call for call in sandbox.calls if "/artists" in call.path]) == 1
