"""What can go wrong at Spotify's door, in our words: each error says whether trying again can help."""

from __future__ import annotations

import datetime as dt


class SpotifyError(Exception):
    """Base of the door's errors. `permanent`: the same call will never work.
    None carries a token or a header.
    """

    permanent = False

    def __init__(self, message: str, *, endpoint: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.endpoint = endpoint
        self.status = status


class NotFound(SpotifyError):
    """Spotify does not know this id (any more)."""

    permanent = True


class BadRequest(SpotifyError):
    """Spotify refuses the request as it stands: a bad id, name or body."""

    permanent = True


class Forbidden(SpotifyError):
    """Spotify will not let this caller do this. `reason`: scope | allow_list | premium | full |
    removed | owner | unknown.
    """

    permanent = True

    def __init__(
        self, message: str, *, reason: str = "unknown", endpoint: str = "", status: int | None = 403
    ) -> None:
        super().__init__(message, endpoint=endpoint, status=status)
        self.reason = reason


class NeedsReauth(SpotifyError):
    """The consent is gone: a person must log this account in again."""

    permanent = True


class CapabilityMissing(SpotifyError):
    """This app may not use this endpoint. Not the row's fault:
    rows refused since `since` belong back in the queue.
    """

    permanent = True

    def __init__(
        self, message: str, *, capability: str, since: dt.datetime | None = None, endpoint: str = ""
    ) -> None:
        super().__init__(message, endpoint=endpoint)
        self.capability = capability
        self.since = since


class Blocked(SpotifyError):
    """Nothing was sent or done: come back at `until`, and do not count an attempt.

    `reason` is for people; `bucket` names what is blocked (app, catalogue, playlist_read, playlist_write,
    profile, pace, token).
    """

    def __init__(self, until: dt.datetime, *, reason: str, bucket: str, endpoint: str = "") -> None:
        super().__init__(f"{reason} (until {until:%Y-%m-%d %H:%M:%S} UTC)", endpoint=endpoint)
        self.until = until
        self.reason = reason
        self.bucket = bucket


class Unavailable(SpotifyError):
    """Spotify did not answer properly, also not after the retries; nothing was changed by a read."""


class BadAnswer(SpotifyError):
    """A body that makes no sense: not JSON, cut short, or not the shape that was asked for."""


class Ambiguous(SpotifyError):
    """A write may or may not have happened: look before repeating it."""
