"""Names are found by their words, and lists by their filters, through an index each."""

from __future__ import annotations

import pytest
from django.db import connection

from catalog import search
from catalog.models import Album, Track
from tests.curation import catalogue

pytestmark = pytest.mark.django_db


def plan_of(rows):
    """How PostgreSQL would find them in tables too large to be read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


@pytest.mark.parametrize(("model", "index"), [(Track, "tracks_found_by"), (Album, "albums_found_by")])
def test_words_are_found_through_an_index(model, index):
    assert index in plan_of(model.objects.filter(search.having("so what")))


@pytest.mark.parametrize("term", ["", "  ", "\u00a0", "!?", "___", "\\", "\U0001f3b5"])
def test_a_term_without_a_word_is_no_search_by_words(term):
    assert search.having(term) is None


@pytest.mark.parametrize("term", ["it's", "a & !b | (c", "x':*", "東京 Ünder", "w " * 5000])
def test_whatever_is_typed_is_a_question_that_postgresql_understands(term):
    assert not Track.objects.filter(search.having(term)).exists()


@pytest.mark.parametrize("term", ["beyonce", "BEYONCÉ halo", "hal", "Beyonce\u0301", "halo beyonce"])
def test_words_are_found_without_case_accents_and_signs(term):
    catalogue.track(
        1, catalogue.album(1, name="I Am… Sasha Fierce", artist="Beyoncé"), name="Halo!", artist="Beyoncé",
        artist_names=["Beyoncé"],
    ).save()  # fmt: skip

    assert Track.objects.filter(search.having(term)).exists()
    assert Album.objects.filter(search.having("sasha beyonce")).exists()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"is_playable": False}, "tracks_not_playable"),
        ({"explicit": True}, "tracks_explicit"),
        ({"version": "live"}, "tracks_versions"),
    ],
)
def test_what_few_tracks_are_is_found_newest_first_through_an_index(filters, index):
    assert index in plan_of(Track.objects.filter(**filters).order_by("-pk"))
