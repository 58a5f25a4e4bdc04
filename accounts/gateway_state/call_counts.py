"""Calls to Spotify by hour, endpoint and account: counted in Redis, folded into rows, shown per account."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis
from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from accounts.models import Account, CallCount

log = logging.getLogger(__name__)

KEY = "vibe:calls"
FOLDING = "vibe:calls:folding"
KEEP = dt.timedelta(days=35)
FIELDS = ("calls", "throttled", "failures", "waited_ms", "for_strangers")


class RedisCounter:
    """Counts every request of one account's door: one round trip, lost without harm when Redis is down."""

    def __init__(self, client: redis.Redis, account_id: int | None, *, for_strangers: bool = False) -> None:
        self._client = client
        self._account = str(account_id or "")
        self._for_strangers = for_strangers

    def count(
        self, endpoint: str, *, throttled: bool, failed: bool, waited_ms: int, now: dt.datetime
    ) -> None:
        name = f"{now:%Y-%m-%dT%H}|{endpoint}|{self._account}"
        amounts = zip(
            FIELDS, (1, int(throttled), int(failed), waited_ms, int(self._for_strangers)), strict=True
        )
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for field, amount in amounts:
                    if amount:
                        pipe.hincrby(KEY, f"{name}|{field}", amount)
                pipe.execute()
        except redis.RedisError as error:
            log.debug("a call was not counted: %s", type(error).__name__)


def fold(client: redis.Redis, *, now: dt.datetime) -> int:
    """Move the counts from Redis into rows and drop rows older than 35 days; how many rows were touched.

    The counts are set aside first, so that counting goes on; a crash in between leaves them for the next run.
    """
    if not client.exists(FOLDING):
        if not client.exists(KEY):
            return 0
        client.renamenx(KEY, FOLDING)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('traffic.fold'))")
        if not cursor.fetchone()[0]:
            return 0
        totals = _totals({_text(name): int(value) for name, value in client.hgetall(FOLDING).items()})
        _add(totals)
        CallCount.objects.filter(hour__lt=now - KEEP).delete()
        # Inside the lock: a crash between here and the commit loses an hour's numbers, never counts them
        # twice.
        client.delete(FOLDING)
    return len(totals)


def _totals(counts: dict[str, int]) -> dict[tuple[str, str, str], dict[str, int]]:
    totals: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for name, amount in counts.items():
        hour, endpoint, account, field = name.split("|")
        totals[hour, endpoint, account][field] = amount
    return totals


def _add(totals: dict[tuple[str, str, str], dict[str, int]]) -> None:
    known = set(Account.objects.values_list("pk", flat=True))
    rows = [
        (
            _hour(hour),
            endpoint[:60],
            int(account) if account and int(account) in known else None,
            *(amounts.get(field, 0) for field in FIELDS),
        )
        for (hour, endpoint, account), amounts in sorted(totals.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(ADD, rows)


# Sums, because several workers fold; the conflict target is the unique constraint, where null accounts are
# equal.
ADD = """
    INSERT INTO spotify_call_counts
        (hour, endpoint, account_id, calls, throttled, failures, waited_ms, for_strangers)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT ON CONSTRAINT call_counts_one_per_hour DO UPDATE SET
        calls = spotify_call_counts.calls + EXCLUDED.calls,
        throttled = spotify_call_counts.throttled + EXCLUDED.throttled,
        failures = spotify_call_counts.failures + EXCLUDED.failures,
        waited_ms = spotify_call_counts.waited_ms + EXCLUDED.waited_ms,
        for_strangers = spotify_call_counts.for_strangers + EXCLUDED.for_strangers
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """`waited_ms`: how long the calls stood in line for their turn, all together."""

    calls: int
    throttled: int
    failures: int
    waited_ms: int
    for_strangers: int = 0


def by_account(*, since: dt.datetime) -> dict[int | None, Numbers]:
    """Folded numbers per account id since then; None is the app itself. One query."""
    return _grouped(CallCount.objects.filter(hour__gte=since), "account_id")


def by_endpoint(*, since: dt.datetime, account_id: int | None = None) -> dict[str, Numbers]:
    """Folded numbers per endpoint since then, of one account or of all. One query."""
    rows = CallCount.objects.filter(hour__gte=since)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    return _grouped(rows, "endpoint")


def calls_by_hour(
    client: redis.Redis, endpoints: Sequence[str], *, since: dt.datetime, field: str = "calls"
) -> Counter[dt.datetime]:
    """Calls to these endpoints by the hour's start, with those that are not folded yet; `field` may name a
    part of them."""
    rows = CallCount.objects.filter(hour__gte=since, endpoint__in=endpoints)
    found = Counter(dict(rows.order_by("hour").values_list("hour").annotate(Sum(field))))
    for (hour, endpoint, _), amounts in _unfolded(client).items():
        if endpoint in endpoints:
            found[_hour(hour)] += amounts.get(field, 0)
    return found


def _unfolded(client: redis.Redis) -> dict[tuple[str, str, str], dict[str, int]]:
    """What Redis holds, and nothing where it is down: the rows alone are a little behind."""
    found: Counter[str] = Counter()
    try:
        for key in (FOLDING, KEY):
            found.update({_text(name): int(value) for name, value in client.hgetall(key).items()})
    except redis.RedisError as error:
        log.debug("calls of the last minute are not known: %s", type(error).__name__)
    return _totals(found)


def _hour(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}:00:00+00:00")


def _grouped(rows: QuerySet[CallCount], by: str) -> dict[Any, Numbers]:
    sums = {f"sum_of_{name}": Sum(name) for name in FIELDS}
    found = rows.order_by(by).values(by).annotate(**sums).values_list(by, *sums)
    return {key: Numbers(*amounts) for key, *amounts in found}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
