"""The planner's and the curator's locks: waited for, then busy; and who holds an account is known."""

from __future__ import annotations

import threading

import pytest
from django.db import OperationalError, connection, transaction

from playlists import locks
from tests import second_connection
from tests.playlists import worlds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other():
    with second_connection.opened(autocommit=True) as made:
        yield made


def test_a_lock_that_does_not_come_is_busy(other, monkeypatch):
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.1)
    other.execute("SELECT pg_advisory_lock(%s, 0)", [locks.SCALE])

    with pytest.raises(locks.Busy), transaction.atomic():
        locks.hold_for_transaction(locks.SCALE)


def test_a_database_that_goes_away_is_not_busy(other):
    other.execute("SELECT pg_advisory_lock(%s, 0)", [locks.SCALE])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    end = threading.Timer(0.3, lambda: other.execute("SELECT pg_terminate_backend(%s)", [pid]))
    end.start()

    with pytest.raises(OperationalError), transaction.atomic():
        locks.hold_for_transaction(locks.SCALE)

    end.join()
    connection.close()


def test_the_accounts_that_others_hold_are_known_and_ones_own_is_not_among_them(other):
    mine, theirs, free = (worlds.account().pk for _ in range(3))
    other.execute("SELECT pg_advisory_lock(%s, %s)", [locks.SYNC, theirs])
    other.execute("SELECT pg_advisory_lock(%s, %s)", [locks.ROTATION, free])

    with locks.account(mine):
        assert locks.held_elsewhere() == {theirs}
