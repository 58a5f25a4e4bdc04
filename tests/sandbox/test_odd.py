"""The odd albums are in every catalogue of fifty or more, and are as odd as they should be."""

from __future__ import annotations

import datetime as dt

import pytest

from sandbox import odd
from sandbox.catalogue import Catalogue
from tests.sandbox import callers


def catalogue(albums):
    return Catalogue(seed=1, albums=albums, today=dt.date(2026, 11, 22))


@pytest.fixture
def caller(sandbox):
    return callers.app(sandbox)


@pytest.fixture
def body(sandbox, caller):
    return lambda number, query="": caller.get(
        f"/albums/{sandbox.world.catalogue.album_id(number)}{query}"
    ).json()


def test_a_small_catalogue_holds_no_surprise():
    assert catalogue(odd.FROM_SIZE - 1).odd == frozenset()


@pytest.mark.parametrize("albums", [50, 300, 10_000])
def test_larger_ones_have_them_all(albums):
    made = catalogue(albums)

    assert made.album(odd.HUGE).total == odd.HUGE_TRACKS
    assert made.album(odd.EMPTY).total == 0
    assert not made.exists(odd.GONE)


def test_an_album_without_tracks(body):
    empty = body(odd.EMPTY)

    assert (empty["total_tracks"], empty["tracks"]["total"], empty["tracks"]["items"]) == (0, 0, [])


def test_a_box_of_130_tracks_comes_in_pages(body, caller):
    box = body(odd.HUGE)
    names = [row["id"] for row in box["tracks"]["items"]]
    page = box["tracks"]
    while page["next"]:
        page = caller.get(page["next"]).json()
        names += [row["id"] for row in page["items"]]

    assert len(box["tracks"]["items"]) == 50
    assert len(set(names)) == odd.HUGE_TRACKS
    assert page["items"][-1]["disc_number"] == 3


def test_an_album_by_various_artists(body):
    album = body(odd.VARIOUS)

    assert album["artists"][0]["name"] == "Various Artists"
    assert len({row["artists"][0]["id"] for row in album["tracks"]["items"]}) > 5


def test_dates_that_are_only_a_year_or_a_month(body):
    year, month = body(odd.YEAR_ONLY), body(odd.MONTH_ONLY)

    assert (year["release_date"], year["release_date_precision"]) == ("1974", "year")
    assert (month["release_date"], month["release_date_precision"]) == ("1988-06", "month")


def test_names_in_emoji_from_right_to_left_and_with_markup(body):
    assert "🌙" in body(odd.EMOJI)["name"]
    assert any("\u0600" <= letter <= "\u06ff" for letter in body(odd.RIGHT_TO_LEFT)["name"])
    assert body(odd.MARKUP)["name"].startswith("<script>")


def test_names_that_are_far_too_long(body):
    album = body(odd.LONG_NAMES)

    assert len(album["name"]) > 200
    assert max(len(row["name"]) for row in album["tracks"]["items"]) > 200


def test_tracks_locked_to_a_region_say_so_where_a_market_is_asked_for(body):
    here, there = body(odd.LOCKED_TRACKS, "?market=US"), body(odd.LOCKED_TRACKS, "?market=JP")
    locked = [row for row in here["tracks"]["items"] if not row["is_playable"]]

    assert len(locked) == 6
    assert locked[0]["restrictions"] == {"reason": "market"}
    assert all(row["is_playable"] for row in there["tracks"]["items"])


def test_a_whole_album_locked_to_a_region(body):
    album = body(odd.LOCKED_ALBUM, "?market=US")

    assert album["restrictions"] == {"reason": "market"}
    assert not any(row["is_playable"] for row in album["tracks"]["items"])


def test_a_reissue_has_the_recordings_of_its_original_and_one_track_is_relinked(body):
    original, reissue = body(odd.ORIGINAL, "?market=US"), body(odd.REISSUE, "?market=US")
    first, second = reissue["tracks"]["items"][:2]

    assert first["id"] == original["tracks"]["items"][0]["id"]
    assert first["linked_from"]["id"] != first["id"]
    assert second["id"] != original["tracks"]["items"][1]["id"]
    assert second["name"] == original["tracks"]["items"][1]["name"]


def test_without_a_market_nothing_is_relinked(body):
    reissue = body(odd.REISSUE)

    assert "linked_from" not in reissue["tracks"]["items"][0]
    assert "is_playable" not in reissue["tracks"]["items"][0]


def test_an_album_that_is_gone_is_404_alone_and_null_among_others(sandbox, caller):
    gone, there = (sandbox.world.catalogue.album_id(number) for number in (odd.GONE, 1))

    assert caller.get(f"/albums/{gone}").status_code == 404
    assert [
        album and album["id"] for album in caller.get(f"/albums?ids={gone},{there}").json()["albums"]
    ] == [None, there]
