"""The daily budgets of settings against the calls that were counted: rows, and what Redis still holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import redis

from accounts.gateway_state import call_counts
from accounts.spotify import budget, capabilities


class CountedBudgets:
    """`limits`: calls in any 24 hours by quota bucket; 0 or absent means any number. Soft: workers that ask
    at once may each make one call more."""

    def __init__(self, client: redis.Redis, limits: Mapping[str, int]) -> None:
        self._client, self._limits = client, limits

    def spent_until(self, bucket: str, *, now: dt.datetime) -> dt.datetime | None:
        limit = self._limits.get(bucket, 0)
        return self._until(bucket, limit, "calls", now) if limit > 0 else None

    def strangers_wait_until(self, share: float, *, now: dt.datetime) -> dt.datetime | None:
        """Until when nothing more of the catalogue's budget may go to what strangers handed in; None while
        their share lasts, or where there is no budget."""
        limit = self._limits.get(capabilities.CATALOGUE, 0)
        if limit <= 0:
            return None
        theirs = int(limit * share)
        if theirs < 1:
            return now + budget.WINDOW
        return self._until(capabilities.CATALOGUE, theirs, "for_strangers", now)

    def _until(self, bucket: str, limit: int, field: str, now: dt.datetime) -> dt.datetime | None:
        names = [one.name for one in capabilities.ENDPOINTS.values() if one.bucket == bucket]
        since = now - budget.WINDOW - budget.HOUR
        calls = call_counts.calls_by_hour(self._client, names, since=since, field=field)
        return budget.spent_until(calls, budget=limit, now=now)
