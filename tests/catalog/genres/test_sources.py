"""From the settings to providers: their order, what is missing, and a breaker for each."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import Circuit
from catalog.genres import sources
from catalog.genres.provider import Absent, GenresError, Provider

NOW = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
A = "3WrFJ7ztbogyGnTHbHJFl2"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _contact(settings):
    settings.OPERATOR_CONTACT = "ops@example.org"


def names():
    return [provider.name for provider in sources.configured(now=lambda: NOW)]


@pytest.fixture
def clock():
    """A list whose only entry is the time."""
    return [NOW]


@pytest.fixture
def guard(clock):
    """guard(error or answers): a provider that fails or answers, behind its breaker as read anew."""
    asked = []

    def make(outcome):
        def lookup(artists):
            asked.append(dict(artists))
            if isinstance(outcome, GenresError):
                raise outcome
            return outcome

        stored = sources.breaker_store.StoredCircuits(sources.APP)
        return sources.guarded(Provider("wikidata", 100, lookup), stored, lambda: clock[0])

    make.asked = asked
    return make


def test_the_sources_are_asked_in_the_configured_order(settings):
    settings.GENRE_SOURCES, settings.SPOTIFY_APP_MODE = ["spotify", "listenbrainz", "wikidata"], "extended"

    assert names() == ["spotify", "listenbrainz", "wikidata"]
    assert sources.missing() == []


def test_without_a_contact_no_open_source_is_asked_and_that_is_said_once(settings):
    settings.GENRE_SOURCES, settings.SPOTIFY_APP_MODE = ["wikidata", "listenbrainz", "spotify"], "extended"
    settings.OPERATOR_CONTACT = ""

    assert names() == ["spotify"]
    assert sources.missing() == [
        "OPERATOR_CONTACT is not set: no open data source is asked for artists' genres."
    ]


def test_in_development_mode_spotify_is_no_source(settings):
    settings.GENRE_SOURCES, settings.SPOTIFY_APP_MODE = ["wikidata", "spotify"], "development"

    assert names() == ["wikidata"]
    assert sources.missing() == ["Spotify gives artists' genres to apps in extended mode only."]


def test_none_is_nobody(settings):
    settings.GENRE_SOURCES = ["none"]

    assert names() == []
    assert "GENRE_SOURCES is none" in sources.missing()[0]


@pytest.mark.sandbox(albums=60)
def test_the_configured_wikidata_answers_and_says_who_asks(sandbox, settings, artists):
    settings.GENRE_SOURCES = ["wikidata"]
    (provider,) = sources.configured(now=lambda: NOW, sleep=lambda seconds: None)

    answers = provider.lookup({artist.spotify_id: "" for artist in artists})

    assert any(answer != Absent() for answer in answers.values())
    assert sources.user_agent("ops@example.org").startswith("Vibe/0.1 (ops@example.org) requests/")


def test_after_a_failure_nobody_asks_until_the_time_it_names(guard, clock):
    with pytest.raises(GenresError, match="bans us"):
        guard(GenresError("Wikidata bans us.", seconds=86_400)).lookup({A: ""})

    clock[0] = NOW + dt.timedelta(hours=23)
    with pytest.raises(GenresError, match="bans us") as caught:
        guard({A: Absent()}).lookup({A: ""})

    assert caught.value.until(clock[0]) == NOW + dt.timedelta(days=1)
    assert len(guard.asked) == 1
    assert Circuit.objects.get(app=sources.APP, bucket="wikidata").reason == "Wikidata bans us."


def test_after_that_time_one_asks_again_and_a_good_answer_closes_the_breaker(guard, clock):
    with pytest.raises(GenresError):
        guard(GenresError("too slow", seconds=600)).lookup({A: ""})
    clock[0] = NOW + dt.timedelta(minutes=11)

    assert guard({A: Absent()}).lookup({A: ""}) == {A: Absent()}
    assert Circuit.objects.get(app=sources.APP, bucket="wikidata").state == "closed"


def test_one_source_that_rests_does_not_hold_up_another(guard, clock):
    with pytest.raises(GenresError):
        guard(GenresError("too slow", seconds=600)).lookup({A: ""})
    stored = sources.breaker_store.StoredCircuits(sources.APP)
    other = sources.guarded(Provider("listenbrainz", 50, lambda artists: {A: Absent()}), stored, lambda: NOW)

    assert other.lookup({A: ""}) == {A: Absent()}
