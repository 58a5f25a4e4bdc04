"""One wish taken out of a policy: its chip is gone, the others stay, and the document is still valid."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import composing, describe, interpreter, ladder, policy, unwishing

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


def body(text: str, *, rung: int = 0) -> dict[str, Any]:
    """The document of a sentence; with `rung` it gives way that far, as it does in a small catalogue."""
    rungs = ladder.rungs(interpreter.interpret(text, today=TODAY))
    rung = min(rung, len(rungs) - 1)
    if not rung:
        return composing.document(rungs[0].reading, count=10)
    nearer = [(step.reading, 2) for step in rungs[:rung]]
    return composing.document(rungs[0].reading, count=10, widest=rungs[rung].reading, nearer=nearer)


def texts(document: dict[str, Any]) -> list[str]:
    return [chip.text for chip in describe.chips(document)]


@given(st.sampled_from(SENTENCES), st.integers(0, 9), st.data())
def test_the_chip_is_gone_the_others_stay_and_the_policy_is_valid(text: str, rung: int, data: Any) -> None:
    whole = body(text, rung=rung)
    chips = describe.chips(whole)
    chip = data.draw(st.sampled_from(chips))

    less = unwishing.without(whole, chip)

    assert [one.key for one in describe.chips(less)] == [one.key for one in chips if one != chip]
    policy.parse(less)
    policy.parse(unwishing.strict(less))


@given(st.sampled_from(SENTENCES), st.integers(0, 9))
def test_every_chip_can_be_taken_out_one_after_the_other(text: str, rung: int) -> None:
    document = body(text, rung=rung)
    while chips := describe.chips(document):
        document = unwishing.without(document, chips[0])

    policy.parse(document)
    assert {leaf["field"] for leaf, _ in describe.leaves(document["where"])} <= {"version"}


@pytest.mark.parametrize("rung", [0, 9])
def test_karaoke_stays_out_whatever_is_taken_out(rung: int) -> None:
    document = body("famous pop songs under 3 minutes, no live versions", rung=rung)
    for chip in describe.chips(document):
        document = unwishing.without(document, chip)

    for name in ("where", "fallback_where") if rung else ("where",):
        banned = [leaf["value"] for leaf, _ in describe.leaves(document[name]) if leaf["field"] == "version"]
        assert ["karaoke"] in banned or any("karaoke" in values for values in banned)


def test_one_decade_of_two_can_be_taken_out() -> None:
    whole = body("jazz from the 70s and the 90s", rung=3)
    chip = unwishing.find(whole, "rule:1970s")

    less = unwishing.without(whole, chip)

    assert "1990s" in texts(less)
    years = [
        leaf["value"]
        for leaf, _ in describe.leaves(less["fallback_where"])
        if leaf["field"] == "release_year"
    ]
    assert not any(low <= 1975 <= high for low, high in years)


def test_one_banned_genre_of_two_can_be_taken_out() -> None:
    whole = body("jazz, no metal, no rap")

    less = unwishing.without(whole, unwishing.find(whole, "not:no metal"))

    assert "no metal" not in texts(less)
    assert any(text.startswith("no ") for text in texts(less))


def test_a_rule_takes_its_preference_along() -> None:
    whole = body("calm jazz")

    less = unwishing.without(whole, unwishing.find(whole, "rule:calm"))

    assert "energy" not in {term["field"] for term in less["score"]["terms"]}


def test_an_arc_becomes_the_plain_order() -> None:
    whole = body("folk, building up")

    less = unwishing.without(whole, unwishing.find(whole, "arc:building up"))

    assert less["order"]["by"] == "score"


def test_without_a_named_artist_songs_come_from_many_again() -> None:
    reading = interpreter.interpret("calm", today=TODAY)
    whole = composing.document(dataclasses.replace(reading, artists=("Nina",)), count=10)

    less = unwishing.without(whole, unwishing.find(whole, "rule:by Nina"))

    assert (less["limits"]["per_artist"], less["limits"]["per_album"]) == (1, 1)
    policy.parse(less)


def test_popularity_goes_back_to_what_nobody_wished_for() -> None:
    whole = body("famous pop songs")
    chip = next(chip for chip in describe.chips(whole) if chip.text == "well known")

    less = unwishing.without(whole, chip)

    assert {"field": "popularity", "weight": 0.4, "shape": "linear"} in less["score"]["terms"]


@pytest.mark.parametrize("key", ["", "rule:", "rule:jazz", "lean:calm", "not:calm", "x" * 5000])
def test_what_was_never_wished_is_not_found(key: str) -> None:
    assert unwishing.find(body("calm"), key) is None
