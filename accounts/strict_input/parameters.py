"""Query parameters: those nobody reads are refused, and each is read in one spelling only."""

from __future__ import annotations

import datetime as dt
import re

from rest_framework import exceptions
from rest_framework.request import Request

MAX_ROW = 2**63 - 1  # no row has a larger number
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,19}")


def only(request: Request, *allowed: str) -> None:
    """Refuse parameters that nobody reads, and those that come twice: a typo must not look like an answer."""
    given = dict(request.query_params.lists())
    faults = {name: "This is no parameter of this address." for name in given if name not in allowed}
    faults |= {name: "This parameter comes twice." for name, values in given.items() if len(values) > 1}
    if faults:
        raise exceptions.ValidationError(dict(sorted(faults.items())))


def whole(request: Request, name: str, *, low: int = 1, high: int = MAX_ROW) -> int | None:
    """The whole number given, None without one."""
    given = request.query_params.get(name)
    if given is None:
        return None
    found = whole_of(given)
    if found is None or not low <= found <= high:
        bounds = f" from {low} to {high}" if high < MAX_ROW else ""
        raise exceptions.ValidationError({name: f"This must be a whole number{bounds}."})
    return found


def day(request: Request, name: str) -> dt.date | None:
    """The day given, None without one."""
    given = request.query_params.get(name)
    if given is None:
        return None
    found = day_of(given)
    if found is None:
        raise exceptions.ValidationError({name: "This must be a day as YYYY-MM-DD."})
    return found


def whole_of(text: str) -> int | None:
    """A number of plain digits that a row may have, else None."""
    return int(text) if _WHOLE.fullmatch(text) and int(text) <= MAX_ROW else None


def day_of(text: str) -> dt.date | None:
    """A day in exactly the spelling YYYY-MM-DD, else None."""
    try:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
