"""Ways to call a sandbox as an app would: sign a user in, get tokens, speak as the app itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

CLIENT, SECRET = "a-test-app", "its-secret"
REDIRECT = "http://127.0.0.1:8000/api/v1/admin/callback"
WRITE = "playlist-modify-public playlist-modify-private playlist-read-private"
WRITE_AND_REMOVE = f"{WRITE} user-library-modify user-follow-modify"


def authorize(sandbox: Any, **extra: str) -> dict[str, str]:
    """What comes back to the redirect URI: {"code", "state"} or {"error", "state"}."""
    wanted = {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": WRITE,
        "state": "s1",
    } | extra
    response = requests.get(
        f"{sandbox.accounts_url}/authorize", params=wanted, allow_redirects=False, timeout=5
    )
    assert response.status_code == 302, response.text
    return {
        name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


def token(sandbox: Any, *, auth: tuple[str, str] | None = (CLIENT, SECRET), **form: str) -> requests.Response:
    return requests.post(f"{sandbox.accounts_url}/api/token", data=form, auth=auth, timeout=5)


def exchange(sandbox: Any, code: str, **extra: str) -> requests.Response:
    return token(sandbox, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, **extra)


def tokens(sandbox: Any, **extra: str) -> dict[str, Any]:
    """A freshly signed-in user's answer from the token endpoint."""
    return exchange(sandbox, authorize(sandbox, **extra)["code"]).json()


class Caller(requests.Session):
    """A session with a bearer token; paths are below /v1."""

    def __init__(self, sandbox: Any, access_token: str) -> None:
        super().__init__()
        self.trust_env = False
        self.base = sandbox.api_url
        self.headers["Authorization"] = f"Bearer {access_token}"

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", 5)
        return super().request(method, url if "://" in url else self.base + url, *args, **kwargs)


def user(sandbox: Any, scope: str = WRITE, **extra: str) -> Caller:
    return Caller(sandbox, tokens(sandbox, scope=scope, **extra)["access_token"])


def app(sandbox: Any) -> Caller:
    return Caller(sandbox, token(sandbox, grant_type="client_credentials").json()["access_token"])


def uris(track_ids: list[str]) -> list[str]:
    return [f"spotify:track:{track_id}" for track_id in track_ids]


def some_tracks(sandbox: Any, count: int) -> list[str]:
    """Ids of ordinary tracks, from the front of the catalogue."""
    catalogue, found = sandbox.world.catalogue, []
    for number in range(catalogue.size):
        if number not in catalogue.odd:
            found += [track.spotify_id for track in catalogue.tracks(catalogue.album(number))]
        if len(found) >= count:
            return found[:count]
    raise AssertionError(f"fewer than {count} ordinary tracks")
