"""What the demo reports of ingest's cost: calls, the fewest possible, and memory."""

from __future__ import annotations

import os
import sys

import pytest
from django.utils import timezone

from catalog.models import Album, AlbumSource, Track
from vibe_project import cost

NOW = timezone.now()


def source(number, **fields):
    return AlbumSource.objects.create(url="x", spotify_album_id=f"{number:022}", created_at=NOW, **fields)


def album_of(number, total, *, stored):
    row = Album.objects.create(
        spotify_id=f"{number:022}",
        name="A",
        artist="B",
        album_type="album",
        total_tracks=total,
        fetched_at=NOW,
    )
    Track.objects.bulk_create(
        Track(
            spotify_id=f"{number:011}{track:011}",
            album=row,
            name="T",
            artist="B",
            artist_ids=["x"],
            explicit=False,
            duration_ms=1,
            recording_key="k",
            added_at=NOW,
        )
        for track in range(stored)
    )


def test_only_calls_about_albums_and_tracks_are_ingests_calls():
    counted = {
        "GET /v1/albums": 3,
        "GET /v1/albums/{id}/tracks": 2,
        "GET /v1/tracks": 5,
        "GET /v1/me/playlists": 100,
        "PUT /v1/playlists/{id}/items": 100,
        "GET /reccobeats/v1/audio-features": 100,
        "POST /accounts/api/token": 100,
    }

    assert cost.catalogue_calls(counted) == 10


@pytest.mark.django_db
def test_the_fewest_calls_count_dead_links_further_pages_and_each_track_once(django_assert_num_queries):
    for number in range(1, 22):
        source(number)
    album_of(1, 120, stored=120)
    album_of(2, 10, stored=10)

    with django_assert_num_queries(3):
        assert cost.fewest_calls() == 2 + 2 + 3


@pytest.mark.parametrize(("calls", "fewest", "shown"), [(101, 100, "1.010"), (0, 0, "-")])
def test_the_ratio_is_read_beside_both(calls, fewest, shown):
    assert cost.ratio(calls, fewest) == shown


@pytest.mark.parametrize(
    ("status", "kilobytes"),
    [
        ("Name:\tpython\nVmPeak:\t  9 kB\nVmHWM:\t  143360 kB\nVmRSS:\t 1 kB\n", 143360),
        ("Name:\tpython\n", 0),
    ],
)
def test_the_high_water_mark_is_read_from_a_status(status, kilobytes):
    assert cost.high_water(status) == kilobytes


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_a_process_that_ended_is_left_out_and_a_running_one_has_its_peak():
    found = cost.highest([os.getpid(), 2**22 + 1])

    assert list(found) == [os.getpid()]
    assert found[os.getpid()] > 10_000


@pytest.mark.parametrize(("kilobytes", "shown"), [({}, "unknown"), ({1: 102_400, 2: 153_600}, "150 MiB")])
def test_the_memory_is_that_of_the_largest_process(kilobytes, shown):
    assert cost.in_mib(kilobytes) == shown
