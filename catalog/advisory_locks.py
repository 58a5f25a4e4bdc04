"""Let only so many workers do one thing at a time, by locks in the database that die with their worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import InterfaceError, OperationalError, connection

# Advisory locks have one name space for the whole database; these are the catalogue's.
INGEST, ENRICH, INTAKE = 7301, 7302, 7303


@contextmanager
def turn(what: int, *, places: int = 1) -> Iterator[bool]:
    """Whether there was a free place; it is held until the end of the block. Never waits."""
    place = next((number for number in range(places) if _ask("pg_try_advisory_lock", what, number)), None)
    try:
        yield place is not None
    finally:
        if place is not None:
            # A connection that died took the lock along.
            with suppress(OperationalError, InterfaceError):
                _ask("pg_advisory_unlock", what, place)


def wait_for_turn(what: int) -> None:
    """Wait for the one place; it is held until the transaction ends."""
    _ask("pg_advisory_xact_lock", what, 0)


def _ask(function: str, what: int, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [what, place])
        return bool(cursor.fetchone()[0])
