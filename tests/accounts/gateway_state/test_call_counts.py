"""Call counts: counted in Redis, folded into rows."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
import redis
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts import tasks
from accounts.gateway_state import call_counts, gateways
from accounts.models import CallCount
from tests.accounts.connecting import connected

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 12, 30, tzinfo=dt.UTC)


def test_calls_are_counted_by_hour_endpoint_and_account(sandbox):
    account = connected()
    gateway = gateways.for_account(account.pk)
    gateway.me()
    gateway.me()
    list(gateway.my_playlists())
    tasks.refresh_tokens()

    numbers = call_counts.by_account(since=timezone.now() - dt.timedelta(hours=1, minutes=1))
    # How long a call stood in line is the machine's affair: a few milliseconds on a busy one.
    found = dataclasses.replace(numbers[account.pk], waited_ms=0)
    assert found == call_counts.Numbers(calls=3, throttled=0, failures=0, waited_ms=0)
    endpoints = call_counts.by_endpoint(since=timezone.now() - dt.timedelta(hours=2), account_id=account.pk)
    assert {name: row.calls for name, row in endpoints.items()} == {"me": 2, "my_playlists": 1}


def test_folding_twice_adds_and_never_doubles(redis_db):
    counter = call_counts.RedisCounter(redis_db, None)
    for _ in range(3):
        counter.count("album", throttled=True, failed=False, waited_ms=20, now=NOW)
    call_counts.fold(redis_db, now=NOW)
    call_counts.fold(redis_db, now=NOW)
    counter.count("album", throttled=False, failed=True, waited_ms=0, now=NOW)
    call_counts.fold(redis_db, now=NOW)

    row = CallCount.objects.get()
    assert (row.calls, row.throttled, row.failures, row.waited_ms, row.account) == (4, 3, 1, 60, None)
    assert row.hour == NOW.replace(minute=0)


def test_counts_of_an_account_that_is_gone_go_to_the_app(redis_db):
    call_counts.RedisCounter(redis_db, 999_999).count(
        "me", throttled=False, failed=False, waited_ms=0, now=NOW
    )

    call_counts.fold(redis_db, now=NOW)

    assert CallCount.objects.get().account is None


def test_old_rows_are_dropped(redis_db):
    CallCount.objects.create(hour=NOW - dt.timedelta(days=40), endpoint="me", calls=1)
    call_counts.RedisCounter(redis_db, None).count("me", throttled=False, failed=False, waited_ms=0, now=NOW)
    call_counts.fold(redis_db, now=NOW)

    assert [row.hour for row in CallCount.objects.all()] == [NOW.replace(minute=0)]


def test_without_redis_calls_are_not_counted_and_nobody_minds():
    nobody = redis.Redis(host="127.0.0.1", port=9, retry=Retry(NoBackoff(), 0))

    call_counts.RedisCounter(nobody, None).count("me", throttled=False, failed=False, waited_ms=0, now=NOW)

    nobody.close()


def test_calls_by_hour_count_what_is_folded_and_what_is_not(redis_db):
    def call(endpoint, now):
        call_counts.RedisCounter(redis_db, None).count(
            endpoint, throttled=False, failed=False, waited_ms=0, now=now
        )

    call("album", NOW)
    call("album", NOW - dt.timedelta(hours=3))
    call_counts.fold(redis_db, now=NOW)
    call("album", NOW)
    call("album_tracks", NOW)
    call("playlist", NOW)

    counted = call_counts.calls_by_hour(
        redis_db, ["album", "album_tracks"], since=NOW - dt.timedelta(hours=2)
    )

    assert counted == {NOW.replace(minute=0): 3}


def test_calls_by_hour_are_the_rows_where_redis_is_down(redis_db):
    call_counts.RedisCounter(redis_db, None).count(
        "album", throttled=False, failed=False, waited_ms=0, now=NOW
    )
    call_counts.fold(redis_db, now=NOW)
    nowhere = redis.Redis(port=9, retry=Retry(NoBackoff(), 0))

    counted = call_counts.calls_by_hour(nowhere, ["album"], since=NOW - dt.timedelta(hours=2))

    assert counted == {NOW.replace(minute=0): 1}
