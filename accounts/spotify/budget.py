"""A soft budget of calls in any 24 hours for each quota bucket, kept below Spotify's own daily quota; pure.

Spotify's quota is unpublished, and meeting it blocks the bucket for up to a day. Calls are known by whole
hours, and an hour counts until its last minute is a day old.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

WINDOW = dt.timedelta(hours=24)
HOUR = dt.timedelta(hours=1)


class Budgets(Protocol):
    """What the gateway needs of the budgets of one app."""

    def spent_until(self, bucket: str, *, now: dt.datetime) -> dt.datetime | None:
        """Until when no call of this bucket is left; None while there are some, or where it has no budget."""


def spent_until(
    calls_by_hour: Mapping[dt.datetime, int], *, budget: int, now: dt.datetime
) -> dt.datetime | None:
    """The moment at which old calls have left the window so that one more fits; None if one fits now."""
    counted = {hour: calls for hour, calls in calls_by_hour.items() if hour + HOUR + WINDOW > now}
    over = sum(counted.values()) - budget + 1
    if over <= 0:
        return None
    for hour in sorted(counted):
        over -= counted[hour]
        if over <= 0:
            return hour + HOUR + WINDOW
    raise ValueError("a budget is at least one call")
