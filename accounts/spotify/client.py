"""spotipy's endpoints on our own plain session: one request, no retry, no redirect, no sleep, no log."""

from __future__ import annotations

import json
import logging
import os
import threading
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import spotipy
from urllib3 import exceptions as urllib3_errors

from accounts.spotify import deadline, responses, retry

# (connect, the longest silence) in seconds
READ_TIMEOUT = (3.05, 10.0)
WRITE_TIMEOUT = (3.05, 20.0)
# What one request may take altogether. A write ends well before the 60 s after which a create in doubt is
# looked for and repeated.
READ_SECONDS = 20.0
WRITE_SECONDS = 30.0
USER_AGENT = "Vibe/1 (+playlist network)"

# spotipy prints bearer tokens at DEBUG and every HTTP error at ERROR; both are ours to say.
logging.getLogger("spotipy").setLevel(logging.CRITICAL + 1)
logging.getLogger("spotipy").propagate = False

_local = threading.local()


class WireError(Exception):
    """No usable HTTP answer came. `unsent`: the request surely did not reach Spotify."""

    def __init__(self, message: str, *, unsent: bool) -> None:
        super().__init__(message)
        self.unsent = unsent

    def failed(self) -> responses.Failed:
        kind = retry.Failure.UNSENT if self.unsent else retry.Failure.BROKEN
        return responses.Failed(kind, str(self))


def session() -> requests.Session:
    """This thread's session, made after the fork:
    requests promises no thread safety, sockets no fork safety.
    """
    if getattr(_local, "pid", None) != os.getpid():
        _local.session, _local.pid = plain_session(), os.getpid()
    found: requests.Session = _local.session
    return found


def plain_session() -> requests.Session:
    return deadline.plain_session(USER_AGENT)


def send(
    method: str, url: str, *, timeout: tuple[float, float], seconds: float = READ_SECONDS, **request: Any
) -> responses.Answer:
    """One request that ends within `seconds`; raises WireError where no whole answer came."""
    try:
        whole = deadline.request(session(), method, url, seconds=seconds, timeout=timeout, **request)
    except requests.RequestException as error:
        raise WireError(f"no answer: {type(error).__name__}", unsent=_surely_unsent(error)) from None
    # Always UTF-8: Spotify's JSON is, and requests guesses Latin-1 for text without a charset.
    return responses.Answer(whole.status, whole.headers, whole.body.decode("utf-8", "replace"))


def _surely_unsent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(reason, urllib3_errors.NewConnectionError | urllib3_errors.ConnectTimeoutError)


def same_but_for_a_slash(url: str, answer: responses.Answer) -> str | None:
    """Where a redirect only adds or drops the trailing slash that spotipy sends;
    the one kind that is followed.
    """
    if answer.status not in (301, 302, 307, 308):
        return None
    old, new = urlsplit(url), urlsplit(urljoin(url, answer.headers.get("Location", "")))
    same_place = (old.scheme, old.netloc, old.path.rstrip("/")) == (
        new.scheme,
        new.netloc,
        new.path.rstrip("/"),
    )
    return new.geturl() if same_place and old.path != new.path else None


class Client(spotipy.Spotify):  # type: ignore[misc]
    """spotipy's knowledge of paths; every call returns the whole Answer, whatever its status."""

    def __init__(self, token: str, *, api_url: str, seconds_left: float = WRITE_SECONDS) -> None:
        super().__init__(auth=token, requests_session=session())
        self.prefix = api_url.rstrip("/") + "/"
        self._seconds_left = seconds_left

    def __del__(self) -> None:
        """spotipy closes the session it was given; ours is shared and stays open."""

    def __repr__(self) -> str:
        return "Client()"

    def _internal_call(self, method: str, url: str, payload: Any, params: dict[str, Any]) -> responses.Answer:
        """One request through `send`. `url` is a path: the bearer token goes to the configured host alone."""
        if "://" in url:
            raise ValueError("the door calls paths of the configured API only")
        headers = {**self._auth_headers(), "Accept": "application/json"}
        data = None
        if payload is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(payload).encode()
        limits = self._limits(method)
        answer = send(method, self.prefix + url, headers=headers, params=params, data=data, **limits)
        if method == "GET" and (moved := same_but_for_a_slash(self.prefix + url, answer)):
            answer = send(method, moved, headers=headers, **limits)
        return answer

    def _limits(self, method: str) -> dict[str, Any]:
        timeout, seconds = (READ_TIMEOUT, READ_SECONDS) if method == "GET" else (WRITE_TIMEOUT, WRITE_SECONDS)
        return {"timeout": timeout, "seconds": min(seconds, self._seconds_left)}

    def _get_id(self, kind: str, value: str) -> str:
        """Ids are checked by the gateway; spotipy would also take links, and its patterns take odd ones."""
        return value

    def _get_uri(self, kind: str, value: str) -> str:
        return f"spotify:{kind}:{value}"

    def features(self, ids: list[str]) -> responses.Answer:
        """spotipy's own audio_features unpacks the body and warns at every call."""
        answer: responses.Answer = self._get("audio-features", ids=",".join(ids))
        return answer

    def unfollow(self, playlist_id: str) -> responses.Answer:
        """The way that both modes know; spotipy only has /followers, which development mode lost."""
        answer: responses.Answer = self._delete("me/library", uris=f"spotify:playlist:{playlist_id}")
        return answer
