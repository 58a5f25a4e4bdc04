"""How far things are, from one query each."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.ingest import progress
from catalog.intake import batches
from catalog.models import AlbumSource, Track
from tests.catalog import albums
from tests.catalog.features.test_enrich import stored

NOW = dt.datetime(2026, 11, 25, 3, 30, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def sources(count: int) -> None:
    batches.enqueue([albums.spotify_id(number) for number in range(count)], by="test", now=NOW)


def test_an_empty_catalogue_has_nothing_to_say():
    counted = progress.counts(now=NOW)

    assert (counted["total"], counted["rate_per_minute"], counted["eta_seconds"]) == (0, 0.0, None)
    assert (counted["oldest_queued_seconds"], counted["failures"]) == (None, [])


def test_counts_rate_and_time_to_go_come_from_one_query(django_assert_num_queries):
    sources(10)
    ids = list(AlbumSource.objects.values_list("id", flat=True))
    for number, pk in enumerate(ids[:4]):
        done_at = NOW + dt.timedelta(seconds=15 * number)
        AlbumSource.objects.filter(pk=pk).update(status="ingested", ingested_at=done_at)
    AlbumSource.objects.filter(pk=ids[4]).update(status="failed", failed_at=NOW, failure_reason="gone")
    AlbumSource.objects.filter(pk=ids[5]).update(not_before=NOW + dt.timedelta(hours=1))

    with django_assert_num_queries(1):
        counted = progress.counts(now=NOW + dt.timedelta(seconds=60))

    assert (counted["queued"], counted["ingested"], counted["failed"]) == (5, 4, 1)
    assert (counted["waiting"], counted["waiting_until"]) == (1, NOW + dt.timedelta(hours=1))
    assert (counted["rate_per_minute"], counted["eta_seconds"]) == (4.0, 75)
    assert counted["oldest_queued_seconds"] == 60
    assert counted["failures"] == [{"reason": "gone", "count": 1}]


def test_without_a_moment_the_database_says_what_time_it_is():
    sources(1)

    assert progress.counts()["queued"] == 1


def test_coverage_tells_sources_absent_and_unasked(django_assert_num_queries):
    first, second, third, _ = stored(albums.album(1, tracks=4))
    Track.objects.filter(spotify_id=first).update(audio_features={}, features_source="reccobeats")
    Track.objects.filter(spotify_id=second).update(features_absent_at=NOW)
    Track.objects.filter(spotify_id=third).update(is_playable=False)

    with django_assert_num_queries(1):
        covered = progress.coverage()

    assert covered == {"reccobeats": 1, "absent": 1, "unasked": 1, "total": 3}


def test_usability_reads_as_a_sentence():
    counted = {"usable": 118_204, "total": 121_380, "not_playable": 2_310, "artist_blocked": 866}

    assert progress.usability_sentence(counted) == (
        "118,204 of 121,380 tracks are usable: 2,310 not playable in the market, 866 by blocked artists."
    )
    assert progress.usability_sentence({"usable": 1, "total": 1}) == "1 of 1 track is usable."
