"""What an HTTP answer of the Web API means: a body, a failure worth retrying, or a typed error. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.spotify import errors, retry

QUOTA = "QUOTA_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (case-insensitive) and text of one HTTP answer, as the wire gave it."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that may be worth repeating. `retry_after` in seconds, None where Spotify did not say."""

    kind: retry.Failure
    message: str
    status: int | None = None
    retry_after: float | None = None
    quota: bool = False
    bad_answer: bool = False


def body(answer: Answer) -> Any:
    """The JSON of a good answer; raises BadAnswer for anything else, HTML and empty bodies included."""
    if not answer.text.strip():
        raise errors.BadAnswer("an empty body", status=answer.status)
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError):
        raise errors.BadAnswer(f"not JSON: {_excerpt(answer.text)}", status=answer.status) from None


def judge(answer: Answer, *, endpoint: str, now: dt.datetime) -> Failed | None:
    """None for 2xx and 401, a Failed for what may pass, a raised SpotifyError for what will not."""
    if 200 <= answer.status < 300 or answer.status == 401:
        return None
    message, reason = error_message(answer)
    if answer.status == 429:
        wait = retry.retry_after_seconds(answer.headers.get("Retry-After"), now=now)
        return Failed(retry.Failure.THROTTLED, message, 429, wait, quota=reason == QUOTA)
    if answer.status >= 500 or answer.status == 408:
        return Failed(retry.Failure.BROKEN, message, answer.status)
    raise refusal(answer.status, message, endpoint=endpoint)


def refusal(status: int, message: str, *, endpoint: str) -> errors.SpotifyError:
    """The typed error of an answer that repeating will not change."""
    if status in (404, 410):
        return errors.NotFound(message, endpoint=endpoint, status=status)
    if status in (400, 403) and is_full(message):
        return errors.Forbidden(message, reason="full", endpoint=endpoint, status=status)
    if status == 403:
        return errors.Forbidden(message, reason=forbidden_reason(message, endpoint), endpoint=endpoint)
    if 300 <= status < 400:
        return errors.BadAnswer(
            "Spotify redirects, which the door does not follow", endpoint=endpoint, status=status
        )
    return errors.BadRequest(message, endpoint=endpoint, status=status)


def is_full(message: str) -> bool:
    """Whether Spotify says that the user can have no more playlists; it is not documented with which
    status."""
    text = message.lower()
    return "playlist" in text and ("maximum" in text or "limit" in text or "too many" in text)


def forbidden_reason(message: str, endpoint: str) -> str:
    """Why a 403: scope | allow_list | premium | owner | removed | unknown. Spotify says it in prose only."""
    text = message.lower()
    if "scope" in text:
        return "scope"
    if "not registered" in text or "dashboard" in text:
        return "allow_list"
    if "premium" in text:
        return "premium"
    if "owner" in text or "own" in text.split() or "collaborat" in text:
        return "owner"
    if text.strip(" .") == "forbidden":
        return "owner" if endpoint in ("change_details", "replace_items", "playlist_items") else "removed"
    return "unknown"


def error_message(answer: Answer) -> tuple[str, str]:
    """(message, reason) from an error body, which may be JSON of either service, plain text or nothing."""
    try:
        parsed = json.loads(answer.text)
    except (ValueError, RecursionError):
        return _excerpt(answer.text) or f"HTTP {answer.status}", ""
    error = parsed.get("error") if isinstance(parsed, dict) else None
    if isinstance(error, dict):
        return _excerpt(str(error.get("message") or f"HTTP {answer.status}")), str(error.get("reason") or "")
    if isinstance(error, str):
        return _excerpt(str(parsed.get("error_description") or error)), error
    return f"HTTP {answer.status}", ""


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:160]
