"""Audio features are read from the files that exports and spreadsheets write, row by row."""

from __future__ import annotations

import io

import pytest

from catalog.features import imports
from catalog.intake import delimited

ID = "3n3Ppam7vgaVa1iaRUc9Lp"


def read(text: str, encoding: str = "utf-8") -> list[imports.Row]:
    return list(imports.rows(delimited.lines(io.BytesIO(text.encode(encoding)))))


@pytest.mark.parametrize(
    "header", ["Track URI", "Spotify ID", "spotify_track_id", " TRACK-ID ", "Spotify - id", "uri", "Link"]
)
@pytest.mark.parametrize(
    "given", [ID, f"spotify:track:{ID}", f"https://open.spotify.com/intl-de/track/{ID}?si=1"]
)
def test_the_track_is_found_however_its_column_and_its_id_are_spelled(header, given):
    (row,) = read(f"Track Name,{header},Energy,Time Signature\nSong,{given},0.5,4")

    assert (row.track_id, row.measures, row.reason) == (ID, {"energy": 0.5, "time_signature": 4.0}, "")


def test_the_column_of_the_track_is_found_by_its_cells():
    (row,) = read(f"id,album id,track url,energy\n17,2noRn2Aes5aoNVsU6iWThc,spotify:track:{ID},0.5")

    assert (row.track_id, row.reason) == (ID, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("start", ["", "sep=;\n"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_spreadsheet_with_decimal_commas_is_read(encoding, start, separator):
    if start and separator == "\t":
        start = "sep=\t\n"
    text = f"{start}Künstler;Spotify ID;Energy;Loudness\nBjörk;{ID};0,5;-5,25\n".replace(";", separator)

    (row,) = read(text, encoding)

    assert (row.measures, row.reason) == ({"energy": 0.5, "loudness": -5.25}, "")
    assert row.line == (3 if start else 2)


def test_one_bad_measure_is_dropped_and_told_and_the_others_stay():
    (row,) = read(f"Spotify ID,Energy,Tempo,Key\n{ID},7,128,loud")

    assert (row.measures, row.reason) == ({"tempo": 128.0}, "")
    assert row.dropped == (
        "energy is “7”; it must be a number from 0 to 1.",
        "key is “loud”; it must be a number from 0 to 11.",
    )


def test_a_row_without_any_good_measure_is_bad_and_says_why():
    bad, empty = read(f"Spotify ID,Energy,Tempo\n{ID},7,\n{ID},,")

    assert (bad.measures, bad.reason) == ({}, "energy is “7”; it must be a number from 0 to 1.")
    assert empty.reason == "It has no measure."


def test_a_line_break_in_a_cell_moves_no_line_number():
    first, second = read(f'Track Name,Spotify ID,Energy\n"Two\nlines",{ID},0.5\nSong,nonsense,0.5')

    assert (first.line, first.measures) == (2, {"energy": 0.5})
    assert (second.line, second.reason) == (4, "“nonsense” is not a Spotify track id.")


@pytest.mark.parametrize("text", ["", "name,energy\nSong,0.5", f"spotify_id,colour\n{ID},red"])
def test_a_useless_header_is_refused_with_what_it_should_be(text):
    with pytest.raises(imports.BadFile, match="spotify_id and measures such as"):
        read(text)
