"""Renews the tokens that run out soon, one account after another, skipping those that others hold."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction

from accounts import encrypted_field
from accounts.gateway_state import tokens
from accounts.models import Account
from accounts.spotify import errors

log = logging.getLogger(__name__)

# More than the half hour until the next run.
AHEAD = dt.timedelta(minutes=40)


@dataclass(slots=True)
class Refreshed:
    """How many accounts were renewed, were busy elsewhere, must log in again, or are tried later."""

    renewed: int = 0
    needs_reauth: int = 0
    delayed: int = 0


def run(*, now: dt.datetime) -> Refreshed:
    outcome = Refreshed()
    due = Account.objects.expiring_before(now + AHEAD).exclude(refresh_token="")
    for account_id in due.order_by("token_expires_at", "id").values_list("pk", flat=True):
        if _is_free(account_id):
            _renew(account_id, outcome, now)
    return outcome


def _is_free(account_id: int) -> bool:
    """False while another process holds the row: it is refreshing it."""
    with transaction.atomic():
        row = Account.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=account_id)
        return row.values_list("pk", flat=True).first() is not None


def _renew(account_id: int, outcome: Refreshed, now: dt.datetime) -> None:
    try:
        tokens.renewed_access_token(account_id, stale=None, now=now, ahead=AHEAD)
        outcome.renewed += 1
    except errors.NeedsReauth:
        outcome.needs_reauth += 1
    except encrypted_field.CannotDecrypt as error:
        log.error("account %s: %s", account_id, error)
        outcome.delayed += 1
    except (errors.Blocked, errors.Unavailable, errors.BadAnswer) as error:
        log.warning("account %s: its token is delayed: %s", account_id, error)
        outcome.delayed += 1
