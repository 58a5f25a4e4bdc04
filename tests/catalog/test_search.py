"""Names are found by their words, and lists by their filters, through an index each."""

from __future__ import annotations

import pytest
from django.db import connection

from catalog import search
from catalog.models import Album, Track

pytestmark = pytest.mark.django_db


def plan_of(rows):
    """How PostgreSQL would find them in tables too large to be read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


@pytest.mark.parametrize(("model", "index"), [(Track, "tracks_words"), (Album, "albums_words")])
def test_words_are_found_through_an_index(model, index):
    assert index in plan_of(model.objects.filter(search.having("so what", "name", "artist")))


@pytest.mark.parametrize("term", ["", "  ", "\u00a0", "!?", "___", "\\", "\U0001f3b5"])
def test_a_term_without_a_word_is_no_search_by_words(term):
    assert search.having(term, "name", "artist") is None


@pytest.mark.parametrize("term", ["it's", "a & !b | (c", "x':*", "東京 Ünder", "w " * 5000])
def test_whatever_is_typed_is_a_question_that_postgresql_understands(term):
    assert not Track.objects.filter(search.having(term, "name", "artist")).exists()


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
