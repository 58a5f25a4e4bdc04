"""What the console's pages share: ids out of anything pasted, distances in time, bounded searches."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import console

ID = "4aawyAB9vmqN3uQ7FjRGTy"
NOW = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "term",
    [
        ID,
        f"  {ID}  ",
        f"spotify:album:{ID}",
        f"https://open.spotify.com/album/{ID}",
        f"https://open.spotify.com/intl-de/track/{ID}?si=abc",
        f"https://open.spotify.com/playlist/{ID}",
    ],
)
def test_an_id_is_found_in_ids_uris_and_links(term):
    assert console.spotify_id(term) == ID


@pytest.mark.parametrize(
    "term", ["", "Miles", ID[:-1], f"{ID}x", f"https://example.org/show/{ID}", f"{ID}\nx"]
)
def test_other_text_holds_no_id(term):
    assert console.spotify_id(term) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (59, "now"),
        (-59, "now"),
        (60, "in 1 min"),
        (-3599, "59 min ago"),
        (2 * 3600 + 60, "in 2 h"),
        (-86400 * 3, "3 d ago"),
    ],
)
def test_a_distance_is_told_in_its_largest_unit(seconds, words):
    assert console.relative(NOW + dt.timedelta(seconds=seconds), NOW) == words


def test_a_time_is_shown_in_utc_with_its_distance():
    berlin = dt.timezone(dt.timedelta(hours=1))

    shown = console.when(dt.datetime(2026, 11, 25, 14, 30, tzinfo=berlin), NOW)

    assert "2026-11-25 13:30" in shown
    assert "in 1 h" in shown


def test_text_in_a_link_is_escaped():
    assert "<script>" not in console.link("/x", "<script>alert(1)</script>")
    assert "<script>" not in console.outside("https://x", "<script>")
