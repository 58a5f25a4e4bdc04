"""A vibe made again without one of its wishes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from catalog.models import Track
from curation.models import Vibe
from curation.policy import language
from curation.vibes import describe, generator, refining
from tests.curation.stocked import CALM, LOUD, stock

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def catalogue() -> None:
    stock(1, 12, genres=["jazz"], features=CALM)
    stock(101, 12, genres=["jazz"], features={**CALM, "instrumentalness": 0.0})
    stock(201, 12, genres=["pop"], features=LOUD)


def make(text: str, **more: Any) -> Vibe:
    return generator.generate(text, now=NOW, **more)


def chips(vibe: Vibe) -> list[str]:
    return [chip.text for chip in describe.chips(vibe.policy)]


def test_without_a_wish_other_songs_may_come() -> None:
    vibe = make("calm jazz, no vocals")

    again = refining.without(vibe, "rule:no vocals", now=NOW)

    assert "no vocals" in chips(vibe)
    assert "no vocals" not in chips(again)
    assert len(again.songs) == len(vibe.songs)
    assert any("Artist 1" in song["artist"] and len(song["artist"]) == 10 for song in again.songs)
    language.parse(again.policy)


def test_the_first_one_stays_as_it_is_and_the_new_one_says_what_was_left_out() -> None:
    vibe = make("calm jazz, no vocals")
    before = (vibe.policy, vibe.songs, vibe.notes)

    again = refining.without(vibe, "rule:no vocals", now=NOW)
    third = refining.without(again, "rule:calm", now=NOW)

    vibe.refresh_from_db()
    assert (vibe.policy, vibe.songs, vibe.notes) == before
    assert len({vibe.public_id, again.public_id, third.public_id}) == 3
    assert third.notes == ["Left out on request: no vocals.", "Left out on request: calm."]
    assert third.text == vibe.text


def test_what_gave_way_no_longer_does_once_enough_songs_fit() -> None:
    vibe = make("jazz from the 60s")
    assert "fallback_where" in vibe.policy

    again = refining.without(vibe, "rule:1960s", now=NOW)

    assert "fallback_where" not in again.policy
    assert all(song["reason"].startswith("Jazz") for song in again.songs)


def test_what_still_does_not_fit_is_said() -> None:
    vibe = make("calm metal from the 60s")

    again = refining.without(vibe, "rule:calm", now=NOW)

    assert len(again.songs) == 10
    assert any("fit every wish" in note for note in again.notes)


def test_a_wish_that_is_not_there_is_refused() -> None:
    vibe = make("calm jazz")

    with pytest.raises(refining.NotWished):
        refining.without(vibe, "rule:loud", now=NOW)


def test_an_emptied_catalogue_is_said_and_nothing_is_stored() -> None:
    vibe = make("calm jazz")
    Track.objects.update(is_playable=False)

    with pytest.raises(generator.EmptyCatalogue):
        refining.without(vibe, "rule:calm", now=NOW)
    assert Vibe.objects.count() == 1


def test_it_takes_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    vibe = make("calm jazz, no vocals")

    with django_assert_max_num_queries(8):
        refining.without(vibe, "rule:no vocals", now=NOW)
