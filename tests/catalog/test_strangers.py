"""Albums that strangers hand in: after all others, and for no more than their share of the day's calls."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import tasks
from accounts.gateway_state import gateways
from accounts.models import CallCount
from catalog.ingest import ingest
from catalog.intake import batches
from catalog.models import AlbumSource

pytestmark = [pytest.mark.django_db, pytest.mark.sandbox(albums=60, mode="development")]


@pytest.fixture
def submitted(sandbox, settings):
    """Forty albums of strangers, then twenty of operators; 50 calls a day, ten of them for strangers."""
    settings.SPOTIFY_DAILY_CALLS = {"catalogue": 50}
    settings.STRANGERS_SHARE = 0.2
    links = sandbox.album_links(60)
    for link in links[:40]:
        batches.enqueue([link], by="public", priority=AlbumSource.STRANGERS_PRIORITY, now=timezone.now())
    batches.enqueue(links[40:], by="operator", priority=-10, now=timezone.now())
    return sandbox


def drain(**options):
    return ingest.run(gateway=gateways.for_app(lane="ingest"), now=timezone.now(), **options)


def ended(*, strangers):
    found = AlbumSource.objects.filter(status__in=["ingested", "failed"])
    theirs = found.filter(priority=AlbumSource.STRANGERS_PRIORITY)
    return theirs.count() if strangers else found.count() - theirs.count()


def asked(sandbox):
    return sum("/albums/" in call.path for call in sandbox.calls)


def test_strangers_albums_spend_their_share_of_the_days_calls_and_no_more(submitted):
    outcome = drain()

    assert ended(strangers=False) == 20
    assert ended(strangers=True) <= 10
    assert asked(submitted) <= 20 + 10 + 2  # the last album of the share may have pages
    assert outcome.blocked_until is None


def test_what_waits_for_its_share_says_so_and_is_not_due(submitted):
    drain()

    waiting = AlbumSource.objects.filter(status="queued", priority=AlbumSource.STRANGERS_PRIORITY)
    assert waiting.count() >= 29
    assert set(waiting.values_list("failure_reason", "attempts")) == {(AlbumSource.STRANGERS_WAIT, 0)}
    assert not ingest.due(timezone.now())
    assert drain() == ingest.IngestResult()


def test_operators_still_have_the_rest_of_the_day(submitted, sandbox):
    drain()
    ingest.refresh(AlbumSource.objects.filter(priority=-10).values_list("id", flat=True))

    assert drain().ingested >= 15


def test_strangers_go_on_the_next_day_and_the_counts_survive_being_folded(submitted, time_machine):
    drain()
    tasks.refresh_tokens()
    first = ended(strangers=True)
    counted = sum(CallCount.objects.values_list("for_strangers", flat=True))
    assert 10 <= counted <= 12
    assert drain() == ingest.IngestResult()

    time_machine.move_to(timezone.now() + dt.timedelta(hours=26))
    drain()

    assert first < ended(strangers=True) <= first + 10


def test_operators_albums_go_first_whatever_came_first(submitted):
    drain(limit=15)

    assert (ended(strangers=False), ended(strangers=True)) == (15, 0)


def test_no_share_at_all_keeps_them_waiting(submitted, settings):
    settings.STRANGERS_SHARE = 0

    drain()

    assert ended(strangers=True) == 0
    assert AlbumSource.objects.filter(not_before__gt=timezone.now() + dt.timedelta(hours=23)).count() == 40


def test_without_a_budget_there_is_no_share_to_spend(submitted, settings):
    settings.SPOTIFY_DAILY_CALLS = {}

    drain()

    assert ended(strangers=True) == 40


def test_an_operator_who_hands_in_what_a_stranger_did_takes_it_over(submitted):
    drain()
    waiting = AlbumSource.objects.filter(status="queued").order_by("id").values_list("url", flat=True)
    again = list(waiting[:3])

    receipt = batches.enqueue(
        [again[0]], by="operator", now=timezone.now()
    )  # the very text of the stranger's
    batches.enqueue(again, by="operator", priority=10, now=timezone.now())

    assert (receipt.queued, receipt.duplicates) == (0, 1)
    found = AlbumSource.objects.filter(url__in=again).order_by("id").values_list("priority", "not_before")
    assert list(found) == [(0, None), (10, None), (10, None)]
    assert drain().ingested == 3


def test_a_stranger_takes_nothing_over(submitted):
    link = AlbumSource.objects.filter(priority=-10).first().url

    batches.enqueue([link], by="public", priority=AlbumSource.STRANGERS_PRIORITY, now=timezone.now())

    assert AlbumSource.objects.get(url=link).priority == -10
