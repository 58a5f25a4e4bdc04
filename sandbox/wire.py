"""Requests and responses as the sandbox's handlers see them, and Spotify's error bodies."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from sandbox.accounts import AccessToken

Json = dict[str, Any]


@dataclass(slots=True)
class Request:
    """`path` has no query and no trailing slash (spotipy sends `me/` and `albums/?ids=`)."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    token: AccessToken | None = None

    def one(self, name: str, default: str = "") -> str:
        values = self.query.get(name)
        return values[0] if values else default

    def listed(self, name: str) -> list[str]:
        """Values of a parameter that may be repeated or comma-separated."""
        return [part for value in self.query.get(name, []) for part in value.split(",") if part]

    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode("utf-8", "replace")).items()}

    def json(self) -> Any:
        """The body as JSON; {} where it is empty. Refusal, as Spotify does, for a body it cannot read."""
        if not self.body.strip():
            return {}
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refusal(spotify_error(400, "Error parsing JSON.")) from None

    @property
    def user(self) -> str:
        return self.token.user_id or "" if self.token else ""


@dataclass(slots=True)
class Response:
    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Ends a handler with this response."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def read(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """A request from its request line; header names are lower-cased by the caller."""
    parts = urlsplit(target)
    path = unquote_plus(parts.path.replace("+", "%2B")).rstrip("/") or "/"
    return Request(method, path, parse_qs(parts.query, keep_blank_values=True), headers, body)


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, encoded, headers={key.replace("_", "-"): value for key, value in headers.items()})


def text(body: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Response:
    return Response(status, body.encode(), content_type)


def empty(status: int = 200) -> Response:
    """Spotify answers some writes with no body at all."""
    return Response(status, b"", "")


def spotify_error(status: int, message: str, *, reason: str = "", **headers: str) -> Response:
    """The Web API's error body; `reason` only where Spotify sends one."""
    error: Json = {"status": status, "message": message} | ({"reason": reason} if reason else {})
    return answer({"error": error}, status, **headers)


def unauthorized(code: str, description: str, message: str) -> Response:
    """401: the body hardly says why, the WWW-Authenticate header does."""
    challenge = f'Bearer realm="spotify", error="{code}", error_description="{description}"'
    return spotify_error(401, message, WWW_Authenticate=challenge)


def refuse(status: int, message: str, *, reason: str = "", **headers: str) -> Refusal:
    return Refusal(spotify_error(status, message, reason=reason, **headers))
