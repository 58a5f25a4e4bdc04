"""PostgreSQL advisory locks: one planner, one curator, and one writer per account at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection
from django.db.utils import OperationalError
from psycopg.errors import LockNotAvailable

# First half of the lock's key; the second is an account's id, or 0.
SCALE, ROTATION, SYNC = 7101, 7102, 7103
WAIT_SECONDS = 60


class Busy(Exception):
    """Somebody else holds the lock and did not let go in time: try later."""


def hold_for_transaction(kind: int) -> None:
    """Wait for the lock and keep it until the transaction ends; Busy after a minute."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [kind])
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Busy("Another run of the same kind is still at work.") from error
            raise


class SessionLock:
    """A lock on the connection itself: it outlives commits and is gone with the connection."""

    def __init__(self, kind: int, number: int) -> None:
        self.kind, self.number = kind, number

    def take(self) -> bool:
        return bool(self._ask("SELECT pg_try_advisory_lock(%s, %s)"))

    def is_mine(self) -> bool:
        """Whether this connection still holds it: a connection that broke and came back does not."""
        return bool(
            self._ask(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND pid = pg_backend_pid() AND classid = %s::oid AND objid = %s::oid)"
            )
        )

    def release(self) -> None:
        self._ask("SELECT pg_advisory_unlock(%s, %s)")

    def _ask(self, sql: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, [self.kind, self.number])
            row = cursor.fetchone()
        return row[0] if row else None


@contextlib.contextmanager
def account(account_id: int) -> Iterator[SessionLock | None]:
    """The writer's lock of one account, or None where another process writes to it now."""
    lock = SessionLock(SYNC, account_id)
    if not lock.take():
        yield None
        return
    try:
        yield lock
    finally:
        # Where the connection broke, the server let the lock go with it.
        with contextlib.suppress(OperationalError):
            lock.release()


def held_elsewhere() -> set[int]:
    """The accounts that other connections hold now, whatever they do with them."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_ELSEWHERE, [SYNC])
        return {account_id for (account_id,) in cursor.fetchall()}


_HELD_ELSEWHERE = """
SELECT DISTINCT lock.objid::bigint
  FROM pg_locks AS lock
 WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = %s::oid
   AND lock.pid <> pg_backend_pid()
   AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def under_way() -> list[int]:
    """The accounts that are written to now, in order. A writer that did nothing for a minute is not counted:
    it may be frozen, and no worker should wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_WAY, [SYNC])
        return [account_id for (account_id,) in cursor.fetchall()]


_UNDER_WAY = """
SELECT DISTINCT lock.objid::bigint
  FROM pg_locks AS lock JOIN pg_stat_activity AS writer USING (pid)
 WHERE lock.locktype = 'advisory' AND lock.granted AND lock.classid = %s::oid
   AND writer.datname = current_database()
   AND (writer.state = 'active' OR writer.state_change > clock_timestamp() - interval '60 seconds')
 ORDER BY 1
"""
