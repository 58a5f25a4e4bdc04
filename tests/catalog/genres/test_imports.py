"""Genres of artists from CSV: every row is used or says why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.genres import imports

A, B = "3WrFJ7ztbogyGnTHbHJFl2", "6olE6TJLqED3rqDCT0FyPh"


def only(line):
    (row,) = imports.rows([line])
    return row


@pytest.mark.parametrize(
    "given_id",
    [
        A, f"spotify:artist:{A}", f"https://open.spotify.com/artist/{A}", f"open.spotify.com/artist/{A}?si=x",
        f"https://open.spotify.com/intl-de/artist/{A}/", f"  {A} ",
    ],
)  # fmt: skip
def test_an_artist_is_an_id_or_a_link(given_id):
    assert only(f"{given_id},rock; Trip-Hop ;;rock") == imports.Row(1, A, ("rock", "Trip-Hop"))


@pytest.mark.parametrize(
    "given_id", ["", "x", f"https://open.spotify.com/album/{A}", f"https://evil.example/artist/{A}", "z" * 22]
)
def test_what_is_no_artist_says_so(given_id):
    row = only(f"{given_id},rock")

    assert row.artist_id == ""
    assert "is not a Spotify artist id or link" in row.reason


def test_a_first_line_may_name_the_columns_in_another_order():
    lines = ["Name,Genres,Artist_ID\n", f"The Beatles,rock;pop,{A}\n", "\n", f"Nirvana,grunge,{B}\n"]

    assert list(imports.rows(lines)) == [
        imports.Row(2, A, ("rock", "pop")),
        imports.Row(4, B, ("grunge",)),
    ]


def test_without_a_header_the_first_line_is_a_row():
    assert [row.line for row in imports.rows([f"\ufeff{A},rock\n", f"{B},pop\n"])] == [1, 2]


@pytest.mark.parametrize(
    "line, reason",
    [
        (f"{A},", "It names no genre."),
        (A, "It names no genre."),
        (f"{A},rock,pop", "separate genres by semicolons"),
        (f"{A},rock;!!!", "“!!!” is not the name of a genre"),
        (f"{A},{'x' * 101}", "is not the name of a genre"),
        (f"{A},{';'.join(f'genre {n}' for n in range(31))}", "30 are the most"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(line, reason):
    row = only(line)

    assert reason in row.reason
    assert (row.artist_id, row.genres) == (A, ())


def test_an_artist_named_twice_is_named_once():
    rows = list(imports.rows([f"{A},!!!\n", f"{A},rock\n", f"spotify:artist:{A},pop\n"]))

    assert [bool(row.reason) for row in rows] == [True, False, True]
    assert rows[2].reason == "Line 2 has this artist already."


def test_text_that_is_no_csv_says_what_it_should_be():
    with pytest.raises(imports.BadFile, match="separated by semicolons"):
        list(imports.rows([f'{A},"rock\0', "x" * 200_000]))


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_gives_rows_or_reasons(lines):
    try:
        for row in imports.rows(lines):
            assert bool(row.genres) != bool(row.reason)
    except imports.BadFile:
        pass
