"""Let only so many workers do one thing at a time, by locks in the database that die with their worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import InterfaceError, OperationalError, connection
from psycopg.errors import LockNotAvailable

# Advisory locks have one name space for the whole database; these are the catalogue's.
INGEST, ENRICH, INTAKE, GENRES = 7301, 7302, 7303, 7304


class Busy(Exception):
    """Somebody else kept the one place for as long as the connection waits for a lock: try later."""


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


def is_taken_elsewhere(what: int) -> bool:
    """Whether another connection holds a place."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN_ELSEWHERE, [what])
        return bool(cursor.fetchone()[0])


_TAKEN_ELSEWHERE = """
    SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND classid = %s::oid AND pid <> pg_backend_pid()
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


def wait_for_turn(what: int) -> None:
    """Wait for the one place; it is held until the transaction ends. Raises Busy where it does not come."""
    try:
        _ask("pg_advisory_xact_lock", what, 0)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Busy("Another long list is being stored right now: send this again in a minute.") from error
        raise


def _ask(function: str, what: int, place: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [what, place])
        return bool(cursor.fetchone()[0])
