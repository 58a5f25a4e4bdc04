"""Policies and tracks in words: chips, the one-line summary, the tone of a page, and reasons."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.vibes import bars, compose, describe, parser


def body(text: str) -> dict[str, Any]:
    return compose.document(parser.interpret(text, today=dt.date(2026, 11, 25)), count=10)


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("rainy sunday, no vocals", "Calm, no vocals; leaning sad, acoustic."),
        ("jazz from the 70s and 80s", "Jazz / bebop, 1970s to 1980s."),
        ("since 2015, no metal", "Since 2015; no metal."),
        ("120-130 bpm house, nothing explicit", "House, 120 to 130 BPM, nothing explicit."),
        ("songs under 3 minutes", "At most 3:00 long."),
        ("not too sad folk", "Folk, not too sad."),
        ("", "A varied selection from the whole catalogue."),
    ],
)
def test_a_policy_is_said_in_one_line(text: str, summary: str) -> None:
    assert describe.summary(body(text)) == summary


@pytest.mark.parametrize(
    ("text", "tone"),
    [("sad and calm", "dusk"), ("happy calm", "calm"), ("angry", "storm"), ("happy party", ""), ("", "")],
)
def test_the_tone_follows_energy_and_mood(text: str, tone: str) -> None:
    assert describe.tone(body(text)) == tone


def test_a_reason_names_the_genre_that_was_asked_for_and_the_measures_that_count() -> None:
    track = {
        "genres": ["pop", "indie folk"],
        "release_year": 2014,
        "energy": 0.2,
        "acousticness": 0.8,
        "valence": 0.9,
    }

    assert describe.reason(track, body("calm acoustic folk")) == "Indie folk from 2014, calm, acoustic"


def test_a_reason_says_when_a_sound_was_not_measured() -> None:
    assert "not been measured" in describe.reason(
        {"genres": ["folk"], "release_year": 2014}, body("calm folk")
    )


def test_a_track_without_any_facts_still_has_a_reason() -> None:
    assert describe.reason({}, body("")) == "From the catalogue"


@pytest.mark.parametrize(
    ("milliseconds", "clock", "words"),
    [(185_400, "3:05", "3 min"), (3_729_000, "1:02:09", "1 h 2 min"), (0, "0:00", "0 min")],
)
def test_lengths_are_written_for_people(milliseconds: int, clock: str, words: str) -> None:
    assert describe.length(milliseconds) == clock
    assert describe.spoken_length(milliseconds) == words


def test_bars_fill_the_width_and_unknown_energy_is_marked() -> None:
    songs = [
        {"title": "A", "duration_ms": 100_000, "energy": 1.0},
        {"title": "B", "duration_ms": 300_000, "energy": None},
    ]

    first, second = bars.bars(songs)

    assert float(first.height) == bars.HEIGHT
    assert (second.is_known, second.energy) == (False, None)
    assert float(second.x) + float(second.width) == pytest.approx(bars.WIDTH, abs=0.2)


@given(st.text(max_size=200))
def test_whatever_was_understood_can_be_said(text: str) -> None:
    said = body(text)

    assert describe.summary(said).endswith(".")
    assert all(chip.text for chip in describe.chips(said))
