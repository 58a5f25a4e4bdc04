"""The month ahead in memory."""

from __future__ import annotations

import datetime as dt

from curation.engine import network, simulate
from curation.engine.demands import Usage
from tests.curation import catalogue
from tests.curation.catalogue import TODAY, document, item


def month(tracks, playlists, body=None, *, days=12, usage=None):
    items = [item(number) for number in range(tracks)]
    demands = [catalogue.demand(n, body) for n in range(1, playlists + 1)]
    setting = network.Setting(TODAY, 10, 3)
    return simulate.month(demands, items, {1: catalogue.bits()}, usage or Usage(), setting, days=days)


def test_a_network_that_fits_stays_full_and_rests_exactly_as_long_as_it_can():
    found = month(60, 2)

    assert found.network["fill"] == 1.0
    assert found.network["first_short_day"] is None
    assert found.network["gap"] == {"min": 3, "median": 3, "p95": 3}
    assert (found.network["tracks_used"], found.network["coverage"], found.network["skew"]) == (60, 1.0, 0.0)


def test_the_first_short_day_is_named():
    found = month(50, 2)

    assert found.policies[1]["first_short_day"] == (TODAY + dt.timedelta(days=2)).isoformat()
    assert found.days[2]["held"] == 1


def test_the_history_that_is_handed_in_is_left_as_it_was():
    usage = Usage({1: TODAY - dt.timedelta(days=1)})

    month(60, 2, usage=usage)

    assert usage == Usage({1: TODAY - dt.timedelta(days=1)})


def test_relax_steps_are_counted():
    body = document(limits={"per_artist": 1}, relax=[{"path": "limits.per_artist", "to": 9}])
    items = [item(number, artists=(f"a{number % 5}",)) for number in range(60)]
    setting = network.Setting(TODAY, 10, 3)

    found = simulate.month(
        [catalogue.demand(1, body)], items, {1: catalogue.bits()}, Usage(), setting, days=3
    )

    assert found.network["relaxations"] == {"limits.per_artist": 3}


def test_skew_is_zero_for_equal_uses_and_high_for_a_few_favourites():
    assert simulate.skew([3, 3, 3]) == 0
    assert simulate.skew([1] * 99 + [900]) > 0.85
    assert simulate.skew([]) == 0
