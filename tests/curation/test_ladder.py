"""Giving way: what a looser reading gives up, and what it never does."""

from __future__ import annotations

import datetime as dt

from curation import composing, interpreter, ladder
from curation.reading import Measure, Reading

TODAY = dt.date(2026, 11, 25)


def read(text: str) -> Reading:
    return interpreter.interpret(text, today=TODAY)


def test_each_rung_gives_up_something_and_explicitness_stays() -> None:
    rungs = ladder.rungs(read("nothing explicit, very calm 80s jazz without swing, no vocals, hidden gems"))
    bodies = [composing.document(rung.reading, count=10)["where"] for rung in rungs]

    assert len({str(body) for body in bodies}) == len(rungs) > 5
    assert all(rung.note for rung in rungs[1:])
    assert all({"field": "explicit", "op": "eq", "value": False} in body["all"] for body in bodies)


def test_a_sentence_without_rules_has_nothing_to_give_up() -> None:
    assert len(ladder.rungs(Reading())) == 1


def test_dropped_limits_stay_as_preferences() -> None:
    fast = Reading(measures=(Measure("tempo", low=140.0),))
    loosest = ladder.rungs(fast)[-1].reading

    assert loosest.measures[0].low is None
    assert loosest.measures[0].near > 140


def test_no_vocals_is_given_up_after_mood_and_years_and_before_the_genre() -> None:
    notes = [rung.note for rung in ladder.rungs(read("calm 80s jazz, no vocals"))]

    order = [
        next(n for n, note in enumerate(notes) if word in note)
        for word in ("mood", "other years", "may have", "outside jazz")
    ]

    assert [notes[n] for n in sorted(order)] == [notes[n] for n in order]
