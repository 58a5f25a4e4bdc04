"""The policy language: what is accepted, and one message with its path for every mistake."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import jsonschema
import pytest

from curation.policy import fields, language, revisions, upgrades, wording
from tests.curation.catalogue import document


def errors(body) -> list[tuple[str, str]]:
    with pytest.raises(language.PolicyError) as caught:
        language.parse(body)
    return [(error["path"], error["message"]) for error in caught.value.errors]


def leaf(field="energy", op="gt", value=0.5, **more):
    return {"field": field, "op": op, "value": value, **more}


def test_the_schema_alone_is_a_policy_with_good_defaults():
    parsed = language.parse(document())

    assert (parsed.limits.per_artist, parsed.limits.per_album, parsed.limits.one_per_recording) == (
        2,
        2,
        True,
    )
    assert parsed.target.on_shortfall == "hold"
    assert parsed.rotation.scope == "network"


def test_the_body_is_what_the_author_wrote_and_its_digest_does_not_depend_on_key_order():
    body = {"limits": {"per_artist": 1}, "schema": "vibe.policy/1", "where": leaf()}
    one, other = language.parse(body), language.parse(dict(reversed(body.items())))

    assert language.body(one) == body
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    assert language.digest(one) == language.digest(other) == hashlib.sha256(canonical.encode()).hexdigest()


_LATE = {"track": "a" * 22, "position": 1, "start": "2026-02-01", "end": "2026-01-01"}
_A, _B = {"track": "a" * 22, "position": 1}, {"track": "b" * 22, "position": 1}
_HALF = {"share": 0.7, "where": leaf()}


def step(path, *to):
    return {"path": path, **({"to": to[0]} if to else {})}


@pytest.mark.parametrize(
    ("part", "path", "says"),
    [
        ({"typo": 1}, "typo", "not part of the language"),
        ({"where": {"all": [leaf("enrgy")]}}, "where.all[0].field", "did you mean 'energy'"),
        ({"where": {"any": [{"not": leaf(op="contains")}]}}, "where.any[0].not.op", "number field"),
        ({"where": {"all": [leaf(), {"feild": 1}]}}, "where.all[1]", "all, any, not, field"),
        ({"where": leaf(value="much")}, "where.value", "must be a number"),
        ({"where": leaf(value=True)}, "where.value", "must be a number"),
        ({"where": leaf(value=float("nan"))}, "where.value", "must be a number"),
        ({"where": leaf(op="between", value=[2, 1])}, "where.value", "smaller to the larger"),
        ({"where": leaf(missing="maybe")}, "where.missing", "'exclude' or 'include'"),
        ({"where": leaf("genre", "in", [])}, "where.value", "1 to 500"),
        ({"where": leaf("genre", "eq", "a\x00b")}, "where.value", "text"),
        ({"where": leaf("release_date", "before", "1999-13")}, "where.value", "YYYY"),
        ({"where": leaf("release_date", "before", "1999-W01-1")}, "where.value", "YYYY"),
        ({"where": leaf("release_date", "within_days", -1)}, "where.value", "days"),
        ({"where": leaf("explicit", "eq", 1)}, "where.value", "true or false"),
        ({"where": {"any": []}}, "where.any", "at least 1 item"),
        ({"where": [leaf()]}, "where", "a condition is an object"),
        ({"target": {"count": 5, "min_count": 6}}, "target", "larger than count"),
        ({"target": {"count": "5"}}, "target.count", "integer"),
        ({"limits": {"per_artist": 0}}, "limits.per_artist", "greater than or equal to 1"),
        ({"blend": [{"name": "a", **_HALF}, {"name": "b", **_HALF}]}, "blend", "more than 1"),
        ({"order": {"by": "clock"}}, "order.clock", "needs a clock"),
        ({"order": {"by": "clock", "clock": ["gold"]}}, "order.clock[0]", "no pool is named 'gold'"),
        ({"score": {"terms": [{"field": "genre"}]}}, "score.terms[0].field", "should be"),
        ({"score": {"terms": [{"field": "energy", "shape": "near"}]}}, "score.terms[0]", "'at' and 'width'"),
        ({"pin": [{"track": "short", "position": 1}]}, "pin[0].track", "22"),
        ({"pin": [_LATE]}, "pin[0]", "ends before"),
        ({"pin": [_A, _B]}, "pin[1]", "earlier pin"),
        ({"pin": [_A], "block": {"tracks": ["a" * 22]}}, "pin[0].track", "block always wins"),
        ({"relax": [{"path": "limits.per_artist", "to": 1}]}, "relax[0]", "tighter"),
        ({"relax": [step("limits.per_artist", 4), step("limits.per_artist", 3)]}, "relax[1]", "tighter"),
        ({"relax": [{"path": "where"}]}, "relax[0]", "fallback_where"),
        ({"relax": [{"path": "order.artist_gap", "to": 9}]}, "relax[0]", "tighter"),
        ({"relax": [step("limits.one_per_recording", True)]}, "relax[0]", "only be relaxed to false"),
        ({"relax": [{"path": "rotation.repeat_gap_days"}]}, "relax[0]", "whole number"),
        ({"relax": [step("limits.per_artist", "3")]}, "relax[0].to", "whole number, false or null"),
        ({"relax": [step("limits.per_artist", 3.5)]}, "relax[0].to", "whole number, false or null"),
        ({"relax": ["blend"]}, "relax[0]", "must be an object"),
        ({"relax": {}}, "relax", "must be a list"),
        ({"pin": [{**_A, "start": 5}]}, "pin[0].start", "YYYY-MM-DD"),
        ({"pin": [{**_A, "end": "2026-01-01T00:00:00"}]}, "pin[0].end", "YYYY-MM-DD"),
        ({"score": {"terms": [{"field": "energy", "at": float("inf")}]}}, "score.terms[0].at", "finite"),
        ({"where": leaf("title", "matches", "a.*")}, "where.op", "text field"),
        ({"where": {"all": [], "any": [leaf()]}}, "where.any", "not part of the language"),
        ({"blend": [{"name": "rest", **_HALF}]}, "blend[0].name", "no pool's name"),
    ],
)  # fmt: skip
def test_a_mistake_gives_one_message_at_its_place(part, path, says):
    found = errors(document(**part))

    assert len(found) == 1
    assert found[0][0] == path
    assert says in found[0][1]


def test_several_mistakes_are_told_at_once():
    assert [path for path, _ in errors(document(limits={"x": 1}, where=leaf("nope")))] == [
        "where.field",
        "limits.x",
    ]


@pytest.mark.parametrize("body", [None, [], "policy", {}, {"schema": "vibe.policy/2"}])
def test_what_is_no_policy_document_is_refused(body):
    assert len(errors(body)) == 1


def test_an_older_document_is_brought_up_version_by_version():
    upgraders = {
        "vibe.policy/-1": lambda body: {
            **body,
            "schema": "vibe.policy/0",
            "limits": {"artist": body["most"]},
        },
        "vibe.policy/0": lambda body: {
            "schema": "vibe.policy/1",
            "limits": {"per_artist": body["limits"]["artist"]},
        },
    }
    old = {"schema": "vibe.policy/-1", "most": 3}

    assert upgrades.newest(old, upgraders) == document(limits={"per_artist": 3})
    assert old == {"schema": "vibe.policy/-1", "most": 3}


def test_a_version_that_nothing_leads_on_from_stays_and_is_refused():
    assert upgrades.newest(document(schema="vibe.policy/9")) == document(schema="vibe.policy/9")
    assert errors(document(schema="vibe.policy/9")) == [("schema", "should be 'vibe.policy/1'")]


def test_no_field_takes_a_regular_expression():
    assert not {op for ops in fields.OPERATORS.values() for op in ops} & {"matches", "regex", "like"}


def test_every_field_and_operator_of_the_language_is_known():
    known = {kind: " ".join(f.name for f in fields.FIELDS.values() if f.kind == kind) for kind in _LANGUAGE}

    assert {kind: set(names.split()) for kind, names in known.items()} == {
        kind: set(names.split()) for kind, (names, _) in _LANGUAGE.items()
    }
    assert {kind: set(ops) for kind, ops in fields.OPERATORS.items()} == {
        kind: set(ops.split()) for kind, (_, ops) in _LANGUAGE.items()
    }


_LANGUAGE = {
    "text": (
        "genre artist artist_id album album_id title label isrc tag album_type version season",
        "eq ne in not_in contains starts_with",
    ),
    "number": (
        "popularity duration_s release_year age_days track_number energy danceability valence acousticness"
        " instrumentalness liveness speechiness tempo loudness key time_signature days_since_used",
        "eq ne lt lte gt gte between in",
    ),
    "bool": ("explicit mode_major is_interlude", "eq"),
    "date": ("release_date added_at", "before after between within_days older_than_days"),
}


def test_a_document_may_not_nest_without_end():
    nested = leaf()
    for _ in range(3000):
        nested = {"not": nested}

    assert "nests deeper" in errors(document(where=nested))[0][1]


@pytest.mark.parametrize("word", ["not", "all", "any"])
def test_eight_levels_are_allowed_and_nine_are_one_mistake_at_their_place(word):
    def nested(levels):
        expr = leaf("genre", "in", ["pop"])
        for _ in range(levels):
            expr = {word: expr if word == "not" else [expr]}
        return expr

    pools = [{"name": "a", "share": 0.2, "where": nested(8)}, {"name": "b", "share": 0.2, "where": nested(9)}]

    language.parse(document(where=nested(8), fallback_where=nested(8)))
    for levels in (9, 19, 40):
        assert errors(document(where=nested(levels))) == [
            ("where", "nests deeper than 8 levels of all, any and not")
        ]
    assert [path for path, _ in errors(document(where=nested(9), blend=pools))] == ["blend[1].where", "where"]


def test_a_document_may_not_hold_conditions_without_end():
    assert "too many" in errors(document(where={"all": [leaf()] * 5000}))[0][1]
    assert errors(document(where={"all": [leaf()] * 301})) == [
        ("", "holds 301 conditions in all; at most 300 are allowed")
    ]
    language.parse(document(where={"all": [leaf()] * 300}))


def test_a_document_may_not_hold_values_without_end():
    """Each condition may have 500, all of them together may not: every track would be held against them."""
    five_hundred = leaf("artist", "in", [f"Artist {number}" for number in range(500)])

    language.parse(document(where={"any": [five_hundred] * 10}))
    assert errors(document(where={"any": [five_hundred] * 140})) == [
        ("", "holds 70,000 values in all; at most 5,000 are allowed")
    ]
    assert errors(
        document(where={"any": [five_hundred] * 6}, fallback_where={"any": [five_hundred] * 5})
    ) == [("", "holds 5,500 values in all; at most 5,000 are allowed")]


def test_half_a_surrogate_pair_is_no_text():
    assert errors(document(where=leaf("title", "eq", "\ud83c"))) == [
        ("where.value", "must be a text of 1 to 200 characters")
    ]


def test_a_pin_is_on_between_its_days_both_included():
    pin = language.Pin(track="a" * 22, position=1, start=dt.date(2026, 1, 2), end=dt.date(2026, 1, 3))

    assert [pin.is_on(dt.date(2026, 1, day)) for day in (1, 2, 3, 4)] == [False, True, True, False]


@pytest.mark.parametrize("example", revisions.examples(), ids=lambda example: example["name"])
def test_every_example_is_valid_by_model_and_by_json_schema(example):
    language.parse(example["policy"])
    jsonschema.Draft202012Validator(language.json_schema()).validate(example["policy"])
    assert example["about"]
    assert len(example["theme_tag"]) <= 30


@pytest.mark.parametrize("example", revisions.examples(), ids=lambda example: example["name"])
def test_no_example_plays_interludes_karaoke_or_christmas(example):
    parsed = language.parse(example["policy"])

    for expr in filter(None, [parsed.where, parsed.fallback_where]):
        rules = {wording.words(rule) for rule in wording.rules(expr)}
        (versions,) = [
            set(rule.value) for rule in wording.rules(expr) if getattr(rule, "field", "") == "version"
        ]
        assert rules >= {"not an interlude", "season is none"}
        assert versions >= {"karaoke", "tribute", "sped_up", "slowed", "acapella"}


def test_the_json_schema_knows_the_fields_that_titles_tell():
    names = language.json_schema()["$defs"]["Condition"]["properties"]["field"]["enum"]

    assert {"season", "is_interlude", "version"} <= set(names)


def test_the_json_schema_refuses_what_the_model_refuses():
    validator = jsonschema.Draft202012Validator(language.json_schema())

    assert not validator.is_valid(document(typo=1))
    assert not validator.is_valid(document(where=leaf("nope")))


def test_a_broken_stored_policy_fails_alone_and_says_why_under_its_name():
    sound, broken = language.parsed({1: document(), 2: {"schema": "vibe.policy/9"}, 3: None})

    assert list(sound) == [1]
    assert broken[2].sentence("Jazz").startswith("The policy Jazz is not valid: schema: ")
    assert broken[3].sentence("Blues") == "The policy Blues is not valid: policy: must be an object"
