"""What logins leave behind goes after its time: ended sessions, logins begun, and who tried to log in."""

from __future__ import annotations

import datetime as dt

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from accounts.login import onboarding

# Tries are counted for a quarter of an hour; who tried is kept for as long as somebody may ask.
COUNTED_FOR = dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=90)
BATCH = 5_000


def run(*, now: dt.datetime) -> dict[str, int]:
    """How many rows of each kind went. Safe at any time and twice."""
    return {
        "sessions": _clear(Session.objects.filter(expire_date__lt=now)),
        "logins begun": onboarding.sweep(now=now),
        "counted tries": _clear(AccessAttempt.objects.filter(attempt_time__lt=now - COUNTED_FOR)),
        "failed logins": _clear(AccessFailureLog.objects.filter(attempt_time__lt=now - KEPT_FOR)),
        "good logins": _clear(AccessLog.objects.filter(attempt_time__lt=now - KEPT_FOR)),
    }


def _clear(rows: QuerySet) -> int:
    """In batches: a flood of sessions must not become one statement of minutes."""
    gone = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        gone += rows.filter(pk__in=keys).delete()[0]
    return gone
