"""What people paste or upload becomes numbered entries, or is refused with a reason."""

from __future__ import annotations

import contextlib
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.intake import submissions

A, B = "2noRn2Aes5aoNVsU6iWThc", "1DFixLWuPkv3KT3TnV35m3"
LINK = f"https://open.spotify.com/album/{A}"
OTHER = f"https://open.spotify.com/album/{B}"


def found(given_list) -> list[tuple[int, str | None]]:
    return [(entry.line, entry.verdict.spotify_id) for entry in submissions.read(given_list)]


def test_blank_lines_and_comments_count_but_are_no_entries():
    assert found(f"# my albums\n\n{LINK}\r\n   \n{OTHER}") == [(3, A), (5, B)]


@pytest.mark.parametrize("between", [" ", ",", ", ", ";", "\t", " | "])
def test_a_line_may_hold_several_links(between):
    assert found(f"{LINK}{between}{OTHER}") == [(1, A), (1, B)]


def test_a_query_does_not_swallow_the_next_link():
    assert found(f"{LINK}?si=x,{OTHER}?si=y") == [(1, A), (1, B)]


def test_words_around_a_link_are_no_entries():
    assert found(f"Somebody, Their Album, {LINK}, 1999") == [(1, A)]


def test_a_line_without_a_link_is_one_entry_with_a_reason():
    (entry,) = submissions.read("not a link at all")

    assert entry.value == "not a link at all"
    assert entry.verdict.reason


def test_the_header_of_a_csv_chooses_the_column():
    text = f'artist,track uri,album url\nSomebody,spotify:track:{B},{LINK}\n"Some, Body",,{OTHER}'

    assert found(text) == [(2, A), (3, B)]


def test_every_item_of_a_list_is_an_entry():
    assert [entry.line for entry in submissions.read(["", LINK, "# no comment"])] == [1, 2, 3]


def test_a_line_over_300_characters_is_refused_alone():
    entries = submissions.read(f"{LINK}?si={'x' * 300}\n{OTHER}")

    assert [entry.verdict.ok for entry in entries] == [False, True]


@pytest.mark.parametrize(
    "given_list, refusal",
    [
        ("\n".join([LINK] * 10_001), submissions.TooManyLines),
        ([LINK] * 10_001, submissions.TooManyLines),
        (",".join([LINK] * 10_001)[: submissions.MAX_BYTES], submissions.LineTooLong),
        ("x" * (submissions.MAX_BYTES + 1), submissions.TooLarge),
        (b"x" * (submissions.MAX_BYTES + 1), submissions.TooLarge),
        (["x" * (submissions.MAX_BYTES + 1)], submissions.TooLarge),
        ("x" * submissions.MAX_BYTES, submissions.LineTooLong),
        (gzip.compress(LINK.encode()), submissions.NotText),
        (b"PK\x03\x04 a spreadsheet", submissions.NotText),
        (f"{LINK}\x00", submissions.NotText),
        ([f"{LINK}\x00"], submissions.NotText),
        ([f"{LINK}\udcff"], submissions.NotText),
        (b"\x89PNG\r\n\x1a\n\x00\x00", submissions.NotText),
        ("", submissions.Nothing),
        ("# only words\n\n", submissions.Nothing),
        ([], submissions.Nothing),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_a_reason(given_list, refusal):
    with pytest.raises(refusal, match=r"\w+"):
        submissions.read(given_list)


def test_ten_thousand_lines_are_taken():
    assert len(submissions.read("\n".join([LINK] * 10_000) + "\n")) == 10_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding):
    assert found(f"Björk,{LINK}".encode(encoding)) == [(1, A)]


def test_line_endings_do_not_make_another_list():
    assert submissions.digest(submissions.read(f"{LINK}\n{OTHER}\n")) == submissions.digest(
        submissions.read(f"{LINK}\r\n{OTHER}")
    )


@given(st.one_of(st.text(max_size=400), st.binary(max_size=400)))
def test_anything_is_read_or_refused(anything):
    with contextlib.suppress(submissions.RefusedSubmission):
        entries = submissions.read(anything)

        assert all(entry.verdict.ok or entry.verdict.reason for entry in entries)
        assert submissions.digest(entries)
