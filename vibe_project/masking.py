"""What is secret, and how it is taken out of what is about to be logged: text, or the fields of an event."""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from django.conf import settings

STARS = "***"
# Shorter values are words of the language: masking "vibe" wherever it stands would hide what logs are for.
SHORTEST_SECRET = 8
DEEPEST = 6

_SURE = (
    r"access_?token|refresh_?token|id_?token|client_?secret|secret_?key|code_?verifier|token_?keys?"
    r"|api[_-]?keys?|passwords?|passwd|secret|session_?id|csrf_?token|csrfmiddlewaretoken"
)
# A code is a secret where Spotify sends it back, and a useful word in "code: invalid_grant".
_PERHAPS = r"code|state|key|token|nonce"
_TOKENISH = r"(?=[\w\-.~%+/]*[A-Z0-9])[\w\-.~%+/=]{16,}"
_VALUE = r"[^\s\"'&,;{}()\[\]]+"

# Whatever its name: 40 characters and more of base64 in both cases with digits. No digest, no UUID, no path.
_LONG = re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{40,}")
_PATTERNS = [
    # The way back from Spotify carries code and state: none of its query, also quoted in a URL.
    (re.compile(r"((?:/|%2F)callback(?:\?|%3F))[^\s\"'<>]*", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(r"(\b(?:Set-)?Cookie[\"']?\s*[=:]\s*[\"']?)[^\"'\r\n]+", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(rf"(\bBearer\s+)(?!(?:token|realm)\b){_VALUE}", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(r"(\b(?i:Basic)\s+)(?=[a-z+/_-]*[A-Z0-9=])[\w+/=-]{6,}"), rf"\1{STARS}"),
    (re.compile(r"(?<![\w+.-])([\w+.-]{1,20}://[^\s:/@\"']*:)[^\s/@\"']+(?=@)"), rf"\1{STARS}"),
    (re.compile(rf"((?:{_SURE})[\"']?\s*=\s*b?[\"']?){_VALUE}", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(rf"((?:{_SURE})[\"']?\s*:\s*b?[\"']){_VALUE}", re.IGNORECASE), rf"\1{STARS}"),
    # In prose "password: wrong" says something; a header's value is no word.
    (re.compile(rf"(?i:((?:{_SURE})\s*:\s*))(?![a-z]{{1,9}}(?:[\s,.;)]|$)){_VALUE}"), rf"\1{STARS}"),
    (re.compile(rf"([?&](?:{_PERHAPS})=){_VALUE}", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(rf"((?<![\w=])(?:{_PERHAPS})=){_VALUE}(?=&)", re.IGNORECASE), rf"\1{STARS}"),
    (re.compile(rf"(?i:(\b(?:{_PERHAPS})[\"']?\s*[=:]\s*b?[\"']?)){_TOKENISH}"), rf"\1{STARS}"),
    (re.compile(r"\bgAAAA[\w=-]{20,}|\bAIza[\w-]{20,}"), STARS),
]  # fmt: skip
# A text without any of these is none of the above, and looking for a word is a hundred times quicker.
_HINTS = (
    "token", "secret", "passw", "key", "code", "state", "nonce", "session", "csrf", "callback", "cookie",
    "bearer", "basic", "://", "gaaaa", "aiza",
)  # fmt: skip
_SECRET_FIELD = re.compile(rf"(?:.*[_-])?(?:{_SURE}|token|authorization|(?:set[_-])?cookies?)", re.IGNORECASE)
_PERHAPS_FIELD = re.compile(_PERHAPS, re.IGNORECASE)


def mask(text: str) -> str:
    """The text with every secret in it replaced by ***."""
    if (known := _known(configured())) is not None:
        text = known.sub(STARS, text)
    lowered = text.lower()
    if any(hint in lowered for hint in _HINTS):
        for pattern, stars in _PATTERNS:
            text = pattern.sub(stars, text)
    return _LONG.sub(STARS, text) if len(text) >= 40 else text


def mask_fields(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with every secret in its names and values replaced; what is no plain value becomes text."""
    return {mask(str(name)): _masked(value, str(name), DEEPEST) for name, value in event.items()}


def _masked(value: Any, name: str, depth: int) -> Any:
    if value not in (None, "") and _SECRET_FIELD.fullmatch(name):
        return STARS
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        hidden = _PERHAPS_FIELD.fullmatch(name) and re.fullmatch(_TOKENISH, value)
        return STARS if hidden else mask(value)
    if isinstance(value, Mapping) and depth:
        return {mask(str(key)): _masked(item, str(key), depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth:
        return [_masked(item, name, depth - 1) for item in value]
    return mask(str(value))


# --- the secrets that this installation was given


_KEYS = (
    "SECRET_KEY", "ADMIN_API_KEY", "SPOTIFY_CLIENT_SECRET", "GEMINI_API_KEY", "EMAIL_HOST_PASSWORD",
    "ALERT_WEBHOOK_URL",
)  # fmt: skip


def configured() -> tuple[str, ...]:
    """Every secret of the settings, also as it travels to Spotify's accounts service."""
    if not settings.configured:
        return ()
    found = [part for name in _KEYS for part in str(getattr(settings, name, "")).split(",")]
    found += [*settings.SPOTIFY_TOKEN_KEYS, *map(str, settings.SECRET_KEY_FALLBACKS)]
    found += [str(database.get("PASSWORD") or "") for database in settings.DATABASES.values()]
    found += _passwords_of(settings.REDIS_URL)
    client = f"{settings.SPOTIFY_CLIENT_ID}:{settings.SPOTIFY_CLIENT_SECRET}".encode()
    found += [base64.b64encode(client).decode(), base64.urlsafe_b64encode(client).decode()]
    # Padding is escaped in a URL and dropped elsewhere: what stands before it is the secret.
    return tuple(value.strip().rstrip("=") for value in found)


def _passwords_of(url: str) -> Iterator[str]:
    if password := urlsplit(url).password:
        yield from (password, unquote(password))


@functools.lru_cache(maxsize=4)
def _known(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these values as they are, escaped for a URL, and as Python and JSON quote them."""
    spelt = {
        spelling
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
        for spelling in (
            secret, quote(secret, safe=""), quote(secret), quote_plus(secret),
            repr(secret)[1:-1], json.dumps(secret)[1:-1],
        )
    }  # fmt: skip
    longest_first = sorted(spelt, key=lambda spelling: (-len(spelling), spelling))
    return re.compile("|".join(map(re.escape, longest_first))) if spelt else None
