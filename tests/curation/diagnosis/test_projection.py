"""What a run of days brings, in figures."""

from __future__ import annotations

import datetime as dt

from curation.diagnosis import projection
from curation.diagnosis.projection import Projection
from tests.curation.catalogue import TODAY


def test_the_first_short_day_and_held_lists_are_named():
    found = Projection()
    found.add(TODAY, wanted=2, tracks=[1, 2], last={})
    found.add(TODAY + dt.timedelta(days=1), wanted=2, tracks=[], last={})

    figures = found.figures(matched=4)

    assert figures["first_short_day"] == (TODAY + dt.timedelta(days=1)).isoformat()
    assert (figures["held_lists"], figures["fill"]) == (1, 0.5)
    assert (figures["tracks_used"], figures["coverage"]) == (2, 0.5)


def test_a_rest_is_counted_from_the_use_before():
    found = Projection()
    found.add(TODAY, wanted=2, tracks=[1, 2], last={1: TODAY - dt.timedelta(days=3)})

    assert found.figures(matched=2)["gap"] == {"min": 3, "median": 3, "p95": 3}


def test_relaxed_lists_are_counted_once_a_rule():
    found = Projection()
    found.add(TODAY, wanted=1, tracks=[1], last={}, relaxed=["limits.per_artist", "limits.per_artist"])

    figures = found.figures(matched=1)

    assert figures["relaxations"] == {"limits.per_artist": 1}
    assert figures["first_relaxed_day"] == TODAY.isoformat()


def test_skew_is_zero_for_equal_uses_and_high_for_a_few_favourites():
    assert projection.skew([3, 3, 3]) == 0
    assert projection.skew([1] * 99 + [900]) > 0.85
    assert projection.skew([]) == 0
