"""Logging an account in: the authorisation code flow with secret and PKCE, and a state that works once.

The only writer of an account's tokens besides tokens.py, which refreshes them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import encrypted_field
from accounts.gateway_state import alarms, gateways, grant_expiry, tokens
from accounts.models import Account, Authorization
from accounts.spotify import errors, oauth, payloads

log = logging.getLogger(__name__)

LIFETIME = dt.timedelta(minutes=10)
CALLBACK_PATH = "/api/v1/admin/callback"
# Who may begin without a session: the login is then bound by its state alone, which only they know.
API_KEY, COMMAND = "api-key", "command"


class LoginError(Exception):
    """Why a login was not finished. `code` for machines, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def unknown() -> LoginError:
    return LoginError("unknown", "This login was never begun here. Begin it again.")


def replayed() -> LoginError:
    return LoginError("replayed", "This login was already used. Begin it again.")


def expired() -> LoginError:
    return LoginError("expired", "This login took longer than ten minutes. Begin it again.")


def console(nonce: str) -> str:
    """The name of the console session that holds this nonce; `begin` and `finish` must name the same one."""
    return f"console:{nonce}"


def begin(*, label: str, begun_by: str, now: dt.datetime, account: Account | None = None) -> tuple[str, str]:
    """(authorize_url, state). With `account` the login may renew that account only."""
    started = start(
        purpose=Authorization.Purpose.ACCOUNT,
        scopes=oauth.ACCOUNT_SCOPES,
        redirect_uri=redirect_uri(),
        now=now,
        label=label[:100],
        begun_by=begun_by,
        account=account,
    )
    return started.authorize_url, started.state


def finish(*, code: str, state: str, begun_by: str, now: dt.datetime, error: str = "") -> Account:
    """Exchange the code, ask /me whose it is, and store the tokens there.
    Raises LoginError, or SpotifyError from outside.
    """
    begun = take(Authorization.Purpose.ACCOUNT, state=state, begun_by=begun_by, now=now, error=error)
    grant = exchange(begun.code_verifier, code, redirect_uri())
    profile = gateways.for_token(grant.access_token).me()
    with transaction.atomic():
        account = _account_of(profile, begun)
        _store(account, grant, profile, now)
    account.refresh_from_db()  # the caller's object holds sealed tokens, too
    log.info("account %s is connected", account.pk)
    return account


def redirect_uri() -> str:
    return f"{settings.PUBLIC_BASE_URL}{CALLBACK_PATH}"


def missing_scopes(account: Account) -> list[str]:
    """Wanted scopes that were not granted."""
    return sorted(set(oauth.ACCOUNT_SCOPES) - set(account.scopes.split()))


# --- the steps that accounts and listeners share


@dataclass(frozen=True, slots=True)
class Started:
    authorize_url: str
    state: str


def start(
    *, purpose: str, scopes: tuple[str, ...], redirect_uri: str, now: dt.datetime, **row: object
) -> Started:
    state, verifier = oauth.new_state(), oauth.new_verifier()
    Authorization.objects.create(
        purpose=purpose, state_digest=_digest(state), code_verifier=verifier, created_at=now, **row
    )
    url = oauth.authorize_url(
        tokens.app(), redirect_uri=redirect_uri, state=state, verifier=verifier, scopes=scopes
    )
    return Started(url, state)


def take(purpose: str, *, state: str, begun_by: str, now: dt.datetime, error: str) -> Authorization:
    """Use the state up; LoginError where it is unknown, foreign, used, too old, or the person said no."""
    begun = Authorization.objects.filter(purpose=purpose, state_digest=_digest(state)).first()
    if begun is None:
        raise unknown()
    if begun.begun_by not in (API_KEY, COMMAND) and begun.begun_by != begun_by:
        raise LoginError(
            "foreign", "This login was begun in another browser session. Begin it again in this one."
        )
    if begun.used_at is not None:
        raise replayed()
    if begun.created_at <= now - LIFETIME:
        raise expired()
    if not Authorization.objects.filter(pk=begun.pk, used_at=None).update(used_at=now):
        raise replayed()
    if error:
        raise denied(error)
    return begun


def exchange(code_verifier: str | encrypted_field.Sealed, code: str, redirect_uri: str) -> oauth.Grant:
    if not code:
        raise LoginError("no_code", "Spotify sent no code back. Begin the login again.")
    try:
        return oauth.exchange(
            tokens.app(), code=code, redirect_uri=redirect_uri, verifier=encrypted_field.opened(code_verifier)
        )
    except oauth.GrantRefused as error:
        log.warning("Spotify refuses a login's code: %s", error)
        raise LoginError("refused", f"Spotify refuses this login ({error.code}). Begin it again.") from None


def denied(error: str) -> LoginError:
    if error == "access_denied":
        return LoginError("denied", "The login was declined at Spotify. Nothing was changed.")
    return LoginError("denied", "Spotify ended the login with an error. Nothing was changed.")


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()


# --- whose account it is


def _account_of(profile: payloads.Profile, begun: Authorization) -> Account:
    """The account's row, locked; a new one for somebody new. LoginError where somebody else logged in."""
    account = _find(profile)
    if begun.account_id is not None and (account is None or account.pk != begun.account_id):
        raise LoginError(
            "other_account",
            f"You are logged in at Spotify as {profile.display_name}, which is not the account to renew. "
            "Log out there, then begin again.",
        )
    return account or _create(profile, begun)


def _find(profile: payloads.Profile) -> Account | None:
    rows = Account.objects.select_for_update(no_key=True)
    if profile.account_id:
        found = rows.filter(spotify_account_id=profile.account_id).first()
        if found is not None:
            return found
    found = rows.filter(spotify_user_id=profile.user_id).first()
    if (
        found is not None
        and profile.account_id
        and found.spotify_account_id not in (None, profile.account_id)
    ):
        raise LoginError(
            "other_account", "Spotify gave this user name to another account. Remove the old one first."
        )
    return found


def _create(profile: payloads.Profile, begun: Authorization) -> Account:
    try:
        with transaction.atomic():
            return Account.objects.create(
                spotify_user_id=profile.user_id, spotify_account_id=profile.account_id, label=begun.label
            )
    except IntegrityError:  # the same person finished two logins at once
        found = _find(profile)
        if found is None:
            raise
        return found


def _store(account: Account, grant: oauth.Grant, profile: payloads.Profile, now: dt.datetime) -> None:
    if not grant.refresh_token and not account.refresh_token:
        raise errors.BadAnswer("Spotify sent no refresh token", endpoint="token")
    account.access_token = grant.access_token
    if grant.refresh_token:
        account.refresh_token = grant.refresh_token
    account.token_expires_at = now + dt.timedelta(seconds=grant.expires_in)
    account.authorized_at, account.reauth_due_at = now, grant_expiry.due(now)
    account.scopes = " ".join(sorted(grant.scopes or oauth.ACCOUNT_SCOPES))
    account.spotify_user_id = profile.user_id
    account.spotify_account_id = profile.account_id or account.spotify_account_id
    account.display_name = profile.display_name[:200]
    account.grant_refused_at = account.token_retry_at = account.absent_since = None
    account.presence_asked_at = now  # /me has just answered
    alarms.clear(alarms.ACCOUNT_GONE, subject=str(account.pk), now=now)
    if account.status != Account.Status.PAUSED:
        account.status = Account.Status.ACTIVE
        account.status_reason = ""
    account.save()


def sweep(*, now: dt.datetime) -> int:
    """Forget logins begun more than a day ago."""
    deleted, _ = Authorization.objects.filter(created_at__lt=now - dt.timedelta(days=1)).delete()
    return deleted
