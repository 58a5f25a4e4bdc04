"""The accounts service over HTTP: the login address, the code exchange, refresh, and the app's own token."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from accounts.spotify import client, errors, responses

# Publish and look after playlists, and remove retired ones from the library.
ACCOUNT_SCOPES = (
    "playlist-modify-public",
    "playlist-modify-private",
    "playlist-read-private",
    "user-library-modify",
    "user-follow-modify",
)
# A listener's vibe is written, nothing of theirs is read.
LISTENER_SCOPES = ("playlist-modify-public", "playlist-modify-private")
TIMEOUT = (3.05, 10.0)  # connect, the longest silence
# What one exchange may take altogether: less than others wait for the row it holds (tokens.py).
SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class App:
    """The Spotify app: its id and secret, and where the accounts service lives."""

    client_id: str
    secret: str = field(repr=False)
    accounts_url: str = "https://accounts.spotify.com"


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens just granted. `refresh_token` is None where the service sent none: keep the old one."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: float
    scopes: tuple[str, ...] = ()


class GrantRefused(Exception):
    """The accounts service said no: `code` is its word for it, such as invalid_grant or invalid_client."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.code = code


def new_state() -> str:
    """256 random bits, url-safe."""
    return secrets.token_urlsafe(32)


def new_verifier() -> str:
    """A PKCE code verifier of 64 characters."""
    return secrets.token_urlsafe(48)


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorize_url(app: App, *, redirect_uri: str, state: str, verifier: str, scopes: Iterable[str]) -> str:
    """Where a person logs in. The dialog is always shown:
    else the browser's last login would slip in unseen.
    """
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": " ".join(scopes),
        "show_dialog": "true",
        "code_challenge_method": "S256",
        "code_challenge": challenge(verifier),
    }
    return f"{app.accounts_url}/authorize?{urlencode(query)}"


def exchange(app: App, *, code: str, redirect_uri: str, verifier: str) -> Grant:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": app.client_id,
        "code_verifier": verifier,
    }
    return _token(app, form)


def refresh(app: App, *, refresh_token: str) -> Grant:
    return _token(app, {"grant_type": "refresh_token", "refresh_token": refresh_token})


def app_token(app: App) -> Grant:
    """The app's own token, for catalogue reads without a user."""
    return _token(app, {"grant_type": "client_credentials"})


def _token(app: App, form: dict[str, str]) -> Grant:
    """One POST; GrantRefused for a 4xx that says why, Unavailable for everything that may pass."""
    basic = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
    try:
        answer = client.send(
            "POST",
            f"{app.accounts_url}/api/token",
            timeout=TIMEOUT,
            seconds=SECONDS,
            data=form,
            headers=headers,
        )
    except client.WireError as error:
        raise errors.Unavailable(f"Spotify's accounts service: {error}", endpoint="token") from None
    if 400 <= answer.status < 500 and answer.status not in (408, 429):
        message, code = responses.error_message(answer)
        raise GrantRefused(code or f"http_{answer.status}", "" if message == code else message)
    if answer.status != 200:
        raise errors.Unavailable(
            f"Spotify's accounts service answers {answer.status}", endpoint="token", status=answer.status
        )
    return _grant(responses.body(answer))


def _grant(body: Any) -> Grant:
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        raise errors.BadAnswer("Spotify's accounts service sent no access token", endpoint="token")
    renewed, lifetime, scope = body.get("refresh_token"), body.get("expires_in"), body.get("scope")
    return Grant(
        access_token=token,
        refresh_token=renewed if isinstance(renewed, str) and renewed else None,
        expires_in=lifetime if isinstance(lifetime, int | float) and 0 < lifetime <= 86_400 else 3600,
        scopes=tuple(scope.split()) if isinstance(scope, str) else (),
    )
