"""Whether Spotify still has our accounts: /me is asked once a day, and an account refused twice is closed."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db.models import F, Q

from accounts import plurals
from accounts.gateway_state import alarms, gateways, grant_expiry
from accounts.models import Account
from accounts.spotify import errors

log = logging.getLogger(__name__)

EVERY = dt.timedelta(days=1)
# A refusal is believed when it is repeated this much later: Spotify has refused good tokens for minutes.
CONFIRMED_AFTER = dt.timedelta(hours=1)


@dataclass(slots=True)
class Checked:
    """How many accounts answered, were refused for the first time or again, and were closed."""

    present: int = 0
    refused: int = 0
    closed: int = 0


def run(*, now: dt.datetime) -> Checked:
    """Ask about every account that is due; a Spotify that is blocked or down says nothing about anybody."""
    outcome = Checked()
    for account in list(_due(now)):
        try:
            refusal = _refusal(account.pk)
        except errors.Blocked:
            break
        except errors.SpotifyError as error:
            log.warning("account %s: whether it is there could not be asked: %s", account.pk, error)
            continue
        if refusal is None:
            _note_presence(account, now)
            outcome.present += 1
        else:
            outcome.refused += 1
            outcome.closed += _note_refusal(account, refusal, now)
    return outcome


def _due(now: dt.datetime) -> list[Account]:
    asked_long_ago = Q(presence_asked_at=None) | Q(presence_asked_at__lte=now - EVERY)
    waits_for_a_second = Q(absent_since__lte=now - CONFIRMED_AFTER)
    due = Account.objects.usable_for_sync().filter(Q(absent_since=None) & asked_long_ago | waits_for_a_second)
    return list(due.order_by(F("presence_asked_at").asc(nulls_first=True), "id"))


def _refusal(account_id: int) -> str | None:
    """Spotify's words where it does not know the account; None where it answers."""
    try:
        gateways.for_account(account_id, lane="ingest").me()
    except (errors.Forbidden, errors.NotFound) as error:
        return f"{error.status}: {error.message}"
    except errors.Unavailable as error:
        if error.status != 401:
            raise
        return f"401: {error.message}"
    return None


def _note_presence(account: Account, now: dt.datetime) -> None:
    Account.objects.filter(pk=account.pk).update(presence_asked_at=now, absent_since=None)
    alarms.clear(alarms.ACCOUNT_GONE, subject=str(account.pk), now=now)


def _note_refusal(account: Account, refusal: str, now: dt.datetime) -> bool:
    """Whether this refusal closes the account: the second, an hour later, and not many accounts' at once,
    unless that lasts a day.
    """
    if account.absent_since is None:
        Account.objects.filter(pk=account.pk).update(presence_asked_at=now, absent_since=now)
        log.warning("account %s: Spotify refuses /me (%s); asked again in an hour", account.pk, refusal)
        return False
    absent = Account.objects.active().exclude(absent_since=None).count()
    verdict = grant_expiry.judge(
        first_refused_at=account.absent_since,
        refused=absent,
        network=Account.objects.active().count(),
        alarm_open=False,
        now=now,
    )
    if verdict is grant_expiry.RefusedGrant.HOLD:
        _alarm_of_all(absent, now)
        return False
    return _close(account, refusal, now)


def _close(account: Account, refusal: str, now: dt.datetime) -> bool:
    """Without its capacity the next plan moves its playlists elsewhere. Nothing is erased."""
    reason = f"Spotify no longer has this account, or shuts the app out of it ({refusal})."
    changed = Account.objects.active().filter(pk=account.pk)
    if not changed.update(status=Account.Status.DISABLED, status_reason=reason, presence_asked_at=now):
        return False
    text = (
        f"The account {account} is gone: {reason} The next plan places its playlists elsewhere. "
        "If it is there after all, connect it again."
    )
    alarms.raise_alarm(alarms.ACCOUNT_GONE, subject=str(account.pk), text=text, now=now)
    return True


def _alarm_of_all(absent: int, now: dt.datetime) -> None:
    text = (
        f"Spotify refuses /me for {plurals.counted(absent, 'account')} at once, which speaks for a fault at "
        "Spotify or for the app's standing there. None was closed; look at the app in Spotify's developer "
        "dashboard."
    )
    alarms.raise_alarm(alarms.ACCOUNT_GONE, subject="many", text=text, now=now)
