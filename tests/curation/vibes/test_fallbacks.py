"""Giving way: what a looser reading gives up, and what it never does."""

from __future__ import annotations

import datetime as dt

from curation.vibes import compose, fallbacks, parser
from curation.vibes.intent import Intent, Measure

TODAY = dt.date(2026, 11, 25)


def read(text: str) -> Intent:
    return parser.interpret(text, today=TODAY)


def test_each_rung_gives_up_something_and_explicitness_stays() -> None:
    steps = fallbacks.relaxations(
        read("nothing explicit, very calm 80s jazz without swing, no vocals, hidden gems")
    )
    bodies = [compose.document(step.reading, count=10)["where"] for step in steps]

    assert len({str(body) for body in bodies}) == len(steps) > 5
    assert all(step.note for step in steps[1:])
    assert all({"field": "explicit", "op": "eq", "value": False} in body["all"] for body in bodies)


def test_a_sentence_without_rules_has_nothing_to_give_up() -> None:
    assert len(fallbacks.relaxations(Intent())) == 1


def test_dropped_limits_stay_as_preferences() -> None:
    fast = Intent(measures=(Measure("tempo", low=140.0),))
    loosest = fallbacks.relaxations(fast)[-1].reading

    assert loosest.measures[0].low is None
    assert loosest.measures[0].near > 140


def test_no_vocals_is_given_up_after_mood_and_years_and_before_the_genre() -> None:
    notes = [step.note for step in fallbacks.relaxations(read("calm 80s jazz, no vocals"))]

    order = [
        next(n for n, note in enumerate(notes) if word in note)
        for word in ("mood", "other years", "may have", "outside jazz")
    ]

    assert [notes[n] for n in sorted(order)] == [notes[n] for n in order]
