"""The time machine: a day seen again, compared, and brought back."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import blocks
from playlists import rotation, timeline
from playlists.models import Snapshot
from tests.playlists import worlds

NOW, TODAY = worlds.NOW, worlds.TODAY
DAY = dt.timedelta(days=1)
LISTS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@pytest.fixture
def playlist(settings, db):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    worlds.tracks(60)
    made = worlds.playlist()
    for number in range(3):
        rotation.build(TODAY + number * DAY, now=NOW)
    return made


@given(LISTS, LISTS)
def test_a_difference_accounts_for_every_track_once(before, after):
    found = timeline.difference(before, after)

    assert sorted(found.came + found.moved + found.stayed) == sorted(after)
    assert sorted(found.went) == sorted(set(before) - set(after))


def test_a_day_without_a_list_shows_the_one_that_was_up(playlist):
    assert timeline.as_of(playlist, TODAY + 30 * DAY).date == TODAY + 2 * DAY
    assert timeline.as_of(playlist, TODAY + DAY).date == TODAY + DAY
    assert timeline.as_of(playlist, TODAY - DAY) is None


def test_where_a_track_has_been(playlist, django_assert_num_queries):
    first = timeline.as_of(playlist, TODAY).entries.select_related("track").first()

    with django_assert_num_queries(1):
        uses = timeline.whereabouts(first.track)

    assert uses == [{"date": str(TODAY), "playlist": playlist, "position": first.position}]


def test_a_day_is_brought_back_as_a_new_list(playlist):
    made = timeline.restore(playlist, TODAY, on=TODAY + 3 * DAY, by="ada", now=NOW)

    assert timeline.tracks_of(made) == timeline.tracks_of(timeline.as_of(playlist, TODAY))
    assert made.restored_from == TODAY
    assert rotation.build(TODAY + 3 * DAY, now=NOW).existing == 1
    assert Snapshot.objects.get(date=TODAY).size == 10


def test_a_restored_list_that_has_not_rested_is_marked_and_others_keep_clear_of_it(playlist):
    timeline.restore(playlist, TODAY + 2 * DAY, on=TODAY + 3 * DAY, by="ada", now=NOW)

    outcome = rotation.build(TODAY + 4 * DAY, now=NOW)

    assert outcome.built == [playlist.pk]
    entry = Snapshot.objects.get(date=TODAY + 3 * DAY).entries.first()
    assert "ada" in entry.reasons["relaxed"][0]


def test_what_can_not_be_brought_back_is_refused_in_words(playlist):
    with pytest.raises(timeline.NotRestorable, match="never rewritten"):
        timeline.restore(playlist, TODAY, on=TODAY + DAY, by="ada", now=NOW)
    with pytest.raises(timeline.NotRestorable, match="had no list"):
        timeline.restore(playlist, TODAY - 9 * DAY, on=TODAY + 3 * DAY, by="ada", now=NOW)
    dead = timeline.tracks_of(timeline.as_of(playlist, TODAY))[0]
    blocks.add(kind="track", spotify_id=dead, reason="Gone.", by="test")
    with pytest.raises(timeline.NotRestorable, match="can not be played"):
        timeline.restore(playlist, TODAY, on=TODAY + 3 * DAY, by="ada", now=NOW)
