"""The consent calendar: when a login runs out, when to warn, what a refused grant means. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from enum import Enum

MONTHS = 6
WARN_DAYS = (30, 14, 3)
MASS_WINDOW = dt.timedelta(minutes=10)
MASS_SHARE = 0.20
# A refusal that lasts this long is no outage any more.
HOLD_LIMIT = dt.timedelta(hours=24)
HOLD_RETRY = dt.timedelta(minutes=10)


class RefusedGrant(Enum):
    NEEDS_REAUTH = "needs_reauth"
    HOLD = "hold"


def due(authorized_at: dt.datetime) -> dt.datetime:
    """Six calendar months later: Spotify's refresh tokens die then, however often they were refreshed."""
    month_index = authorized_at.month - 1 + MONTHS
    year, month = authorized_at.year + month_index // 12, month_index % 12 + 1
    day = min(authorized_at.day, calendar.monthrange(year, month)[1])
    return authorized_at.replace(year=year, month=month, day=day)


def warning_level(due_at: dt.datetime | None, now: dt.datetime) -> int | None:
    """The tightest of 30, 14 and 3 days that has been reached (0 once it is over), None while there is
    time.
    """
    if due_at is None:
        return None
    left = due_at - now
    if left <= dt.timedelta(0):
        return 0
    return min((days for days in WARN_DAYS if left <= dt.timedelta(days=days)), default=None)


def warning(name: str, due_at: dt.datetime, *, playlists: int, now: dt.datetime) -> str:
    """What is at stake, for people: '27 playlists of Anna stop on 12 May: log it in again.'"""
    day = f"{due_at.day} {due_at:%B}"
    noun = "playlist" if playlists == 1 else "playlists"
    if due_at <= now:
        return f"{playlists} {noun} of {name} stand still since {day}: log it in again."
    verb = "stops" if playlists == 1 else "stop"
    return f"{playlists} {noun} of {name} {verb} on {day}: log it in again."


def is_mass(*, refused: int, network: int) -> bool:
    """Whether so many accounts refused within ten minutes speak for a fault at Spotify, not for their
    owners.
    """
    return refused >= 2 and refused > network * MASS_SHARE


def judge(
    *, first_refused_at: dt.datetime, refused: int, network: int, alarm_open: bool, now: dt.datetime
) -> RefusedGrant:
    """What an invalid_grant means. `refused`: accounts refused in the last ten minutes, this one included."""
    if now - first_refused_at >= HOLD_LIMIT:
        return RefusedGrant.NEEDS_REAUTH
    return (
        RefusedGrant.HOLD
        if alarm_open or is_mass(refused=refused, network=network)
        else RefusedGrant.NEEDS_REAUTH
    )
