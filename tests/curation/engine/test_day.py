"""The engine's entry points over a real catalogue."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from catalog.models import Track
from curation import engine
from curation.engine import Usage
from curation.policy import language
from tests.curation import catalogue
from tests.curation.catalogue import TODAY

pytestmark = pytest.mark.django_db


def day(demands, *, usage=None, today=TODAY, count=20, gap_days=3):
    return engine.build_day(demands, usage=usage or Usage(), today=today, count=count, gap_days=gap_days)


def test_every_playlist_gets_its_full_list_and_no_track_is_used_twice():
    catalogue.fill(300)
    demands = [catalogue.demand(n) for n in range(1, 6)]

    result = day(demands)

    assert result.short == {}
    used = [entry.track_id for built in result.lists.values() for entry in built.entries]
    assert len(used) == len(set(used)) == 100
    assert [entry.position for entry in result.lists[1].entries] == list(range(1, 21))


def test_limits_hold_in_every_list():
    catalogue.fill(300)
    body = catalogue.document(limits={"per_artist": 2, "per_album": 1})

    result = day([catalogue.demand(n, body) for n in range(1, 4)])

    of = {track.pk: track for track in Track.objects.all()}
    for built in result.lists.values():
        tracks = [of[entry.track_id] for entry in built.entries]
        assert max(Counter(track.album_id for track in tracks).values()) <= 1
        assert max(Counter(artist for track in tracks for artist in track.artist_ids).values()) <= 2


def test_tracks_rest_for_the_gap_and_come_back_after_it():
    # Every track is needed every third day. With four by an artist, two lists of at most two can always take
    # what is left; with five, a day may leave one artist more than the next can place.
    catalogue.fill(120, per_album=4)
    usage: dict[int, dt.date] = {}
    for offset in range(6):
        today = TODAY + dt.timedelta(days=offset)
        result = day([catalogue.demand(1), catalogue.demand(2)], usage=Usage(usage), today=today)
        assert not result.short
        for built in result.lists.values():
            for entry in built.entries:
                assert entry.track_id not in usage or (today - usage[entry.track_id]).days >= 3
                usage[entry.track_id] = today
    assert len(usage) == 120


def test_equal_inputs_give_equal_lists():
    catalogue.fill(200)
    demands = [
        catalogue.demand(n, catalogue.document(score={"terms": [{"field": "popularity"}]})) for n in (1, 2)
    ]

    assert day(demands).lists == day(list(reversed(demands))).lists


def test_a_network_too_large_for_its_catalogue_holds_whole_playlists_with_a_reason():
    catalogue.fill(50)

    result = day([catalogue.demand(n) for n in range(1, 5)])

    assert len(result.lists) == 2
    assert {len(built.entries) for built in result.lists.values()} == {20}
    assert all("50 match the policy" in shortage.sentence for shortage in result.short.values())


def test_a_day_reads_the_catalogue_three_times(django_assert_max_num_queries):
    catalogue.fill(100)
    with django_assert_max_num_queries(7):  # four of them bound the time of the first
        day([catalogue.demand(n) for n in (1, 2)])


def test_one_list_by_itself_is_as_long_as_asked():
    catalogue.fill(100)
    wanted = language.parse(
        catalogue.document(
            where={"field": "energy", "op": "gte", "value": 0.5},
            score={"terms": [{"field": "energy", "weight": 2}]},
        )
    )

    found = engine.build_one(wanted, count=10, today=TODAY, seed=7)

    assert len(set(found.track_ids)) == 10
    assert found.shortage == ""


def test_one_list_by_itself_says_why_it_is_short():
    catalogue.fill(100)
    wanted = language.parse(catalogue.document(where={"field": "energy", "op": "gte", "value": 0.97}))

    found = engine.build_one(wanted, count=10, today=TODAY, seed=7)

    assert 0 < len(found.track_ids) < 10
    assert "match the policy" in found.shortage


def few_artists(**order):
    """Ten tracks by three artists, of whom one has six: at best one other stands between two of that one."""
    home = catalogue.album(1)
    names = ["a"] * 6 + ["b"] * 2 + ["c"] * 2
    for number, name in enumerate(names):
        catalogue.track(number, home, artist_ids=[name * 22]).save()
    limits = {"per_artist": None, "per_album": None}
    return catalogue.document(limits=limits, order=order.pop("order", {}), **order)


def test_a_gap_that_the_policy_names_is_hard():
    body = few_artists(order={"artist_gap": 2})

    result = day([catalogue.demand(1, body)], count=10)

    assert result.lists == {}
    assert "No order of its tracks keeps 2 between two of one artist" in result.short[1].sentence


def test_a_named_gap_gives_way_as_far_as_a_relax_step_says():
    body = few_artists(order={"artist_gap": 3}, relax=[{"path": "order.artist_gap", "to": 0}])

    result = day([catalogue.demand(1, body)], count=10)

    assert len(result.lists[1].entries) == 10
    assert [one["path"] for one in result.lists[1].relaxations] == ["order"]


def test_the_default_gaps_are_wishes():
    result = day([catalogue.demand(1, few_artists())], count=10)

    assert len(result.lists[1].entries) == 10
