"""Fresh access tokens, refreshed by one process at a time under the row's lock, and what a refusal means."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from accounts import encrypted_field
from accounts.gateway_state import alarms, grant_expiry
from accounts.models import Account, AppToken, Listener
from accounts.spotify import errors, oauth

log = logging.getLogger(__name__)

# A token is used while it has this long to live, so that clocks may differ and calls may take their time.
MARGIN = dt.timedelta(seconds=120)
# After the accounts service failed, it is not asked about the same account for this long.
DELAY = dt.timedelta(seconds=60)
# After it refused the app's own grant, catalogue reads use an account's token for this long.
GRANT_REFUSED_REST = dt.timedelta(hours=1)


def app() -> oauth.App:
    return oauth.App(
        settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET, settings.SPOTIFY_ACCOUNTS_URL
    )


# --- service accounts


def fresh_access_token(account_id: int, *, now: dt.datetime) -> str:
    """The account's access token, refreshed where it runs out.

    Raises NeedsReauth where a person must log in again, Blocked or Unavailable where waiting helps.
    """
    account = Account.objects.get(pk=account_id)
    if _usable(account) and _is_fresh(account, now):
        return encrypted_field.opened(account.access_token)
    return renewed_access_token(account_id, stale=None, now=now)


def renewed_access_token(
    account_id: int, *, stale: str | None, now: dt.datetime, ahead: dt.timedelta = MARGIN
) -> str:
    """A token other than `stale`; where another process was faster, the one that it got."""
    with transaction.atomic():
        _wait_for_locks()
        account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
        outcome = _renew(account, stale=stale, now=now, ahead=ahead)
    if isinstance(outcome, errors.SpotifyError):
        raise outcome
    return outcome


def recheck(account_id: int) -> None:
    """Spotify refused the account's token: whether it is still there is asked soon instead of tomorrow."""
    Account.objects.filter(pk=account_id).update(presence_asked_at=None)


def _renew(
    account: Account, *, stale: str | None, now: dt.datetime, ahead: dt.timedelta
) -> str | errors.SpotifyError:
    """Inside the lock: errors are returned, because raising would undo what is noted about them."""
    if not _usable(account):
        return _reauth_error(account)
    held = encrypted_field.opened(account.access_token)
    if held != stale and _is_fresh(account, now, ahead):
        return held
    if account.token_retry_at is not None and account.token_retry_at > now:
        reason = account.status_reason or "the token is delayed: Spotify's accounts service failed"
        return _still_good(account, held, stale, now) or errors.Blocked(
            account.token_retry_at, reason=reason, bucket="token"
        )
    try:
        grant = oauth.refresh(app(), refresh_token=encrypted_field.opened(account.refresh_token))
    except oauth.GrantRefused as error:
        return _after_refusal(account, error, now)
    except (errors.Unavailable, errors.BadAnswer) as error:
        account.token_retry_at = now + DELAY
        account.save(update_fields=["token_retry_at", "updated_at"])
        return _still_good(account, held, stale, now) or error
    return _keep(account, grant, now)


def _still_good(account: Account, held: str, stale: str | None, now: dt.datetime) -> str | None:
    """The old token, while it lives and no call was refused with it."""
    alive = account.token_expires_at is not None and account.token_expires_at > now
    return held if held and held != stale and alive else None


def _keep(account: Account, grant: oauth.Grant, now: dt.datetime) -> str:
    account.access_token = grant.access_token
    if grant.refresh_token:  # absent means: keep the old one
        account.refresh_token = grant.refresh_token
    account.token_expires_at = now + dt.timedelta(seconds=grant.expires_in)
    was_refused = account.grant_refused_at is not None
    account.grant_refused_at = account.token_retry_at = None
    if was_refused:
        account.status_reason = ""
    account.save()
    if was_refused:
        alarms.clear(alarms.MASS_REFUSAL, now=now)
    return grant.access_token


def _after_refusal(account: Account, error: oauth.GrantRefused, now: dt.datetime) -> errors.SpotifyError:
    """invalid_grant speaks about the account; every other refusal speaks about our own configuration."""
    if error.code != "invalid_grant":
        log.error("Spotify's accounts service refuses to refresh: %s", error)
        account.token_retry_at = now + DELAY
        account.save(update_fields=["token_retry_at", "updated_at"])
        return errors.Unavailable(f"Spotify's accounts service refuses to refresh: {error}", endpoint="token")
    first = account.grant_refused_at = account.grant_refused_at or now
    refused = Account.objects.filter(grant_refused_at__gte=now - grant_expiry.MASS_WINDOW).exclude(
        pk=account.pk
    )
    network = Account.objects.filter(
        Q(status=Account.Status.ACTIVE) | Q(grant_refused_at__isnull=False)
    ).count()
    verdict = grant_expiry.judge(
        first_refused_at=first,
        refused=refused.count() + 1,
        network=network,
        alarm_open=alarms.is_open(alarms.MASS_REFUSAL),
        now=now,
    )
    if verdict is grant_expiry.RefusedGrant.HOLD:
        return _hold(account, now)
    return _lose(account, now)


def _lose(account: Account, now: dt.datetime) -> errors.SpotifyError:
    account.status = Account.Status.NEEDS_REAUTH
    account.status_reason = "Spotify refused the refresh token (revoked or older than six months)."
    account.save()
    log.warning("account %s needs a new login: Spotify refused its refresh token", account.pk)
    return _reauth_error(account)


def _hold(account: Account, now: dt.datetime) -> errors.SpotifyError:
    """So many at once look like a fault at Spotify:
    keep them all, and those already given up in these minutes too.
    """
    until = now + grant_expiry.HOLD_RETRY
    account.status_reason = text = (
        "Spotify refuses many accounts at once: held, tried again every ten minutes."
    )
    account.token_retry_at = until
    account.save()
    Account.objects.filter(
        status=Account.Status.NEEDS_REAUTH, grant_refused_at__gte=now - grant_expiry.MASS_WINDOW
    ).update(status=Account.Status.ACTIVE, status_reason=text, token_retry_at=until)
    alarms.raise_alarm(
        alarms.MASS_REFUSAL,
        text="Spotify refused the refresh tokens of more than a fifth of the accounts within ten minutes. "
        "Nothing was erased or switched off; if they were revoked on purpose, log them in again.",
        now=now,
    )
    return errors.Blocked(until, reason="Spotify refuses many accounts at once", bucket="token")


def _usable(account: Account) -> bool:
    return account.status in (Account.Status.ACTIVE, Account.Status.PAUSED) and bool(account.refresh_token)


def _reauth_error(account: Account) -> errors.NeedsReauth:
    return errors.NeedsReauth(f"account {account.pk} must be logged in again", endpoint="token")


# --- listeners


def listener_access_token(listener_id: int, *, now: dt.datetime, stale: str | None = None) -> str:
    """The same for a listener, whose refused grant just means signing in again."""
    with transaction.atomic():
        _wait_for_locks()
        listener = Listener.objects.select_for_update(no_key=True).get(pk=listener_id)
        outcome = _renew_listener(listener, stale=stale, now=now)
    if isinstance(outcome, errors.SpotifyError):
        raise outcome
    return outcome


def _renew_listener(listener: Listener, *, stale: str | None, now: dt.datetime) -> str | errors.SpotifyError:
    gone = errors.NeedsReauth("sign in with Spotify again", endpoint="token")
    held = encrypted_field.opened(listener.access_token)
    if listener.signed_out_at is not None:
        return gone
    if held and held != stale and _is_fresh(listener, now):
        return held
    if not listener.refresh_token:
        return gone
    try:
        grant = oauth.refresh(app(), refresh_token=encrypted_field.opened(listener.refresh_token))
    except oauth.GrantRefused:
        listener.signed_out_at = now
        listener.save(update_fields=["signed_out_at"])
        return gone
    except (errors.Unavailable, errors.BadAnswer) as error:
        return error
    listener.access_token = grant.access_token
    listener.refresh_token = grant.refresh_token or listener.refresh_token
    listener.token_expires_at = now + dt.timedelta(seconds=grant.expires_in)
    listener.save()
    return grant.access_token


# --- the app itself


def app_access_token(*, now: dt.datetime, stale: str | None = None) -> str:
    """The app's own token; where Spotify refuses that grant, the token of any account that has a good one."""
    AppToken.objects.get_or_create(client_id=settings.SPOTIFY_CLIENT_ID)
    with transaction.atomic():
        _wait_for_locks()
        row = AppToken.objects.select_for_update(no_key=True).get(client_id=settings.SPOTIFY_CLIENT_ID)
        found = _renew_app(row, stale=stale, now=now)
    if isinstance(found, errors.SpotifyError):
        raise found
    return found or _any_account_token(now=now, stale=stale)


def _renew_app(row: AppToken, *, stale: str | None, now: dt.datetime) -> str | errors.SpotifyError | None:
    if row.refused_at is not None and row.refused_at > now - GRANT_REFUSED_REST:
        return None
    held = encrypted_field.opened(row.access_token)
    if held and held != stale and row.expires_at is not None and row.expires_at - now > MARGIN:
        return held
    try:
        grant = oauth.app_token(app())
    except oauth.GrantRefused as error:
        log.warning("Spotify refuses the app its own token (%s): reading with an account's token", error)
        row.refused_at = now
        row.save(update_fields=["refused_at"])
        return None
    except (errors.Unavailable, errors.BadAnswer) as error:
        return error
    row.access_token, row.refused_at = grant.access_token, None
    row.expires_at = now + dt.timedelta(seconds=grant.expires_in)
    row.save()
    return grant.access_token


def _any_account_token(*, now: dt.datetime, stale: str | None) -> str:
    for account_id in Account.objects.usable_for_sync().order_by("id").values_list("pk", flat=True)[:10]:
        try:
            token = fresh_access_token(account_id, now=now)
            return token if token != stale else renewed_access_token(account_id, stale=stale, now=now)
        except (errors.NeedsReauth, errors.Blocked, errors.Unavailable):
            continue
    until = now + grant_expiry.HOLD_RETRY
    raise errors.Blocked(until, reason="no connected account has a good token to read with", bucket="token")


# --- shared


def _is_fresh(row: Account | Listener, now: dt.datetime, ahead: dt.timedelta = MARGIN) -> bool:
    return bool(row.access_token) and row.token_expires_at is not None and row.token_expires_at - now > ahead


def _wait_for_locks() -> None:
    """Wait longer for a row than one refresh by somebody else can take."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '15s'")
