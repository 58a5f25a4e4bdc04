"""What one copy on one account needs next, and what an error means for it (pure)."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import random
from dataclasses import dataclass

from accounts.spotify import errors

# A create whose answer was lost may still take effect this long after it was begun.
SETTLE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 6
# After the last attempt, or an error that only a person can end: look again a few times a day.
LATER = dt.timedelta(hours=6)
BACKOFF_TOP = dt.timedelta(minutes=15)


class NextStep(enum.Enum):
    ARCHIVE = "archive"
    WAIT_FOR_SUCCESSOR = "wait for successor"
    NOTHING = "nothing"
    PROVISION = "provision"
    WRITE = "write"


@dataclass(frozen=True)
class Wanted:
    """What the copy should look like."""

    name: str
    description: str
    items_hash: str

    @property
    def details_hash(self) -> str:
        return hashlib.sha256(f"{self.name}\n{self.description}".encode()).hexdigest()


@dataclass(frozen=True)
class CopyState:
    """What is known of the copy."""

    has_copy: bool
    in_doubt: bool  # a create was begun and its id never saved
    is_wanted: bool  # False: moved away, or its playlist is retired
    is_paused: bool  # its playlist is
    successors_up: bool
    items_hash: str
    details_hash: str
    has_leftovers: bool = False  # playlists that it replaced are still on the account


def next_step(facts: CopyState, wanted: Wanted | None) -> NextStep:
    if not facts.is_wanted:
        return NextStep.ARCHIVE if facts.successors_up else NextStep.WAIT_FOR_SUCCESSOR
    if facts.is_paused or wanted is None:
        return NextStep.NOTHING
    if not facts.has_copy:
        return NextStep.PROVISION
    same = facts.items_hash == wanted.items_hash and facts.details_hash == wanted.details_hash
    return NextStep.NOTHING if same and not facts.has_leftovers else NextStep.WRITE


@dataclass(frozen=True)
class ErrorDecision:
    """What an error means: the status it leaves, words for people, and when to try again."""

    kind: str
    message: str
    is_final: bool  # status error; otherwise it waits
    not_before: dt.datetime
    counts: bool = True  # whether it uses up an attempt


def judge(
    error: errors.SpotifyError, *, attempts: int, now: dt.datetime, rng: random.Random
) -> ErrorDecision:
    """`attempts` are those before this one."""
    if isinstance(error, errors.Blocked):
        return ErrorDecision(
            "blocked", f"Waiting for Spotify: {error.reason}.", False, error.until, counts=False
        )
    if isinstance(error, errors.NeedsReauth):
        words = "The account needs a new login: connect it again in the console. Then this goes on by itself."
        return ErrorDecision("reauth", words, False, now + BACKOFF_TOP, counts=False)
    if isinstance(error, errors.Forbidden) and error.reason == "full":
        return ErrorDecision("full", FULL, True, now + LATER)
    if isinstance(error, errors.Forbidden):
        return ErrorDecision(
            "forbidden", FORBIDDEN.get(error.reason, FORBIDDEN["unknown"]), True, now + LATER
        )
    if error.permanent:
        return ErrorDecision("refused", f"Spotify refuses this: {error}", True, now + LATER)
    is_final = attempts + 1 >= MAX_ATTEMPTS
    wait = LATER if is_final else backoff(attempts + 1, rng)
    kind = "ambiguous" if isinstance(error, errors.Ambiguous) else "unavailable"
    return ErrorDecision(kind, f"Spotify did not answer properly: {error}", is_final, now + wait)


FULL = (
    "The account is full: Spotify takes no more playlists. Its cap is now what it holds, and the next plan "
    "moves this one to another account."
)
FORBIDDEN = {
    "scope": "The account has not granted what is needed: connect it again and accept every permission.",
    "allow_list": "The account is not on the app's allow-list: add it in Spotify's developer dashboard.",
    "removed": "Spotify has removed this endpoint for the app: check SPOTIFY_APP_MODE.",
    "owner": "The playlist belongs to another account: detach this copy, so that a new one is made.",
    "unknown": "Spotify forbids this for the account, without saying why: try connecting it again.",
}


def backoff(attempt: int, rng: random.Random) -> dt.timedelta:
    """Exponential with full jitter, from two seconds to a quarter of an hour."""
    top = min(BACKOFF_TOP.total_seconds(), 2.0**attempt)
    return dt.timedelta(seconds=max(1.0, rng.uniform(0, top)))


def may_create(intent_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a second create is safe after an earlier one was begun and not found."""
    return intent_at is None or now - intent_at >= SETTLE
