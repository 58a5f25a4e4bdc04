"""Which browser session a login was begun in: a random name kept in the session, and nothing else."""

from __future__ import annotations

import secrets

from django.contrib.sessions.backends.base import SessionBase

KEY = "login_nonce"


def nonce(session: SessionBase) -> str:
    """This session's name, made at the first login begun in it."""
    if not session.get(KEY):
        session[KEY] = secrets.token_urlsafe(24)
    found: str = session[KEY]
    return found


def known(session: SessionBase) -> str:
    """This session's name; a fresh one, which nothing was begun under, where it has none."""
    return session.get(KEY) or f"none-{secrets.token_urlsafe(24)}"
