"""System checks that refuse a configuration which would fail at four in the morning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cryptography import fernet
from django.conf import settings
from django.core import checks

MODES = ("extended", "development")
BUCKETS = ("catalogue", "playlist_read", "playlist_write")
SOURCES = ("reccobeats", "spotify", "none")
GENRE_SOURCES = ("wikidata", "listenbrainz", "spotify", "none")
CONTACT = re.compile(r"\A(?:[!-'*-~]+@[!-'*-~]+|https?://[!-'*-~]+)\Z")  # no blanks and no brackets: a header
SHORTEST_KEY, FEW_CHARACTERS = 32, 10
SAMPLE_SECRETS = ("change-me", "changeme", "secret")


@checks.register
def schedule_lives_in_the_database(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    if getattr(settings, "CELERY_BEAT_SCHEDULE", None):
        yield checks.Error(
            "CELERY_BEAT_SCHEDULE is set: it would revert operators' edits at every start of beat.",
            hint="Remove it; rows are seeded once by manage.py seed_schedule and edited in the console.",
            id="vibe.E001",
        )


@checks.register
def all_clocks_are_utc(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    for name in ("TIME_ZONE", "CELERY_TIMEZONE"):
        if getattr(settings, name) != "UTC":
            yield checks.Error(
                f"{name} must be UTC.",
                hint="Beat mixes zones up; show local time in the browser.",
                id="vibe.E002",
            )


@checks.register
def token_keys_are_usable(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    if not settings.SPOTIFY_TOKEN_KEYS:
        yield checks.Error(
            "SPOTIFY_TOKEN_KEY is empty.",
            hint="Set a Fernet key; bin/run makes one where none is set.",
            id="vibe.E003",
        )
    for position, key in enumerate(settings.SPOTIFY_TOKEN_KEYS, start=1):
        if not is_fernet_key(key) or key == settings.SECRET_KEY:
            yield checks.Error(
                f"Key {position} of SPOTIFY_TOKEN_KEY is not a Fernet key of its own.",
                hint="32 random bytes, url-safe base64, and not the SECRET_KEY.",
                id="vibe.E004",
            )


def is_fernet_key(key: str) -> bool:
    try:
        fernet.Fernet(key)
    except ValueError:
        return False
    return True


@checks.register
def choices_are_known(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    if settings.SPOTIFY_APP_MODE not in MODES:
        yield checks.Error(f"SPOTIFY_APP_MODE must be one of {', '.join(MODES)}.", id="vibe.E005")
    if settings.AUDIO_FEATURES_SOURCE not in SOURCES:
        yield checks.Error(
            f"AUDIO_FEATURES_SOURCE must be one of {', '.join(SOURCES)}.",
            id="vibe.E006",
        )
    if unknown := sorted(set(settings.GENRE_SOURCES) - set(GENRE_SOURCES)):
        yield checks.Error(
            f"GENRE_SOURCES names {', '.join(unknown)}.",
            hint=f"A list of {', '.join(GENRE_SOURCES)}, in the order in which they are asked.",
            id="vibe.E010",
        )
    if settings.OPERATOR_CONTACT and not CONTACT.match(settings.OPERATOR_CONTACT):
        yield checks.Error(
            "OPERATOR_CONTACT is no mail address and no web page.",
            hint="It stands in the User-Agent: ops@example.org or https://example.org/contact.",
            id="vibe.E011",
        )
    if unknown := sorted(set(settings.SPOTIFY_DAILY_CALLS) - set(BUCKETS)):
        yield checks.Error(
            f"SPOTIFY_DAILY_CALLS names {', '.join(unknown)}.",
            hint=f"A budget is for one of {', '.join(BUCKETS)}.",
            id="vibe.E009",
        )
    if not 1 <= settings.TRACKS_PER_PLAYLIST <= 100:
        yield checks.Error(
            "TRACKS_PER_PLAYLIST must be 1 to 100: Spotify replaces at most 100 items in one call.",
            id="vibe.E007",
        )
    if not 0 <= settings.STRANGERS_SHARE <= 1:
        yield checks.Error("STRANGERS_SHARE is a share: 0 to 1, such as 0.1.", id="vibe.E012")
    if settings.MIN_REPEAT_GAP_DAYS < 1:
        yield checks.Error("MIN_REPEAT_GAP_DAYS must be at least 1.", id="vibe.E008")


@checks.register(checks.Tags.security, deploy=True)
def keys_are_set(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    for name in ("ADMIN_API_KEY", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"):
        value = getattr(settings, name)
        if not value or value in SAMPLE_SECRETS:
            yield checks.Warning(f"{name} is not set.", hint="See .env.example.", id="vibe.W001")


@checks.register(checks.Tags.security, deploy=True)
def keys_are_hard_to_guess(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    keys = {"SECRET_KEY": [settings.SECRET_KEY], "ADMIN_API_KEY": settings.ADMIN_API_KEY.split(",")}
    for name, values in keys.items():
        if any(is_guessable(value.strip()) for value in values if value.strip()):
            yield checks.Warning(
                f"A key in {name} can be guessed: under {SHORTEST_KEY} characters, or few different ones.",
                hint='Make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
                id="vibe.W004",
            )


def is_guessable(key: str) -> bool:
    return len(key) < SHORTEST_KEY or len(set(key)) <= FEW_CHARACTERS or key.startswith("django-insecure")


@checks.register(checks.Tags.security)
def https_comes_through_a_proxy(**kwargs: Any) -> Iterable[checks.CheckMessage]:
    """Our own servers speak http alone: only a proxy can say that a request came by https."""
    if settings.PUBLIC_BASE_URL.startswith("https://") and settings.NUM_PROXIES < 1:
        yield checks.Warning(
            "PUBLIC_BASE_URL is https://, but NUM_PROXIES is 0: http is not redirected to https, and all "
            "visitors count as one, the proxy.",
            hint="Set NUM_PROXIES to the number of proxies in front; they set X-Forwarded-Proto and -For.",
            id="vibe.W003",
        )


@checks.register(checks.Tags.database)
def redis_never_evicts(
    databases: Iterable[str] | None = None, **kwargs: Any
) -> Iterable[checks.CheckMessage]:
    """An evicting Redis drops whole queues; asked only where databases are checked too (migrate)."""
    if not databases:
        return
    import redis

    try:
        policy = redis.Redis.from_url(settings.REDIS_URL).config_get("maxmemory-policy")
    except redis.RedisError:
        return  # managed Redis refuses CONFIG, and a Redis that is down is /readyz's to report
    if policy.get("maxmemory-policy", "noeviction") != "noeviction":
        yield checks.Warning(
            "Redis may evict queued messages.",
            hint="Set maxmemory-policy noeviction.",
            id="vibe.W002",
        )
