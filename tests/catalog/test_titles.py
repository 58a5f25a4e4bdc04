"""What titles tell: a table of them, each with its version, whether it is an interlude, and its season."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import titles

TABLE = Path(__file__).with_name("titles.tsv")


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['title']} ({row['seconds']} s)")
def test_a_title_tells_what_the_table_says(row):
    told = titles.told(
        row["title"],
        artists=filter(None, [row["artist"]]),
        album=row["album"],
        duration_ms=int(row["seconds"]) * 1000,
    )

    assert told == titles.Told(row["version"], row["interlude"] == "yes", row["season"])


def test_the_table_is_long_enough_to_mean_something():
    assert len(rows()) >= 120
    assert {row["version"] for row in rows()} == {titles.ORIGINAL, *titles.VERSIONS}


def test_a_minute_and_a_half_is_no_interlude_any_more():
    assert [titles.is_interlude("Intro", ms) for ms in (0, 1, 89_999, 90_000)] == [False, True, True, False]


@given(st.text(alphabet="([{-–)] aliveX", max_size=200), st.integers(0, 200_000))
def test_any_title_tells_something_that_the_columns_hold(title, duration):
    told = titles.told(title, album=title, artists=[title], duration_ms=duration)

    assert told.version in {titles.ORIGINAL, *titles.VERSIONS}
    assert told.season in {titles.NO_SEASON, *titles.SEASONS}
