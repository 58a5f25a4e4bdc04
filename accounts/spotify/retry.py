"""The one retry decision: after a failed attempt, wait here, come back later, or stop. Pure."""

from __future__ import annotations

import datetime as dt
import email.utils
import random
from dataclasses import dataclass
from enum import Enum

MAX_ATTEMPTS = 6
# A PUT that fails again and again is nearly always a dead track, which the caller finds by looking.
MAX_WRITE_ATTEMPTS = 3
BASE_SECONDS = 0.5
MAX_IN_PLACE_SECONDS = 5.0
# Above this a 429 is no rolling window any more but a block of the app or of a quota.
LONG_BLOCK_SECONDS = 60.0
MAX_RETRY_AFTER_SECONDS = 86_400.0
# What a window takes to clear when Spotify throttles without saying for how long.
UNTOLD_SECONDS = 30.0


class Failure(Enum):
    THROTTLED = "throttled"  # 429: not executed
    UNSENT = "unsent"  # no connection: not executed
    BROKEN = "broken"  # 5xx, timeout, reset, unreadable body: perhaps executed


@dataclass(frozen=True, slots=True)
class Wait:
    """Sleep this long in place, then try again."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Later:
    """Too long to hold a worker: nothing was done, come back after this."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stop:
    """No further attempt."""


Decision = Wait | Later | Stop


def decide(
    *,
    attempt: int,
    failure: Failure,
    repeatable: bool,
    writes: bool,
    retry_after: float | None,
    rng: random.Random,
) -> Decision:
    """What to do after the `attempt`th attempt (1-based) failed.

    `repeatable`: doing it twice does no harm (GET, PUT). A call that is not is repeated only when it was
    surely not executed. `retry_after`: Spotify's wish in seconds, which is never undercut; None where it
    said nothing.
    """
    if failure is Failure.BROKEN and not repeatable:
        return Stop()
    limit = MAX_WRITE_ATTEMPTS if writes and failure is Failure.BROKEN else MAX_ATTEMPTS
    if retry_after is not None and retry_after > MAX_IN_PLACE_SECONDS:
        return Later(min(retry_after, MAX_RETRY_AFTER_SECONDS))
    if attempt >= limit:
        return Later(retry_after or UNTOLD_SECONDS) if failure is Failure.THROTTLED else Stop()
    if retry_after is not None:
        return Wait(retry_after + rng.uniform(0, BASE_SECONDS))
    return Wait(backoff(attempt, rng))


def backoff(attempt: int, rng: random.Random) -> float:
    """Exponential with full jitter: anywhere from nothing to 0.5, 1, 2, 4, 5 seconds."""
    return rng.uniform(0, min(MAX_IN_PLACE_SECONDS, BASE_SECONDS * 2 ** (attempt - 1)))


def retry_after_seconds(header: str | None, *, now: dt.datetime) -> float | None:
    """Seconds from a Retry-After header (a number or an HTTP date); None for none, nonsense or the past."""
    if not header:
        return None
    seconds = _number(header.strip())
    if seconds is None:
        seconds = _date(header.strip(), now)
    if seconds is None or not seconds >= 0:  # also refuses NaN
        return None
    return min(seconds, MAX_RETRY_AFTER_SECONDS)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _date(text: str, now: dt.datetime) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - now).total_seconds()
