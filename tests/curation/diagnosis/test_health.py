"""Rotation health from counts: goal beside actual, and the sentence that says what to do."""

from __future__ import annotations

from collections import Counter

import pytest

from curation.diagnosis import health
from curation.diagnosis.health import Actual, Goal


def report(goal=None, **actual):
    wanted = {"playlists": 2, "places": 100, "gap": 7, "matched": 1_000} | (goal or {})
    return health.report(Goal(**wanted), Actual(**{"lists": 60, "pools": {"rest": 6_000}} | actual))


def test_the_gap_is_told_as_asked_as_sustainable_and_as_obtained():
    found = report(gaps=Counter({10: 94, 12: 3, 30: 3}))

    assert found["gap"] == {
        "configured": 7,
        "sustainable": 10,
        "obtained": {"min": 10, "median": 10, "p95": 12, "pairs": 100},
    }


def test_percentiles_are_those_of_the_uses_one_by_one():
    assert health.spread(Counter([1, 2, 3, 4])) == {"min": 1, "median": 2, "p95": 4, "pairs": 4}
    assert health.spread(Counter()) == {"min": None, "median": None, "p95": None, "pairs": 0}


def test_a_blend_has_its_goals_beside_what_was_made_and_the_rest_is_named():
    found = report({"shares": {"new": 0.7, "gold": 0.1}}, pools={"new": 60, "rest": 40})

    assert found["blend"] == {
        "new": {"goal": 0.7, "actual": 0.6},
        "gold": {"goal": 0.1, "actual": 0.0},
        "rest": {"goal": 0.2, "actual": 0.4},
    }


def test_a_track_is_overdue_after_two_whole_rounds_of_what_matches():
    found = report(idle={None: 5, 3: 100, 20: 7, 21: 2})

    assert found["overdue_after_days"] == 20
    assert (found["never_used"], found["overdue"]) == (5, 2)


def test_no_track_is_overdue_before_twice_the_rest_that_is_asked():
    assert report({"gap": 30})["overdue_after_days"] == 60


def test_coverage_is_a_share_of_what_matches():
    assert report(used={7: 500, 30: 900, 90: 1_000})["coverage"] == {"7": 0.5, "30": 0.9, "90": 1.0}


def test_rules_pass_by_place_and_by_list():
    found = report(bent=60, relaxed={"limits.per_artist": 15}, top_artists=1_500)

    assert found["hard_rule_pass_rate"] == 0.99
    assert found["relaxed"] == {"limits.per_artist": {"lists": 15, "pass_rate": 0.75}}
    assert found["top_50_artists_share"] == 0.25


def test_nothing_is_divided_by_nothing():
    found = report({"playlists": 0, "places": 0, "matched": 0}, lists=0, pools={})

    assert found["gap"]["sustainable"] is None
    assert found["coverage"] == {"7": None, "30": None, "90": None}
    assert (found["hard_rule_pass_rate"], found["top_50_artists_share"]) == (None, None)


@pytest.mark.parametrize(
    ("goal", "actual", "said"),
    [
        ({"playlists": 0, "places": 0}, {}, "No playlist follows it"),
        ({}, {"lists": 0}, "No list was made yet"),
        ({"matched": 600}, {}, "600 tracks for 100 places a day can keep 6 days: give it fewer playlists"),
        ({}, {"held": 3}, "3 of 63 lists were held: ask the doctor"),
        ({}, {"gaps": {4: 1, 9: 9}}, "came back after 4 days, 7 days are asked: a shorter rest was in force"),
        (
            {},
            {"gaps": {4: 1}, "relaxed": {"rotation.repeat_gap_days": 1}},
            "came back after 4 days, 7 days are asked: its relax step let it",
        ),
        ({}, {"relaxed": {"blend": 6}}, "6 of 60 lists needed the relax step blend"),
        ({}, {"gaps": {9: 10}}, "nothing to change"),
    ],
)  # fmt: skip
def test_the_sentence_names_what_matters_most(goal, actual, said):
    assert said in report(goal, **actual)["sentence"]
