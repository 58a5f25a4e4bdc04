"""Decide what becomes of an album source after an error: when it is tried again, or why it failed. Pure."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from accounts.spotify import errors

MAX_ATTEMPTS = 6
LONGEST_WAIT = dt.timedelta(minutes=15)
# How long to leave it when the door itself is shut to us; the door says so again if nobody opened it.
DOOR_SHUT = dt.timedelta(minutes=10)

UNKNOWN = "Spotify does not know this album (any more); check the link."
REFUSED = "Spotify refuses this album's id; check the link."
WORKER_LOST = (
    "worker lost: the process died on this album in every attempt; look at the worker's log, then retry."
)
UNSTORABLE = (
    "Spotify's answer for this album does not fit the catalogue; look at the worker's log, then retry."
)


@dataclass(frozen=True, slots=True)
class SourceDecision:
    """`not_before` None means failed for good. `counts`: whether the attempt counts against the album.

    `stops`: nothing else would fare better now, so the run ends here.
    """

    reason: str
    not_before: dt.datetime | None = None
    counts: bool = True
    stops: bool = False


def after(
    error: errors.SpotifyError, *, attempts: int, now: dt.datetime, rng: random.Random
) -> SourceDecision:
    """The fate of an album whose `attempts`th attempt (1-based) ended in `error`."""
    if isinstance(error, errors.Blocked):
        return SourceDecision(f"Waiting: {error.reason}", error.until, counts=False, stops=True)
    if isinstance(error, errors.NeedsReauth | errors.CapabilityMissing) or _is_about_us(error):
        return SourceDecision(
            f"Waiting: Spotify does not let us in ({error.message}).",
            now + DOOR_SHUT,
            counts=False,
            stops=True,
        )
    if isinstance(error, errors.NotFound):
        return SourceDecision(UNKNOWN)
    if isinstance(error, errors.BadRequest):
        return SourceDecision(REFUSED)
    what = _what_happened(error)
    if attempts >= MAX_ATTEMPTS:
        return SourceDecision(f"{what} in {MAX_ATTEMPTS} attempts; retry it later.")
    return SourceDecision(f"{what}; it is tried again.", now + backoff(attempts, rng))


def is_crowded(error: errors.SpotifyError) -> bool:
    """Whether only the line at the door was too long just now."""
    return isinstance(error, errors.Blocked) and error.bucket == "pace"


def blocked(reason: str) -> SourceDecision:
    return SourceDecision(f"Blocked: {reason}")


def backoff(attempts: int, rng: random.Random) -> dt.timedelta:
    """Exponential with full jitter: up to 4 s after the first attempt, up to 15 minutes after many."""
    longest = min(LONGEST_WAIT.total_seconds(), 2.0 * 2.0**attempts)
    return dt.timedelta(seconds=rng.uniform(1.0, longest))


def _is_about_us(error: errors.SpotifyError) -> bool:
    """Whether a refusal concerns this app or its owner, and not the album."""
    return isinstance(error, errors.Forbidden) and error.reason in {"scope", "allow_list", "owner"}


def _what_happened(error: errors.SpotifyError) -> str:
    if isinstance(error, errors.Forbidden):
        return "Spotify refuses to show this album"
    if isinstance(error, errors.BadAnswer):
        return "Spotify's answer for this album made no sense"
    return "Spotify did not answer properly"
