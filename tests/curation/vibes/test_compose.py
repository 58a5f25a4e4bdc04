"""Readings as policies: what the document rules out, prefers and falls back to."""

from __future__ import annotations

import datetime as dt

from curation.policy import language
from curation.vibes import compose, fallbacks, parser
from curation.vibes.intent import Intent

TODAY = dt.date(2026, 11, 25)


def read(text: str) -> Intent:
    return parser.interpret(text, today=TODAY)


def leaves(text: str) -> dict[str, dict]:
    where = compose.document(read(text), count=10)["where"]["all"]
    return {leaf["field"]: leaf for leaf in where if "field" in leaf}


def test_no_vocals_leaves_out_what_was_not_measured() -> None:
    leaf = leaves("no vocals")["instrumentalness"]

    assert (leaf["op"], leaf["missing"]) == ("gte", "exclude")


def test_what_is_ruled_out_does_not_rule_out_the_unknown() -> None:
    where = compose.document(read("no metal"), count=10)["where"]["all"]

    assert {"not": {"field": "genre", "op": "contains", "value": "metal", "missing": "include"}} in where


def test_a_relaxed_document_keeps_the_question_and_says_what_it_fell_back_to() -> None:
    asked = read("80s jazz")
    widest = fallbacks.relaxations(asked)[-1].reading

    found = language.parse(compose.document(asked, count=10, widest=widest, nearer=[(asked, 4)]))

    assert found.where is not None
    assert found.fallback_where is not None
    assert [(pool.name, pool.share) for pool in found.blend] == [("asked", 0.4)]
    assert "where" in {step.path for step in found.relax}


def test_arcs_and_activities_order_the_list() -> None:
    assert compose.document(read("evening run"), count=10)["order"]["arc_field"] == "tempo"
    assert compose.document(read("party"), count=10)["order"]["arc"] == "build"
    assert compose.document(read("jazz"), count=10)["order"]["by"] == "score"


def test_a_short_list_has_one_song_an_artist_and_a_named_artist_has_no_limit() -> None:
    assert compose.document(read("jazz"), count=10)["limits"]["per_artist"] == 1
    assert compose.document(read("jazz"), count=30)["limits"]["per_artist"] == 2
    assert compose.document(Intent(artists=("A",)), count=10)["limits"]["per_artist"] is None
