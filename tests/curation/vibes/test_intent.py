"""Readings put together: the sentence and the choices beside the box."""

from __future__ import annotations

import datetime as dt

from curation.vibes import intent, parser
from curation.vibes.intent import Intent

TODAY = dt.date(2026, 11, 25)


def read(text: str) -> Intent:
    return parser.interpret(text, today=TODAY)


def test_the_choices_beside_the_box_win_over_the_sentence() -> None:
    merged = intent.merge(read("calm 80s jazz"), read("1990s, high energy"))

    assert merged.years == ((1990, 1999),)
    assert [m.low is not None for m in merged.measures if m.name == "energy"] == [True]
    assert merged.genres == read("jazz").genres
