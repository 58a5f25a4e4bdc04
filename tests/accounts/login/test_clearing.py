"""What logins leave behind is cleared every night, and what is still of use stays."""

from __future__ import annotations

import datetime as dt

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts import tasks
from accounts.login import clearing, onboarding
from accounts.models import Authorization

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def leave(now):
    """One row of each kind, as old as `now` says."""
    Session.objects.create(session_key=now.isoformat()[:40], session_data="x", expire_date=now)
    onboarding.begin(label="Anna", begun_by="api-key", now=now)
    seen = {"username": "ada", "ip_address": "192.0.2.1", "path_info": "/admin/login/"}
    AccessAttempt.objects.create(**seen, user_agent=str(now), failures_since_start=1)
    AccessFailureLog.objects.create(**seen)
    AccessLog.objects.create(**seen)
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        model.objects.filter(pk=model.objects.latest("pk").pk).update(attempt_time=now)


def left():
    kinds = (Session, Authorization, AccessAttempt, AccessFailureLog, AccessLog)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_what_is_old_goes_and_what_is_of_use_stays():
    now = timezone.now()
    leave(now - 91 * DAY)
    leave(now - 2 * DAY)
    leave(now + dt.timedelta(hours=1))

    clearing.run(now=now)

    assert left() == {
        "Session": 1,
        "Authorization": 1,
        "AccessAttempt": 1,
        "AccessFailureLog": 2,
        "AccessLog": 2,
    }


def test_many_sessions_go_in_batches(monkeypatch):
    monkeypatch.setattr(clearing, "BATCH", 10)
    now = timezone.now()
    Session.objects.bulk_create(
        Session(session_key=str(number), session_data="x", expire_date=now - DAY) for number in range(35)
    )

    assert clearing.run(now=now)["sessions"] == 35
    assert not Session.objects.exists()


def test_every_night_has_a_row_for_it_that_operators_see():
    call_command("seed_schedule")
    row = PeriodicTask.objects.get(task="clear_old_logins")
    leave(timezone.now() - 91 * DAY)

    tasks.clear_old_logins()

    assert (row.crontab.hour, row.crontab.minute, row.enabled) == ("1", "30", True)
    assert set(left().values()) == {0}
