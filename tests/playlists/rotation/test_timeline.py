"""The time machine: a day seen again, compared, and brought back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from catalog.intake import blocks
from playlists.models import HistoryEntry, PlaylistCopy, Snapshot
from playlists.rotation import snapshots, timeline
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
        snapshots.build(TODAY + number * DAY, now=NOW)
    return made


def bring_back(playlist, source, *, on, now=NOW):
    return timeline.restore(playlist, source, on=on, by="ada", reason="It was better.", now=now)


@given(LISTS, LISTS)
def test_a_difference_accounts_for_every_track_once(before, after):
    found = timeline.difference(before, after)

    assert sorted([*found.came, *found.moved, *found.stayed]) == sorted(after)
    assert sorted(found.went) == sorted(set(before) - set(after))
    assert all(before[was - 1] == after[now - 1] == track for track, (was, now) in found.moved.items())


def test_a_day_without_a_list_shows_the_one_that_was_up(playlist):
    assert timeline.as_of(playlist, TODAY + 30 * DAY).date == TODAY + 2 * DAY
    assert timeline.as_of(playlist, TODAY + DAY).date == TODAY + DAY
    assert timeline.as_of(playlist, TODAY - DAY) is None


def test_the_days_up_to_one_stand_newest_first(playlist):
    dates = [one.date for one in timeline.days(playlist, TODAY + DAY, 5)]

    assert dates == [TODAY + DAY, TODAY]


def test_where_a_track_has_been(playlist, django_assert_num_queries):
    first = timeline.as_of(playlist, TODAY).entries.select_related("track").first()

    with django_assert_num_queries(1):
        uses = timeline.whereabouts(first.track)

    assert uses == [{"date": str(TODAY), "playlist": playlist, "position": first.position}]


def test_a_day_is_brought_back_as_a_new_list(playlist):
    made = bring_back(playlist, TODAY, on=TODAY + 3 * DAY)

    assert (
        HistoryEntry.objects.of(made).spotify_ids()
        == HistoryEntry.objects.of(timeline.as_of(playlist, TODAY)).spotify_ids()
    )
    assert made.restored_from == TODAY
    assert made.reason == f"ada brought the list of {TODAY} back: It was better."
    assert snapshots.build(TODAY + 3 * DAY, now=NOW).existing == 1
    assert Snapshot.objects.get(date=TODAY).size == 10


def test_a_list_that_is_up_is_replaced_at_once_and_stays_for_the_record(playlist):
    today = TODAY + 2 * DAY
    up = timeline.as_of(playlist, today)
    heard = HistoryEntry.objects.of(up).spotify_ids()
    copy = PlaylistCopy.objects.create(playlist=playlist, account=worlds.account())

    made = bring_back(playlist, TODAY, on=today)

    up.refresh_from_db()
    assert (up.state, HistoryEntry.objects.of(up).spotify_ids()) == ("replaced", heard)
    assert timeline.as_of(playlist, today) == made
    assert PlaylistCopy.objects.with_newest().get(pk=copy.pk).newest_id == made.pk
    assert not set(heard) & set(HistoryEntry.objects.of(tomorrows_list(playlist)).spotify_ids())


def tomorrows_list(playlist):
    snapshots.build(TODAY + 3 * DAY, now=NOW)
    return timeline.as_of(playlist, TODAY + 3 * DAY)


def test_a_day_has_one_valid_list_and_a_list_each_track_once(playlist):
    there = timeline.as_of(playlist, TODAY)
    entry = there.entries.first()
    with pytest.raises(IntegrityError, match="snapshots_one_valid_a_day"), transaction.atomic():
        Snapshot.objects.create(playlist=playlist, date=TODAY, state="built", size=1, created_at=NOW)
    entry.pk = None
    with pytest.raises(IntegrityError, match="history_one_track_a_place"), transaction.atomic():
        entry.save()
    entry.position = 99
    with pytest.raises(IntegrityError, match="history_no_repeat_in_a_list"), transaction.atomic():
        entry.save()


def test_an_entry_of_another_playlists_list_is_refused(playlist):
    with pytest.raises(IntegrityError, match="history_of_its_playlist"):
        give_away(timeline.as_of(playlist, TODAY), worlds.playlist())


@transaction.atomic
def give_away(snapshot, playlist):
    snapshot.entries.update(playlist=playlist)
    connection.check_constraints()


def test_a_restored_list_that_has_not_rested_is_marked_and_others_keep_clear_of_it(playlist):
    bring_back(playlist, TODAY + DAY, on=TODAY + 3 * DAY)

    outcome = snapshots.build(TODAY + 4 * DAY, now=NOW)

    assert outcome.built == [playlist.pk]
    entry = Snapshot.objects.get(date=TODAY + 3 * DAY).entries.first()
    assert entry.reasons["relaxed"] == [f"the list of {TODAY + DAY} brought back"]


def test_the_outlook_says_what_would_change_before_anything_does(playlist):
    PlaylistCopy.objects.create(playlist=playlist, account=worlds.account())

    found = timeline.outlook(playlist, TODAY, on=TODAY + 2 * DAY)

    assert (found.came, found.went, found.early, found.copies, found.replaces) == (10, 10, 10, 1, True)
    assert "in place of the one that is up: 10 tracks come and 10 go" in found.sentence()
    assert "10 of its tracks were used within the repeat gap" in found.sentence()
    assert Snapshot.objects.count() == 3


def test_what_can_not_be_brought_back_is_refused_in_words(playlist):
    with pytest.raises(timeline.NotRestorable, match="nothing would change"):
        bring_back(playlist, TODAY + 2 * DAY, on=TODAY + 3 * DAY)
    with pytest.raises(timeline.NotRestorable, match="had no list"):
        bring_back(playlist, TODAY - 9 * DAY, on=TODAY + 3 * DAY)
    dead = HistoryEntry.objects.of(timeline.as_of(playlist, TODAY)).spotify_ids()[0]
    blocks.add(kind="track", spotify_id=dead, reason="Gone.", by="test")
    with pytest.raises(timeline.NotRestorable, match="can not be played"):
        bring_back(playlist, TODAY, on=TODAY + 3 * DAY)
    playlist.status = "retired"
    with pytest.raises(timeline.NotRestorable, match="retired"):
        bring_back(playlist, TODAY + DAY, on=TODAY + 3 * DAY)
