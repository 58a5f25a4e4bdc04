"""JSON text is read as written or refused with the path of each fault."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.strict_input import json_text

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def refused(text: bytes | str) -> list[tuple[str, str]]:
    with pytest.raises(json_text.Refused) as caught:
        json_text.read(text)
    return [(error["path"], error["message"]) for error in caught.value.errors]


@given(DOCUMENTS, st.booleans())
def test_what_is_written_is_read(document, is_ascii):
    text = json.dumps(document, ensure_ascii=is_ascii)

    assert json_text.read(text) == document
    assert json_text.read(text.encode()) == document


@pytest.mark.parametrize(
    "text, path",
    [
        ('{"a": 1, "a": 1}', "a"),
        ('{"where": {"all": [{}, {"op": "eq", "op": "ne"}]}}', "where.all[1].op"),
        ('[{"a": {"b": 1, "c": 2, "b": 3}}]', "[0].a.b"),
        ('{"a": 1, "\\u0061": 2}', "a"),
        ('{"a": {"b": 1, "b": 2}, "a": {}}', "a"),
        ('{"": 1, "": 2}', ""),
    ],
)
def test_a_key_twice_in_one_object_is_refused_with_its_path(text, path):
    assert refused(text) == [(path, "is there twice in one object")]


def test_every_key_that_comes_twice_is_told_up_to_a_number():
    assert [path for path, _ in refused('{"a": [{"x": 1, "x": 2}], "b": {"y": 1, "y": 2}}')] == [
        "a[0].x",
        "b.y",
    ]
    assert len(refused("[" + ",".join(['{"x":1,"x":2}'] * 99) + "]")) == json_text.MAX_ERRORS


def test_one_key_in_two_objects_is_no_fault():
    assert json_text.read('[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


@pytest.mark.parametrize(
    "value, says",
    [
        ("NaN", "NaN is not a number"),
        ("-Infinity", "-Infinity is not a number"),
        ("1e999", "too large"),
        ("-1E+0400", "too large"),
        ("1" * 400 + ".0", "too large"),
        ("1" * 5000, "at most 18 digits"),
        ("-1234567890123456789", "at most 18 digits"),
        (r'"\ud800"', "half a character"),
        (r'"\udfff\ud800"', "half a character"),
        (r'"a\u0000"', "NUL"),
    ],
)
def test_a_value_that_no_reader_agrees_on_is_refused_with_its_path(value, says):
    [(path, message)] = refused(f'{{"a": [0, {value}]}}')

    assert path == "a[1]"
    assert says in message


def test_a_key_that_is_no_text_is_refused_at_its_object():
    assert refused(r'{"a": {"\u0000": 1}}') == [("a", "a key holds a NUL character")]


def test_a_pair_of_surrogates_is_one_character_and_a_backslash_is_no_escape():
    assert json_text.read(r'"\ud83d\ude00"') == "\U0001f600"
    assert json_text.read(r'"\\u0000 NaN Infinity 1e999"') == r"\u0000 NaN Infinity 1e999"


@pytest.mark.parametrize(
    "text, says",
    [
        (b"", "not valid JSON"),
        (b'{"a": ', "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b"'a'", "not valid JSON"),
        (b'"\n"', "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b"[" * 41 + b"]" * 41, "deeper than 40"),
        (b"[" * 500_000, "deeper than 40"),
        (b'{"a":' * 300_000 + b"1" + b"}" * 300_000, "deeper than 40"),
    ],
)
def test_text_that_is_no_json_is_refused_in_words(text, says):
    [(path, message)] = refused(text)

    assert path == ""
    assert says in message


def test_forty_levels_are_read():
    assert json_text.read("[" * 40 + "]" * 40)


@pytest.mark.parametrize(
    "text",
    [
        b"{" + b",".join(b'"%d":1' % (n % 75_000) for n in range(150_000)) + b"}",
        b"[" + b'{"a":1},' * 250_000 + b"1]",
        b'["\\ud800",' + b'"\\ud83d\\ude00",' * 130_000 + b"1]",
        b'["' + b"\\" * 2_000_000 + b'"]',
    ],
    ids=["twice", "objects", "escapes", "backslashes"],
)
def test_two_megabytes_are_looked_through_in_about_a_second(text):
    began = time.process_time()
    with contextlib.suppress(json_text.Refused):
        json_text.read(text)

    assert time.process_time() - began < 3
