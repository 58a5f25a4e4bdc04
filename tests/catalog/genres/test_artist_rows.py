"""What artists' rows say by answers and tags, what their tracks keep of it, and how both catch up."""

from __future__ import annotations

import datetime as dt
import threading
from importlib import import_module

import pytest
from django.db import connection, transaction

from catalog.genres import artist_rows, on_tracks, taxonomy
from catalog.genres.provider import Absent, Found, NoGenre
from catalog.models import Album, Artist, GenreAnswer, Track
from tests.curation import catalogue

NOW = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
ONE = catalogue.spotify_id("ar", 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def track():
    """A track by one artist, whose row exists."""
    made = catalogue.track(1, catalogue.album(1), artist_names=["Ada"])
    made.save()
    artist_rows.complete()
    return made


def told(source, answer, artist_id=ONE):
    return artist_rows.record(source, {artist_id: answer}, now=NOW)


def keys(track) -> list[str] | None:
    track.refresh_from_db()
    return track.genre_keys


def test_tracks_that_older_code_stored_get_their_artists_with_the_newest_name():
    home = catalogue.album(1)
    ids = ["a" * 22, "b" * 22, "c" * 22]
    catalogue.track(1, home, artist_ids=ids, artist_names=["Old", "Unknown artist"]).save()
    catalogue.track(2, home, artist_ids=ids[:1], artist_names=["New"]).save()

    assert (artist_rows.complete(), artist_rows.complete()) == (3, 0)

    rows = Artist.objects.order_by("spotify_id").values_list("spotify_id", "name", "words")
    assert list(rows) == [(ids[0], "New", "new"), (ids[1], "", ""), (ids[2], "", "")]


def test_what_a_source_found_is_the_artists_and_its_tracks(track):
    assert told("wikidata", Found(("trip hop", "Downtempo"), qid="Q5", country="GB")) == 1

    artist = Artist.objects.get()
    assert (artist.genres, artist.genre_source, artist.country) == (
        ["trip hop", "Downtempo"], "wikidata", "GB",
    )  # fmt: skip
    assert artist.genres_checked_at == NOW
    assert keys(track) == taxonomy.expand(["trip hop", "downtempo"])


@pytest.mark.parametrize(
    ("answer", "days"), [(Found(("pop",)), 180), (NoGenre(), 90), (Absent(), 30)]
)  # fmt: skip
def test_found_no_genre_and_absent_are_three_things_believed_for_so_long(track, answer, days):
    told("wikidata", answer)

    row = GenreAnswer.objects.get()
    assert row.believed_until - row.fetched_at == dt.timedelta(days=days)
    assert row.outcome == {Found: "found", NoGenre: "no_genre", Absent: "absent"}[type(answer)]


def test_the_first_source_in_order_wins_and_an_import_wins_over_all(track, settings):
    settings.GENRE_SOURCES = ["wikidata", "listenbrainz"]
    seen = []
    for source, genres in (("listenbrainz", "jazz"), ("wikidata", "rock"), ("import", "folk")):
        told(source, Found((genres,)))
        seen.append(Artist.objects.get().genres)

    assert seen == [["jazz"], ["rock"], ["folk"]]
    assert Artist.objects.get().genre_source == "import"


def test_genres_that_a_source_takes_back_are_gone_from_artist_and_tracks(track):
    told("wikidata", Found(("rock",)))
    told("wikidata", NoGenre())

    artist = Artist.objects.get()
    assert (artist.genres, artist.genre_source, keys(track)) == ([], None, None)


def test_an_operators_tags_count_beside_the_source_and_stay_when_it_answers_again(track):
    told("wikidata", Found(("rock",)))
    artist_rows.tag(ONE, ["Trip-Hop"], reason="heard it")
    told("wikidata", Found(("folk",)))

    assert {"folk", "trip hop"} <= set(keys(track))
    assert "rock" not in keys(track)
    assert Artist.objects.get().tags_reason == "heard it"


def test_a_track_of_two_artists_has_the_genres_of_both(track):
    both = catalogue.track(2, catalogue.album(2), artist_ids=[ONE, "b" * 22], artist_names=["Ada", "Bo"])
    both.save()
    artist_rows.complete()
    told("wikidata", Found(("ska",)))
    told("wikidata", Found(("jazz",)), "b" * 22)

    assert {"ska", "jazz"} <= set(keys(both))
    assert both.genre_labels == ["ska", "jazz"]
    assert "jazz" not in keys(track)


def test_another_taxonomy_has_everything_expanded_again_once(track, monkeypatch):
    home = track.album
    Album.objects.filter(pk=home.pk).update(genres=["polka"], genres_folded=["polka"])
    told("wikidata", Found(("rock",)))
    Artist.objects.update(taxonomy="another", genre_keys=["wrong"])

    assert (on_tracks.catch_up(), on_tracks.catch_up()) == (2, 0)
    assert {"rock", "polka"} <= set(keys(track))
    assert Album.objects.get().taxonomy == taxonomy.loaded().version


@pytest.mark.django_db(transaction=True)
def test_an_answer_waits_for_the_album_that_is_being_stored_and_finds_its_tracks():
    """Whoever stores an album holds its artists: an answer that came meanwhile reaches the new track."""
    catalogue.track(1, catalogue.album(1), artist_names=["Ada"]).save()
    artist_rows.complete()
    home = Album.objects.get()

    def answer() -> None:
        told("wikidata", Found(("rock",)))
        connection.close()

    other = threading.Thread(target=answer)
    with transaction.atomic():
        list(Artist.objects.select_for_update(no_key=True))
        other.start()
        catalogue.track(2, home, artist_ids=[ONE]).save()
        other.join(0.3)
        assert other.is_alive()
    other.join()

    assert all("rock" in found for found in Track.objects.values_list("genre_keys", flat=True))


def test_the_migration_makes_artists_of_the_tracks_there_are(track):
    from django.apps import apps

    Artist.objects.all().delete()
    Track.objects.update(genre_keys=None)
    Album.objects.update(genres=["ska"], genres_folded=["ska"], taxonomy=None)

    import_module("catalog.migrations.0009_artists_and_their_genres").fill(apps, None)

    assert Artist.objects.get().name == "Ada"
    assert "ska" in keys(track)


def test_tracks_of_a_genre_and_of_artists_are_found_by_their_indexes(track):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "tracks_genres" in Track.objects.filter(genre_keys__overlap=["rock"]).explain()
    assert "tracks_of_artists" in Track.objects.filter(artist_ids__overlap=[ONE]).explain()
