"""Whom sources are asked about, in which order, what is stored, and what rests; the played Wikidata too."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.gateway_state import gateways
from accounts.models import Circuit
from catalog import advisory_locks, tasks
from catalog.genres import artist_rows, ask, sources
from catalog.genres.provider import Absent, Found, GenresError, NoGenre, Provider
from catalog.ingest import ingest
from catalog.intake import batches
from catalog.models import Album, Artist, GenreAnswer, Track
from tests import second_connection
from tests.curation import catalogue

NOW = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def artist_id(number: int) -> str:
    return catalogue.spotify_id("ar", number)


@pytest.fixture
def artists(settings):
    """Four artists with a track each, and two sources by name."""
    settings.GENRE_SOURCES, settings.OPERATOR_CONTACT = ["wikidata", "listenbrainz"], "ops@example.org"
    Track.objects.bulk_create(catalogue.track(n, catalogue.album(n)) for n in range(4))
    artist_rows.complete()
    return [artist_id(n) for n in range(4)]


class Source:
    """A provider that says what it is told to, and remembers whom it was asked about."""

    def __init__(self, name, answers=None, error=None, per_call=100):
        self.asked = []

        def lookup(given):
            self.asked.append(dict(given))
            if error:
                raise error
            return {one: (answers or {}).get(one, Absent()) for one in given}

        self.provider = Provider(name, per_call, lookup)


def run(*asked, now=NOW, **more):
    return ask.run(clock=lambda: now, providers=[one.provider for one in asked], **more)


def test_the_next_source_is_asked_only_about_whom_the_earlier_found_nothing(artists):
    first = Source("wikidata", {artists[0]: Found(("rock",)), artists[1]: NoGenre(mbid="m" * 36)})
    second = Source("listenbrainz", {artists[1]: Found(("jazz",))})

    result = run(first, second)

    assert list(first.asked[0]) == artists
    assert second.asked == [{artists[1]: "m" * 36, artists[2]: "", artists[3]: ""}]
    assert dict(result.outcomes) == {"found": 2, "no_genre": 1, "absent": 4}
    assert dict(Artist.objects.exclude(genres=[]).values_list("spotify_id", "genre_source")) == {
        artists[0]: "wikidata", artists[1]: "listenbrainz",
    }  # fmt: skip


def test_the_second_day_asks_nobody(artists):
    sources_ = Source("wikidata", {artists[0]: Found(("rock",))}), Source("listenbrainz")
    run(*sources_)

    run(*sources_, now=NOW + DAY)

    assert [len(one.asked) for one in sources_] == [1, 1]
    assert not ask.due(NOW + DAY)


def test_answers_are_asked_for_again_when_they_are_no_longer_believed(artists):
    only = Source("wikidata", {artists[0]: Found(("rock",)), artists[1]: NoGenre()})
    run(only)

    for days in (31, 91, 180):
        run(only, now=NOW + days * DAY)

    assert [set(call) for call in only.asked] == [
        set(artists), set(artists[2:]), set(artists[1:]), {artists[0], *artists[2:]},
    ]  # fmt: skip


def test_a_source_that_fails_stores_nothing_and_the_next_has_its_turn(artists):
    broken = Source("wikidata", error=GenresError("Wikidata does not answer.", seconds=60))
    second = Source("listenbrainz", {artists[0]: Found(("jazz",))})

    result = run(broken, second)

    assert not GenreAnswer.objects.filter(source="wikidata").exists()
    assert list(second.asked[0]) == artists
    assert result.reason == "Wikidata does not answer."


def test_a_source_that_rests_is_not_waited_for(artists, settings):
    settings.GENRE_SOURCES = ["wikidata"]
    assert ask.due(NOW)

    Circuit.objects.create(app=sources.APP, bucket="wikidata", state="open", open_until=NOW + DAY)

    assert not ask.due(NOW)
    assert ask.due(NOW + 2 * DAY)


def test_whom_an_operators_file_names_nobody_is_asked_about(artists):
    artist_rows.record("import", {artists[0]: Found(("polka",))}, now=NOW)
    only = Source("wikidata")

    run(only, now=NOW + 400 * DAY)

    assert list(only.asked[0]) == artists[1:]


def test_without_a_contact_nobody_is_asked_and_that_is_said(artists, settings):
    settings.OPERATOR_CONTACT = ""

    result = ask.run(clock=lambda: NOW)

    assert "OPERATOR_CONTACT" in result.reason
    assert not ask.due(NOW)


def test_time_that_is_up_ends_a_run_between_two_calls(artists):
    only, left = Source("wikidata", per_call=2), iter([1.0, 0.0])

    run(only, time_left=lambda: next(left))

    assert [len(call) for call in only.asked] == [2]


def test_one_asks_at_a_time(artists):
    only = Source("wikidata")
    with second_connection.opened(autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, 0)", [advisory_locks.GENRES])
        result = run(only)

    assert (result.reason, only.asked) == (ask.BUSY, [])


@pytest.fixture
def ingested(sandbox, settings):
    """The sandbox's albums, with a contact so that its Wikidata is asked."""
    settings.OPERATOR_CONTACT, settings.GENRE_SOURCES = "ops@example.org", ["wikidata"]
    batches.enqueue(sandbox.album_links(60), by="test", now=NOW)
    ingest.run(gateway=gateways.for_app(lane="ingest"), now=NOW)


def test_the_played_wikidata_tells_genres_of_a_part_of_the_artists(ingested, settings):
    result = ask.run(clock=lambda: NOW, sleep=lambda seconds: None)

    known, everybody = Artist.objects.exclude(genres=[]).count(), Artist.objects.count()
    assert result.reason == ""
    assert result.calls == {"wikidata": -(-everybody // 100)}
    assert 0.1 < known / everybody < 0.9
    assert Track.objects.filter(genre_keys__isnull=False).exists()
    assert ask.run(clock=lambda: NOW + DAY).asked == 0


@pytest.fixture
def rings(monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr("accounts.enqueue.after_commit", lambda task, **_: rung.append(task))
    return rung


def test_genres_are_asked_for_after_the_features_and_until_nobody_is_left(ingested, rings, monkeypatch):
    monkeypatch.setattr("catalog.genres.wikidata.GAP_SECONDS", 0.0)

    tasks.fetch_audio_features()
    tasks.fetch_artist_genres()

    assert rings == ["fetch_artist_genres"]
    assert Artist.objects.filter(genres_checked_at=None).count() == 0


def test_the_task_goes_to_the_ingest_queue():
    from celery import current_app

    assert current_app.amqp.router.route({}, tasks.fetch_artist_genres.name)["queue"].name == "ingest"


def test_albums_tell_no_genre_and_their_tracks_have_those_of_their_artists(ingested):
    assert not Album.objects.exclude(genres=[]).exists()
    assert not Track.objects.exclude(genre_keys=None).exists()

    ask.run(clock=lambda: NOW, sleep=lambda seconds: None)

    assert Track.objects.exclude(genre_keys=None).exists()
