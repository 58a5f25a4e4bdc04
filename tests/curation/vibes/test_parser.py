"""The offline interpreter: what sentences mean, and that no text at all can trip it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from curation.policy import language
from curation.vibes import compose, fallbacks, intent, parser
from curation.vibes.intent import Intent, Measure

TODAY = dt.date(2026, 11, 25)


def read(text: str) -> Intent:
    return parser.interpret(text, today=TODAY)


def measure(text: str, name: str) -> Measure:
    return next((m for m in read(text).measures if m.name == name), Measure(name))


def names(genres: tuple[intent.Genre, ...]) -> set[str]:
    return {genre.name for genre in genres}


# sentence, attribute of the reading, its value
PLAIN: list[tuple[str, str, Any]] = [
    ("no vocals", "instrumental", True),
    ("without singing", "instrumental", True),
    ("no lyrics please", "instrumental", True),
    ("instrumental focus music", "instrumental", True),
    ("less vocals", "instrumental", True),
    ("ohne Gesang", "instrumental", True),
    ("sin voces", "instrumental", True),
    ("not instrumental", "instrumental", False),
    ("songs to sing along to", "instrumental", False),
    ("nothing explicit", "explicit", False),
    ("no swearing", "explicit", False),
    ("clean rap", "explicit", False),
    ("for the kids", "explicit", None),
    ("family friendly road trip", "explicit", None),
    ("explicit trap", "explicit", True),
    ("big hits", "popularity", "popular"),
    ("not mainstream", "popularity", "hidden"),
    ("hidden gems", "popularity", "hidden"),
    ("deep cuts nobody plays", "popularity", "hidden"),
    ("not obscure", "popularity", "popular"),
    ("80s", "years", ((1980, 1989),)),
    ("the '80s", "years", ((1980, 1989),)),
    ("1980s rock", "years", ((1980, 1989),)),
    ("eighties", "years", ((1980, 1989),)),
    ("neunziger", "years", ((1990, 1999),)),
    ("90er", "years", ((1990, 1999),)),
    ("década de los 80", "years", ((1980, 1989),)),
    ("2010s", "years", ((2010, 2019),)),
    ("00s r&b", "years", ((2000, 2009),)),
    ("early 90s", "years", ((1990, 1993),)),
    ("mid-70s", "years", ((1974, 1976),)),
    ("late 60s", "years", ((1966, 1969),)),
    ("70s and 80s", "years", ((1970, 1989),)),
    ("60s or 90s", "years", ((1960, 1969), (1990, 1999))),
    ("from the 60s to the 80s", "years", ((1960, 1989),)),
    ("since 2015", "years", ((2015, 2100),)),
    ("2015 and later", "years", ((2015, 2100),)),
    ("after 2000", "years", ((2001, 2100),)),
    ("before 1970", "years", ((1900, 1969),)),
    ("pre-1970", "years", ((1900, 1969),)),
    ("before the 80s", "years", ((1900, 1979),)),
    ("since the 90s", "years", ((1990, 2100),)),
    ("between 1975 and 1983", "years", ((1975, 1983),)),
    ("1975-1983", "years", ((1975, 1983),)),
    ("from 1999", "years", ((1999, 1999),)),
    ("last 5 years", "years", ((2021, 2026),)),
    ("this year", "years", ((2026, 2026),)),
    ("brand new pop", "years", ((2024, 2026),)),
    ("not the 80s", "not_years", ((1980, 1989),)),
    ("20 songs", "count", 20),
    ("twenty tracks", "count", 20),
    ("a dozen songs", "count", 12),
    ("500 songs", "count", 50),
    ("one hour of jazz", "count", 17),
    ("half an hour", "count", 8),
    ("an hour and a half of house", "count", 25),
    ("90 minutes of soul", "count", 25),
    ("2 hours", "count", 33),
    ("songs under 3 minutes", "seconds", (None, 180)),
    ("tracks longer than 6 minutes", "seconds", (360, None)),
    ("short songs", "seconds", (None, 170)),
    ("live recordings", "versions", ("live",)),
    ("no remixes or live versions", "not_versions", ("remix", "live")),
    ("minor key piano", "mode_major", False),
    ("major key", "mode_major", True),
    ("build up slowly", "arc", "build"),
    ("winding down", "arc", "wind_down"),
    ("gym", "arc", "peak"),
]


@pytest.mark.parametrize(("text", "attribute", "value"), PLAIN)
def test_a_sentence_says(text: str, attribute: str, value: Any) -> None:
    if attribute == "explicit" and value is None:
        assert read(text).measures or read(text).explicit is False
    else:
        assert getattr(read(text), attribute) == value


# sentence, genres wanted, genres unwanted
GENRES: list[tuple[str, set[str], set[str]]] = [
    ("indie rock", {"indie rock"}, set()),
    ("hip-hop", {"hip hop"}, set()),
    ("Hip Hop and R&B", {"hip hop", "r&b"}, set()),
    ("drum & bass", {"drum and bass"}, set()),
    ("dnb for coding", {"drum and bass"}, set()),
    ("lo-fi", {"lo-fi"}, set()),
    ("rock 'n' roll", {"rock"}, set()),
    ("reggaetón", {"reggaeton"}, set()),
    ("electronic without techno", {"electronic"}, {"techno"}),
    ("no metal and rap", set(), {"metal", "hip hop"}),
    ("no metal or rap, but punk", {"punk"}, {"metal", "hip hop"}),
    ("without country", set(), {"country"}),
    ("jazz, not swing", {"jazz"}, {"swing"}),
    ("anything but opera", set(), {"opera"}),
    ("not only jazz", {"jazz"}, set()),
    ("no country, lots of banjo", {"bluegrass"}, {"country"}),
    ("🎸", {"rock"}, set()),
    ("no 🎷", set(), {"jazz"}),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), GENRES)
def test_genres_are_heard_with_their_negations(text: str, wanted: set[str], unwanted: set[str]) -> None:
    assert (names(read(text).genres), names(read(text).not_genres)) == (wanted, unwanted)


# sentence, measure, side: where the measure must lie
SIDES: list[tuple[str, str, str]] = [
    ("sad songs", "valence", "low"),
    ("not sad", "valence", "high"),
    ("happy", "valence", "high"),
    ("not happy", "valence", "low"),
    ("😭", "valence", "low"),
    ("☀️ 🏖️", "valence", "high"),
    ("calm", "energy", "low"),
    ("rainy sunday", "energy", "low"),
    ("low energy", "energy", "low"),
    ("high-energy", "energy", "high"),
    ("angry 😡", "energy", "high"),
    ("nothing loud", "energy", "low"),
    ("dance party 💃", "danceability", "high"),
    ("unplugged", "acousticness", "high"),
    ("ruhig", "energy", "low"),
    ("música alegre", "valence", "high"),
    ("triste", "valence", "low"),
    ("130 bpm", "tempo", "both"),
    ("120-130 bpm", "tempo", "both"),
    ("over 140 bpm", "tempo", "high"),
    ("under 90 bpm", "tempo", "low"),
    ("fast", "tempo", "high"),
    ("not fast", "tempo", "low"),
    ("slow ballads", "tempo", "low"),
    ("medium energy", "energy", "both"),
]


@pytest.mark.parametrize(("text", "name", "side"), SIDES)
def test_moods_and_tempos_become_limits(text: str, name: str, side: str) -> None:
    found = measure(text, name)

    limits = (found.low is not None, found.high is not None)

    assert limits == {"low": (False, True), "high": (True, False), "both": (True, True)}[side]


def test_very_is_narrower_and_a_bit_is_wider() -> None:
    very, plain, bit = (measure(f"{word} sad", "valence").high for word in ("very", "", "a bit"))

    assert very < plain < bit


def test_not_too_sad_only_cuts_off_the_far_end() -> None:
    assert measure("not too sad", "valence").low < 0.5
    assert measure("not too sad", "valence").near < measure("not sad", "valence").near


def test_words_that_pull_both_ways_aim_between_and_say_so() -> None:
    both = read("happy sad songs")

    assert not measure("happy sad songs", "valence").is_rule
    assert any("both ways on valence" in note for note in intent.remarks(both))


def test_a_weather_word_prefers_without_ruling_out() -> None:
    rain = measure("rainy", "acousticness")

    assert rain.near == 0.6
    assert not rain.is_rule


def test_bpm_in_the_sentence_beats_the_pace_of_an_activity() -> None:
    run = measure("evening run, 150 to 170 bpm", "tempo")

    assert (run.low, run.high) == (150, 170)


def test_a_negation_ends_at_a_comma_and_before_another_kind_of_thing() -> None:
    assert read("no vocals, jazz").not_genres == ()
    assert measure("no vocals and slow", "tempo").high == 98


def test_names_after_like_by_and_no_are_kept_for_the_catalogue() -> None:
    heard = [
        (m.relation, m.guesses[0]) for m in read("like Kendrick Lamar, by The Beatles, no Drake").mentions
    ]

    assert heard == [("like", "Kendrick Lamar"), ("by", "The Beatles"), ("not", "Drake")]


@pytest.mark.parametrize("text", ["", "   ", "asdf qwer", "שלום עולם", "🫥", "12345", "the of and", "?!"])
def test_when_nothing_is_understood_it_says_so_and_stays_valid(text: str) -> None:
    silent = read(text)

    assert silent.is_empty
    assert intent.SILENCE in intent.remarks(silent)
    language.parse(compose.document(silent, count=10))


def test_unknown_words_beside_known_ones_are_named() -> None:
    assert intent.remarks(read("floofy jazz")) == ["Not understood, so left aside: floofy."]


def test_the_sentence_is_the_title_cut_at_a_word() -> None:
    assert read("rainy sunday").title == "Rainy sunday"
    assert len(read("word " * 50).title) <= 61


def test_control_and_direction_characters_are_taken_out() -> None:
    assert parser.tidy("ca\u202elm\x00 \ue0005\ue001 jazz\n") == "ca lm 5 jazz"


@given(st.text(max_size=400))
@example("no no no not without")
@example("1980s" * 60)
@example("very very a bit not too like by")
@example("999999 songs under 0 minutes at 999 bpm")
@example("00s 0s '0s 2100s 1890s 100 years")
@example("\ue0000\ue001")
def test_any_text_becomes_a_valid_policy(text: str) -> None:
    heard = read(text)

    for step in fallbacks.relaxations(heard):
        language.parse(compose.document(heard, count=10, widest=step.reading, nearer=[(heard, 3)]))


SENTENCE = (
    "no not without very bit sad happy metal jazz 80s since 2015 vocals , and or but 120 bpm fast like by "
    "live 20 songs nothing explicit hits under 3 minutes calm 😭 too"
)


SENTENCES = st.lists(st.sampled_from(SENTENCE.split(" ")), max_size=25).map(" ".join)


@given(SENTENCES)
def test_any_order_of_known_words_becomes_a_valid_policy(text: str) -> None:
    language.parse(compose.document(read(text), count=10))


@given(st.text(max_size=300))
def test_the_same_text_is_always_read_the_same(text: str) -> None:
    assert read(text) == read(text)
