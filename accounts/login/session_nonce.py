"""What is known of a browser: the session that a login was begun in, and whose page a request comes from."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from rest_framework import exceptions
from rest_framework.request import Request

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


def refuse_other_sites(request: Request) -> None:
    """Browsers say where a request comes from: other sites are refused; without a word it is no page's."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {
        settings.PUBLIC_BASE_URL,
        f"{request.scheme}://{request.get_host()}",
    }:
        raise exceptions.PermissionDenied("This can only be asked from this site's own pages.")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        raise exceptions.PermissionDenied("This can only be asked from this site's own pages.")
