"""The fewest calls for a number of albums, as a table."""

import pytest

from catalog.ingest import call_lower_bound


@pytest.mark.parametrize(
    ("asked", "totals", "tracks", "calls"),
    [
        (0, [], 0, (0, 0, 0)),
        (1, [10], 10, (1, 0, 1)),
        (20, [10] * 20, 200, (1, 0, 4)),
        (21, [10] * 21, 201, (2, 0, 5)),
        (1, [50], 50, (1, 0, 1)),
        (1, [51], 51, (1, 1, 2)),
        (2, [100, 101], 201, (1, 3, 5)),
        (3, [0], 0, (1, 0, 0)),  # a dead id is asked for, too, and an album may have no tracks
        (10_000, [11] * 9_950, 109_450, (500, 0, 2189)),
    ],
)
def test_extended_mode_takes_twenty_albums_a_call_and_fifty_tracks(asked, totals, tracks, calls):
    found = call_lower_bound.calls(mode="extended", asked=asked, totals=totals, tracks=tracks)

    assert (found.albums, found.pages, found.tracks) == calls
    assert found.total == sum(calls)


@pytest.mark.parametrize(
    ("asked", "totals", "calls"),
    [(0, [], (0, 0, 0)), (20, [10] * 20, (20, 0, 0)), (2, [120, 50], (2, 2, 0))],
)
def test_development_mode_takes_albums_one_by_one_and_their_tracks_as_they_come(asked, totals, calls):
    found = call_lower_bound.calls(mode="development", asked=asked, totals=totals, tracks=sum(totals))

    assert (found.albums, found.pages, found.tracks) == calls
