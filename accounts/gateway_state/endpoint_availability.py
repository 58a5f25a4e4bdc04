"""What the app has learned about endpoints that are gone: rows shared by all processes, one alarm each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.db import transaction

from accounts.gateway_state import alarms
from accounts.models import Capability
from accounts.spotify import capabilities

CACHE = dt.timedelta(seconds=1)
_NOTHING = capabilities.Record()


class StoredAbilities:
    """The records of one app as the gateway wants them (capabilities.Learned);
    believed for a second once read.
    """

    def __init__(self, app: str) -> None:
        self._app = app
        self._seen: dict[str, capabilities.Record] = {}
        self._read_at: dt.datetime | None = None

    def record(self, name: str, *, now: dt.datetime) -> capabilities.Record:
        if self._read_at is None or abs(now - self._read_at) >= CACHE:
            self._seen = {row.name: _record(row) for row in Capability.objects.filter(app=self._app)}
            self._read_at = now
        return self._seen.get(name, _NOTHING)

    def missed(self, name: str, ids: Sequence[str], *, now: dt.datetime) -> capabilities.Record:
        return self._change(name, lambda record: capabilities.after_miss(record, ids, now=now))

    def worked(self, name: str, good_id: str, *, now: dt.datetime) -> None:
        """Written only where it changes something: the first good id, or the end of a row of refusals."""
        record = self.record(name, now=now)
        if record.available and not record.missed_ids and (record.last_good_id or not good_id):
            return
        self._change(name, lambda known: capabilities.after_success(known, good_id))
        if not record.available:
            alarms.clear(alarms.CAPABILITY_OFF, subject=name, now=now)

    def switch_off(self, name: str, *, reason: str, now: dt.datetime) -> None:
        """Off until tried again tomorrow; one alarm however many processes notice."""
        self._change(name, lambda record: replace(record, available=False, changed_at=now), reason=reason)
        text = (
            f"Spotify refuses {name} for every id: {reason}. Vibe does without it and tries again in a day."
        )
        alarms.raise_alarm(alarms.CAPABILITY_OFF, subject=name, text=text, now=now)

    def _change(
        self, name: str, change: Callable[[capabilities.Record], capabilities.Record], *, reason: str = ""
    ) -> capabilities.Record:
        Capability.objects.get_or_create(app=self._app, name=name)
        with transaction.atomic():
            row = Capability.objects.select_for_update(no_key=True).get(app=self._app, name=name)
            record = change(_record(row))
            row.available, row.missed_ids = record.available, list(record.missed_ids)
            row.missed_since, row.last_good_id = record.missed_since, record.last_good_id
            row.changed_at, row.reason = record.changed_at, reason[:200]
            row.save()
        self._seen[name] = record
        return record


def _record(row: Capability) -> capabilities.Record:
    return capabilities.Record(
        available=row.available,
        missed_ids=tuple(row.missed_ids),
        missed_since=row.missed_since,
        last_good_id=row.last_good_id,
        changed_at=row.changed_at,
    )
