"""One wish taken out of a policy: its chip is gone, the others stay, and the document is still valid."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.policy import language
from curation.vibes import compose, describe, fallbacks, parser, remove_condition

TODAY = dt.date(2026, 11, 25)
SENTENCES = [
    "rainy sunday, no vocals",
    "jazz from the 70s and the 90s, no metal, no rap",
    "calm acoustic folk, building up, nothing explicit",
    "house, 120-130 bpm, hidden gems, live versions",
    "famous pop songs under 3 minutes, no live versions",
    "sad piano then happy, minor key, since 2015",
    "danceable latin, not too loud",
]


def body(text: str, *, step: int = 0) -> dict[str, Any]:
    """The document of a sentence; with `step` it gives way that far, as it does in a small catalogue."""
    steps = fallbacks.relaxations(parser.interpret(text, today=TODAY))
    step = min(step, len(steps) - 1)
    if not step:
        return compose.document(steps[0].reading, count=10)
    nearer = [(step.reading, 2) for step in steps[:step]]
    return compose.document(steps[0].reading, count=10, widest=steps[step].reading, nearer=nearer)


def texts(document: dict[str, Any]) -> list[str]:
    return [chip.text for chip in describe.chips(document)]


@given(st.sampled_from(SENTENCES), st.integers(0, 9), st.data())
def test_the_chip_is_gone_the_others_stay_and_the_policy_is_valid(text: str, step: int, data: Any) -> None:
    whole = body(text, step=step)
    chips = describe.chips(whole)
    chip = data.draw(st.sampled_from(chips))

    less = remove_condition.without(whole, chip)

    assert [one.key for one in describe.chips(less)] == [one.key for one in chips if one != chip]
    language.parse(less)
    language.parse(remove_condition.strict(less))


@given(st.sampled_from(SENTENCES), st.integers(0, 9))
def test_every_chip_can_be_taken_out_one_after_the_other(text: str, step: int) -> None:
    document = body(text, step=step)
    while chips := describe.chips(document):
        document = remove_condition.without(document, chips[0])

    language.parse(document)
    assert {leaf["field"] for leaf, _ in describe.leaves(document["where"])} <= {
        "version",
        "is_interlude",
        "season",
    }


@pytest.mark.parametrize("step", [0, 9])
def test_karaoke_stays_out_whatever_is_taken_out(step: int) -> None:
    document = body("famous pop songs under 3 minutes, no live versions", step=step)
    for chip in describe.chips(document):
        document = remove_condition.without(document, chip)

    for name in ("where", "fallback_where") if step else ("where",):
        banned = [leaf["value"] for leaf, _ in describe.leaves(document[name]) if leaf["field"] == "version"]
        assert ["karaoke"] in banned or any("karaoke" in values for values in banned)


def test_one_decade_of_two_can_be_taken_out() -> None:
    whole = body("jazz from the 70s and the 90s", step=3)
    chip = remove_condition.find(whole, "rule:1970s")

    less = remove_condition.without(whole, chip)

    assert "1990s" in texts(less)
    years = [
        leaf["value"]
        for leaf, _ in describe.leaves(less["fallback_where"])
        if leaf["field"] == "release_year"
    ]
    assert not any(low <= 1975 <= high for low, high in years)


def test_one_banned_genre_of_two_can_be_taken_out() -> None:
    whole = body("jazz, no metal, no rap")

    less = remove_condition.without(whole, remove_condition.find(whole, "not:no metal"))

    assert "no metal" not in texts(less)
    assert any(text.startswith("no ") for text in texts(less))


def test_a_rule_takes_its_preference_along() -> None:
    whole = body("calm jazz")

    less = remove_condition.without(whole, remove_condition.find(whole, "rule:calm"))

    assert "energy" not in {term["field"] for term in less["score"]["terms"]}


def test_an_arc_becomes_the_plain_order() -> None:
    whole = body("folk, building up")

    less = remove_condition.without(whole, remove_condition.find(whole, "arc:building up"))

    assert less["order"]["by"] == "score"


def test_without_a_named_artist_songs_come_from_many_again() -> None:
    reading = parser.interpret("calm", today=TODAY)
    whole = compose.document(dataclasses.replace(reading, artists=("Nina",)), count=10)

    less = remove_condition.without(whole, remove_condition.find(whole, "rule:by Nina"))

    assert (less["limits"]["per_artist"], less["limits"]["per_album"]) == (1, 1)
    language.parse(less)


def test_popularity_goes_back_to_what_nobody_wished_for() -> None:
    whole = body("famous pop songs")
    chip = next(chip for chip in describe.chips(whole) if chip.text == "well known")

    less = remove_condition.without(whole, chip)

    assert {"field": "popularity", "weight": 0.4, "shape": "linear"} in less["score"]["terms"]


@pytest.mark.parametrize("key", ["", "rule:", "rule:jazz", "lean:calm", "not:calm", "x" * 5000])
def test_what_was_never_wished_is_not_found(key: str) -> None:
    assert remove_condition.find(body("calm"), key) is None
