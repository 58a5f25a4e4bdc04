"""Scores from terms, and what an entry's figures say in words."""

from __future__ import annotations

import pytest

from curation.diagnosis import reasons
from curation.engine import score
from curation.ordering import seeded
from curation.policy import language, wording
from curation.policy.language import Score, Term
from tests.curation.catalogue import document


@pytest.mark.parametrize(
    ("term", "value", "expected"),
    [
        ({"field": "popularity"}, 25, 0.25),
        ({"field": "popularity", "weight": -1}, 25, 0.75),
        ({"field": "popularity", "at": 50, "width": 50}, 75, 0.5),
        ({"field": "popularity"}, 250, 1.0),
        ({"field": "tempo", "shape": "near", "at": 120, "width": 10}, 130, 0.5),
        ({"field": "age_days", "shape": "half_life", "width": 30}, 60, 0.25),
        ({"field": "age_days", "shape": "half_life", "at": 10, "width": 30}, 5, 1.0),
    ],
)
def test_a_term_turns_a_value_into_a_part_of_one(term, value, expected):
    assert score.part(Term(**term), value) == pytest.approx(expected)


def test_an_unknown_value_is_left_out_and_the_weights_are_rescaled():
    wish = Score(terms=[Term(field="energy", weight=3), Term(field="popularity", weight=1)])
    compute = score.scorer(wish, ("energy", "popularity"))

    assert compute((0.8, 40.0)) == pytest.approx(0.7)
    assert compute((0.8, None)) == pytest.approx(0.8)
    assert compute((None, None)) == score.NEUTRAL


def test_without_terms_there_is_nothing_to_prefer():
    assert score.scorer(Score(), ()) is None


def test_the_fields_of_all_policies_are_asked_once():
    one = language.parse(document(score={"terms": [{"field": "energy"}, {"field": "tempo"}]}))

    assert score.wanted([one, one, language.parse(document())]) == ("energy", "tempo")


def test_chance_is_the_same_everywhere_and_spread_evenly():
    assert seeded.seed("a", 1) == seeded.seed("a", 1) != seeded.seed("a1")
    shares = [seeded.share(number, 7) for number in range(1000)]
    assert all(0 <= share < 1 for share in shares)
    assert 0.45 < sum(shares) / 1000 < 0.55


@pytest.mark.parametrize(
    ("given", "phrase"),
    [
        ({"pool": "rest", "score": 0.5, "rested": None}, "matches the policy"),
        ({"pool": "new", "rested": 12}, "from the pool “new”, rested 12 days"),
        ({"pool": "pin", "pinned": 3}, "pinned at place 3"),
        ({"pool": "rest", "repeat": True, "rested": 2}, "rested 2 days, back before its rest was over"),
        ({"pool": "rest", "terms": {"energy": 0.9, "tempo": 0.2}}, "energy fits (90%)"),
        ({"pool": "rest", "relaxed": ["at most 3 per artist"]}, "let in by: at most 3 per artist"),
    ],
)
def test_reasons_read_as_a_phrase(given, phrase):
    assert reasons.phrase(given) == phrase


def test_conditions_read_as_words():
    where = {
        "all": [
            {"field": "genre", "op": "in", "value": ["pop", "soul"]},
            {"any": [
                {"field": "energy", "op": "gte", "value": 0.5, "missing": "include"},
                {"not": {"field": "explicit", "op": "eq", "value": True}},
            ]},
        ]
    }  # fmt: skip

    text = wording.words(language.parse(document(where=where)).where)

    assert text == "genre is pop or soul and (energy is at least 0.5 or unknown or not (explicit))"
