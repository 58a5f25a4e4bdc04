"""Delimited text of every common spelling becomes the same numbered rows."""

from __future__ import annotations

import io

import pytest

from catalog.intake import delimited

CELLS = [["name", "loud"], ["Björk; Jóga", "-5,3"], ["Łona\nWebber", "1"]]


def rows(text: str) -> list[list[str]]:
    return [row.cells for row in delimited.rows(io.StringIO(text, newline=None))]


@pytest.mark.parametrize("separator", ["\t", ";", "|", ","])
def test_the_separator_is_found(separator):
    text = f'name{separator}loud\n"Björk; Jóga"{separator}"-5,3"\n"Łona\nWebber"{separator}1\n'

    assert rows(text) == CELLS


def test_rows_carry_the_physical_line_where_they_begin():
    text = '\ufeffsep=;\r\n\r\na;b\r\n"two\r\nlines";1\r\nlast;2\r\n'

    found = list(delimited.rows(io.StringIO(text, newline=None)))

    assert [(row.line, row.cells) for row in found] == [
        (3, ["a", "b"]), (4, ["two\nlines", "1"]), (6, ["last", "2"]),
    ]  # fmt: skip


def test_a_quote_that_is_never_closed_costs_its_own_line_at_most():
    text = 'a,b\n"never closed,1\n' + "x,2\n" * 200

    assert len(rows(text)) == 202


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_file_is_decoded_as_it_is_read(encoding):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    data = f"{mark}name;loud\r\nBjörk – Jóga;1\r\n".encode(encoding)

    assert [row.cells for row in delimited.rows(delimited.lines(io.BytesIO(data)))] == [
        ["name", "loud"], ["Björk – Jóga", "1"],
    ]  # fmt: skip
    assert delimited.decoded(data) == "name;loud\r\nBjörk – Jóga;1\r\n"


@pytest.mark.parametrize(
    "data, kind", [(b"PK\x03\x04", "a zip or Excel file"), (b"\x1f\x8b\x08\x00", "a gzip file")]
)
def test_an_archive_is_refused_with_what_it_is(data, kind):
    with pytest.raises(delimited.NotText, match=f"This is {kind}, not text"):
        delimited.decoded(data)
    with pytest.raises(delimited.NotText, match=f"This is {kind}, not text"):
        list(delimited.lines(io.BytesIO(data)))
