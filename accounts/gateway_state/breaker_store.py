"""The breaker's rows: one per (app, bucket), shared by all processes, surviving restarts, closable by hand.

Not to be used inside a transaction: what one call learns must be seen by the others at once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction

from accounts.models import Circuit
from accounts.spotify import breaker, errors

log = logging.getLogger(__name__)

CACHE = dt.timedelta(seconds=1)
_CLOSED = breaker.State()


class StoredCircuits:
    """The circuits of one app as the gateway wants them (breaker.Circuits);
    what was read is believed for a second.
    """

    def __init__(self, app: str) -> None:
        self._app = app
        self._seen: dict[str, breaker.State] = {}
        self._read_at: dt.datetime | None = None

    def check(self, bucket: str, *, now: dt.datetime) -> None:
        state = self._state(bucket, now)
        until = breaker.blocked_until(state, now)
        if until is not None:
            raise errors.Blocked(until, reason=state.reason, bucket=bucket)

    def admit(self, bucket: str, *, now: dt.datetime) -> bool:
        if self._state(bucket, now).state == breaker.CLOSED:
            return False
        before, after = self._move(
            bucket, lambda state: breaker.probing(state, now) if breaker.probe_due(state, now) else state
        )
        if after is not before:
            return True
        self.check(bucket, now=now)
        return False

    def succeeded(self, bucket: str, *, now: dt.datetime) -> None:
        state = self._state(bucket, now)
        if state.failures or state.state == breaker.HALF_OPEN:
            before, after = self._move(bucket, breaker.after_success)
            if before.state != breaker.CLOSED and after.state == breaker.CLOSED:
                log.info("circuit %s closed: Spotify answers again", bucket)

    def failed(self, bucket: str, *, target: str, now: dt.datetime) -> None:
        before, after = self._move(bucket, lambda state: breaker.after_failure(state, target=target, now=now))
        self._tell(bucket, before, after)

    def block(self, bucket: str, *, seconds: float, reason: str, now: dt.datetime) -> dt.datetime:
        def move(state: breaker.State) -> breaker.State:
            return breaker.opened(state, seconds=seconds, reason=reason, now=now)

        before, after = self._move(bucket, move)
        self._tell(bucket, before, after)
        return after.open_until or now

    def _tell(self, bucket: str, before: breaker.State, after: breaker.State) -> None:
        if before.state == breaker.CLOSED and after.state == breaker.OPEN:
            log.warning("circuit %s open until %s: %s", bucket, after.open_until, after.reason)

    def _state(self, bucket: str, now: dt.datetime) -> breaker.State:
        if self._read_at is None or abs(now - self._read_at) >= CACHE:
            self._seen = {row.bucket: state_of(row) for row in Circuit.objects.filter(app=self._app)}
            self._read_at = now
        return self._seen.get(bucket, _CLOSED)

    def _move(
        self, bucket: str, move: Callable[[breaker.State], breaker.State]
    ) -> tuple[breaker.State, breaker.State]:
        """Apply a pure move to the row under its lock; (before, after)."""
        Circuit.objects.get_or_create(app=self._app, bucket=bucket)
        with transaction.atomic():
            row = Circuit.objects.select_for_update(no_key=True).get(app=self._app, bucket=bucket)
            before = state_of(row)
            after = move(before)
            if after is not before:
                _write(row, after)
        self._seen[bucket] = after
        return before, after


def state_of(row: Circuit) -> breaker.State:
    return breaker.State(
        state=row.state,
        reason=row.reason,
        failures=row.failures,
        last_target=row.last_target,
        open_until=row.open_until,
        probe_until=row.probe_until,
    )


def _write(row: Circuit, after: breaker.State) -> None:
    row.state, row.reason = after.state, after.reason[:200]
    row.failures, row.last_target = after.failures, after.last_target
    row.open_until, row.probe_until = after.open_until, after.probe_until
    row.save()


def close(row: Circuit, *, by: str) -> None:
    """An operator's word that the block is over: calls pass from now on."""
    Circuit.objects.filter(pk=row.pk).update(
        state=Circuit.State.CLOSED, reason="", failures=0, last_target="", open_until=None, probe_until=None
    )
    log.warning("circuit %s closed by %s", row.bucket, by)
