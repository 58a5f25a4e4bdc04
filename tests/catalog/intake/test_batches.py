"""Links become a batch and queued sources, each album once, nothing submitted lost."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from catalog.intake import batches, blocks, submissions
from catalog.models import AlbumSource, Batch
from tests.catalog import albums
from tests.catalog.ingest import test_storing

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def album_id(number: int) -> str:
    return f"1{number:021d}"


def link(number: int) -> str:
    return f"https://open.spotify.com/album/{album_id(number)}"


def enqueue(given, **options):
    return batches.enqueue(given, by="somebody", now=NOW, **options)


def test_good_lines_are_queued_and_bad_ones_told():
    receipt = enqueue(f"{link(1)}\nnot a link\n{link(2)}\nspotify:album:{album_id(1)}", label="Friday")

    assert (receipt.lines, receipt.queued, receipt.duplicates, receipt.known) == (4, 2, 1, 0)
    assert [(bad["line"], bad["value"]) for bad in receipt.invalid] == [(2, "not a link")]
    batch = Batch.objects.get(pk=receipt.batch_id)
    assert (batch.label, batch.submitted_by, batch.lines, batch.invalid) == (
        "Friday",
        "somebody",
        4,
        receipt.invalid,
    )
    assert list(AlbumSource.objects.order_by("id").values_list("url", "status", "batch")) == [
        (link(1), "queued", batch.pk),
        (link(2), "queued", batch.pk),
    ]


def test_the_same_list_again_is_the_same_batch_with_nothing_new():
    first = enqueue(f"{link(1)}\n{link(2)}\nnonsense\n")

    again = enqueue([link(1), link(2), "nonsense"])

    assert again.batch_id == first.batch_id
    assert (again.queued, again.duplicates, again.invalid) == (0, 2, first.invalid)
    assert Batch.objects.get().queued == 2


def test_albums_of_another_batch_are_duplicates():
    enqueue([link(1), link(2)])

    receipt = enqueue([link(2), link(3)])

    assert (receipt.queued, receipt.duplicates, receipt.known) == (1, 1, 1)


def test_bad_lines_alone_leave_no_source():
    receipt = enqueue("https://open.spotify.com/track/11dFghVXANMlKmJXsNCbNl")

    assert (receipt.queued, receipt.duplicates, len(receipt.invalid)) == (0, 0, 1)
    assert not AlbumSource.objects.exists()


def test_a_blocked_album_is_refused_with_the_reason():
    blocks.add(kind="album", spotify_id=album_id(1), reason="licence dispute", by="somebody")

    receipt = enqueue([link(1), link(2)])

    assert receipt.queued == 1
    assert "licence dispute" in receipt.invalid[0]["reason"]


def test_a_known_album_of_a_blocked_artist_is_refused_with_the_reason():
    storable = albums.album(1)
    test_storing.store(storable)
    blocks.add(kind="artist", spotify_id=albums.ARTIST.spotify_id, reason="asked us to", by="somebody")

    receipt = enqueue([storable.spotify_id, link(2)])

    assert (receipt.queued, receipt.duplicates) == (1, 0)
    assert [bad["reason"] for bad in receipt.invalid] == ["Its artist is blocked: asked us to"]


def test_a_check_tells_every_line_and_writes_nothing(django_assert_num_queries):
    enqueue([link(1)])
    AlbumSource.objects.update(status="failed", failed_at=NOW, failure_reason="gone")
    lines = [link(1), link(2), f"spotify:album:{album_id(2)}", "spotify:track:11dFghVXANMlKmJXsNCbNl", "?"]

    with django_assert_num_queries(2):
        receipt = batches.check(lines)

    assert [line.verdict for line in receipt.verdicts] == [
        "failed",
        "new",
        "duplicate",
        "wrong_type",
        "invalid",
    ]
    assert "failed before" in (receipt.verdicts[0].reason or "")
    assert "line 2" in (receipt.verdicts[2].reason or "")
    assert (receipt.batch_id, receipt.queued, receipt.duplicates) == (None, 1, 2)
    assert AlbumSource.objects.count() == Batch.objects.count() == 1


def test_ten_thousand_spellings_of_one_album_are_one_new_one(django_assert_max_num_queries):
    spellings = [
        "https://open.spotify.com/intl-de/album/{}?si={}",
        "spotify:album:{}#{}",
        "<http://play.spotify.com/album/{}/{}>",
    ]
    lines = [spellings[number % 3].format(album_id(7), number) for number in range(10_000)]
    started = time.perf_counter()

    with django_assert_max_num_queries(10):
        receipt = enqueue("\n".join(lines))

    assert (receipt.queued, receipt.duplicates, receipt.invalid) == (1, 9_999, [])
    assert time.perf_counter() - started < 5


def test_ten_thousand_new_albums_are_one_insert(django_assert_max_num_queries):
    started = time.perf_counter()

    with django_assert_max_num_queries(10):
        receipt = enqueue("\n".join(link(number) for number in range(10_000)))

    assert receipt.queued == AlbumSource.objects.count() == 10_000
    assert AlbumSource.objects.order_by("id").first().url == link(0)
    assert time.perf_counter() - started < 5


def test_a_refused_list_leaves_nothing():
    with pytest.raises(submissions.TooManyLines):
        enqueue([link(1)] * 10_001)

    assert not Batch.objects.exists()


def test_a_new_batch_rings_the_workers_and_a_repeated_one_lets_them_sleep(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rings:
        enqueue([link(1)])
        enqueue([link(1)])
        enqueue([link(2)], ring=False)

    assert len(rings) == 1


def test_with_redis_down_the_rows_are_kept(settings, django_capture_on_commit_callbacks, monkeypatch):
    from celery import current_app

    def down(*args: object, **options: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app, "send_task", down)

    with django_capture_on_commit_callbacks(execute=True):
        receipt = enqueue([link(1)])

    assert receipt.queued == 1
