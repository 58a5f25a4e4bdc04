"""A listener's login while it is under way: kept in their browser, encrypted, and written nowhere here.

A cookie of its own for each login, named after its state: so it finishes in the browser that began it, and
two tabs do not undo each other. The state is written when it comes back, so that it comes back once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import NamedTuple

from cryptography import fernet
from django.db import IntegrityError, transaction

from accounts import encrypted_field
from accounts.login import onboarding
from accounts.models import Authorization
from accounts.spotify import oauth


class Begun(NamedTuple):
    """`cookie` and `value` are the browser's to keep until the callback."""

    authorize_url: str
    cookie: str
    value: str


class Taken(NamedTuple):
    code_verifier: str
    next_path: str


def begin(app: oauth.App, *, redirect_uri: str, next_path: str, now: dt.datetime) -> Begun:
    state, verifier = oauth.new_state(), oauth.new_verifier()
    url = oauth.authorize_url(
        app, redirect_uri=redirect_uri, state=state, verifier=verifier, scopes=oauth.LISTENER_SCOPES
    )
    kept = {"state": _digest(state), "verifier": verifier, "next": next_path, "at": now.isoformat()}
    return Begun(
        url, cookie_of(state), encrypted_field.key_ring().encrypt(json.dumps(kept).encode()).decode()
    )


def cookie_of(state: str) -> str:
    return f"listener_login_{_digest(state)[:12]}"


def take(value: str, *, state: str, now: dt.datetime) -> Taken:
    """Use the login up; LoginError where this browser did not begin it, or it is used or too old."""
    kept = _opened(value)
    if kept is None or kept["state"] != _digest(state):
        raise onboarding.LoginError(
            "unknown",
            "This login was not begun in this browser, or longer than ten minutes ago. Begin it again.",
        )
    begun_at = dt.datetime.fromisoformat(kept["at"])
    if begun_at <= now - onboarding.LIFETIME:
        raise onboarding.expired()
    try:
        with transaction.atomic():
            Authorization.objects.create(
                purpose=Authorization.Purpose.LISTENER,
                state_digest=kept["state"],
                begun_by="listener",
                next_path=kept["next"],
                created_at=begun_at,
                used_at=now,
            )
    except IntegrityError:
        raise onboarding.replayed() from None
    return Taken(kept["verifier"], kept["next"])


def _opened(value: str) -> dict[str, str] | None:
    """What `begin` put into the cookie; None for anything else."""
    try:
        kept: dict[str, str] = json.loads(encrypted_field.key_ring().decrypt(value.encode()))
    except fernet.InvalidToken:
        return None
    return kept


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "replace")).hexdigest()
