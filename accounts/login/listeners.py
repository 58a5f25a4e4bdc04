"""A listener signs in with Spotify to save a vibe: own state, PKCE, least scopes, no token in the session."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.gateway_state import gateways, tokens
from accounts.login import listener_login, onboarding
from accounts.models import Listener
from accounts.spotify import oauth, payloads

CALLBACK_PATH = "/api/v1/playlist/callback"
# The session member that says who is signed in.
SESSION_KEY = "listener_id"


class SignedIn(NamedTuple):
    listener: Listener
    next_path: str


def local_path(wanted: str) -> str:
    """The path to return to, or '/' for anything that could lead off this site."""
    safe = (
        wanted.startswith("/")
        and len(wanted) <= 200
        and wanted.isprintable()
        and "\\" not in wanted
        and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    )
    return wanted if safe else "/"


def redirect_uri() -> str:
    return f"{settings.PUBLIC_BASE_URL}{CALLBACK_PATH}"


def begin(*, next_path: str, now: dt.datetime) -> listener_login.Begun:
    """Where the listener logs in, and the cookie that their browser keeps meanwhile. Writes nothing."""
    return listener_login.begin(
        tokens.app(), redirect_uri=redirect_uri(), next_path=local_path(next_path), now=now
    )


def finish(*, code: str, state: str, kept: str, now: dt.datetime, error: str = "") -> SignedIn:
    """The listener and where to go on, given what the browser `kept` of this login.
    Raises onboarding.LoginError, or SpotifyError from outside.
    """
    begun = listener_login.take(kept, state=state, now=now)
    if error:
        raise onboarding.denied(error)
    grant = onboarding.exchange(begun.code_verifier, code, redirect_uri())
    profile = gateways.for_token(grant.access_token).me()
    return SignedIn(_stored(profile, grant, now), local_path(begun.next_path))


def sign_out(session: SessionBase, *, now: dt.datetime) -> None:
    """Forget the listener's tokens, in every browser of theirs, and this session unless staff uses it too."""
    if (listener := signed_in(session.get(SESSION_KEY))) is not None:
        gone = {"access_token": "", "refresh_token": "", "token_expires_at": None, "signed_out_at": now}
        Listener.objects.filter(pk=listener.pk).update(**gone)
    if auth.SESSION_KEY in session:
        session.pop(SESSION_KEY, None)
    else:
        session.flush()


def signed_in(listener_id: object) -> Listener | None:
    """The listener of a session value, None where no listener is signed in."""
    if not isinstance(listener_id, int):
        return None
    return Listener.objects.filter(pk=listener_id, signed_out_at=None).first()


def _stored(profile: payloads.Profile, grant: oauth.Grant, now: dt.datetime) -> Listener:
    values = {
        "spotify_account_id": profile.account_id,
        "display_name": profile.display_name[:200],
        "access_token": grant.access_token,
        "token_expires_at": now + dt.timedelta(seconds=grant.expires_in),
        "scopes": " ".join(sorted(grant.scopes or oauth.LISTENER_SCOPES)),
        "signed_out_at": None,
        "last_login_at": now,
    }
    if grant.refresh_token:
        values["refresh_token"] = grant.refresh_token
    try:
        with transaction.atomic():
            listener, _ = Listener.objects.update_or_create(spotify_user_id=profile.user_id, defaults=values)
    except IntegrityError:  # the account is known under an older user name
        Listener.objects.filter(spotify_account_id=profile.account_id).update(spotify_account_id=None)
        listener, _ = Listener.objects.update_or_create(spotify_user_id=profile.user_id, defaults=values)
    return listener
