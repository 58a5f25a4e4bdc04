"""Alarms of the door: raised once per kind and subject, counted when seen again, cleared when it is over."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import Alarm

log = logging.getLogger(__name__)

MASS_REFUSAL = "mass_refusal"
CAPABILITY_OFF = "capability_off"
ACCOUNT_GONE = "account_gone"


def raise_alarm(kind: str, *, subject: str = "", text: str, now: dt.datetime) -> bool:
    """Raise an alarm, or count it where it is already open;
    True and one ERROR in the log only when it is new.
    """
    seen = Alarm.objects.filter(kind=kind, subject=subject, cleared_at=None)
    if seen.update(last_seen_at=now, times=F("times") + 1):
        return False
    try:
        with transaction.atomic():
            Alarm.objects.create(kind=kind, subject=subject, text=text, raised_at=now, last_seen_at=now)
    except IntegrityError:  # another process was faster
        return False
    log.error("alarm %s %s: %s", kind, subject, text)
    return True


def is_open(kind: str, *, subject: str = "") -> bool:
    return Alarm.objects.filter(kind=kind, subject=subject, cleared_at=None).exists()


def clear(kind: str, *, subject: str = "", now: dt.datetime) -> bool:
    """Close an open alarm; False where there was none."""
    return bool(Alarm.objects.filter(kind=kind, subject=subject, cleared_at=None).update(cleared_at=now))
