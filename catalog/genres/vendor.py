"""One request to an open data source: its own pace, our User-Agent, a deadline, a size, and a few tries."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from accounts.spotify import deadline
from catalog.genres.provider import GenresError

CONNECT_SECONDS = 3.05
MOST_BYTES = 8_000_000
TRIES = 4
LONGEST_WAIT_SECONDS = 20.0  # what is waited for in place; longer pauses end the call
REST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Pause:
    """A vendor's answer that means: the same again after so many seconds."""

    seconds: float
    why: str


Judge = Callable[[deadline.Whole], Pause | None]


@dataclass(slots=True)
class Vendor:
    """How one vendor is spoken to. `gap_seconds`: the least between the end of a call and the next one.

    A fresh vendor waits for its gap, too: the process before this one may have just asked.
    """

    name: str
    user_agent: str
    gap_seconds: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _last_call_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._last_call_at = self.clock()

    def ends_at(self, seconds: float) -> float:
        """The moment at which everything that belongs to one lookup is over."""
        return self.clock() + seconds

    def ask(
        self, method: str, url: str, *, judge: Judge, seconds: float, ends_at: float, **options: Any
    ) -> deadline.Whole:
        """The first answer that `judge` lets pass, or GenresError. `seconds` bounds one try, `ends_at` all.

        `judge` says Pause for an answer that wants the same question again later, and raises GenresError for
        one that ends the matter.
        """
        why = "no time left"
        for attempt in range(TRIES):
            left = self._turn(ends_at)
            if left <= 0:
                break
            try:
                answer = self._send(method, url, seconds=min(seconds, left), **options)
            except requests.RequestException as error:
                pause = Pause(0.0, type(error).__name__)
            else:
                verdict = judge(answer)
                if verdict is None:
                    return answer
                pause = verdict
            why = pause.why
            if attempt + 1 < TRIES:
                self._rest(pause, attempt, ends_at)
        raise GenresError(f"{self.name} does not answer ({why}).", seconds=REST_SECONDS)

    def _turn(self, ends_at: float) -> float:
        """Waits for this call's turn; how many seconds are then left."""
        wait = self._last_call_at + self.gap_seconds - self.clock()
        if wait > 0:
            self.sleep(wait)
        return ends_at - self.clock()

    def _send(self, method: str, url: str, *, seconds: float, **options: Any) -> deadline.Whole:
        try:
            return deadline.request(
                _session(self.user_agent),
                method,
                url,
                seconds=seconds,
                timeout=(CONNECT_SECONDS, seconds),
                most_bytes=MOST_BYTES,
                **options,
            )
        finally:
            self._last_call_at = self.clock()

    def _rest(self, pause: Pause, attempt: int, ends_at: float) -> None:
        """Makes the pause in place; GenresError where it is too long for that."""
        seconds = max(pause.seconds, 2.0**attempt)
        if seconds > LONGEST_WAIT_SECONDS or self.clock() + seconds >= ends_at:
            raise GenresError(f"{self.name}: {pause.why}.", seconds=max(pause.seconds, REST_SECONDS))
        self.sleep(seconds)


def retry_after(answer: deadline.Whole, *, default: float) -> float:
    """The seconds of Retry-After, a day at most; the header may be missing, a date or nonsense."""
    try:
        seconds = float(answer.headers.get("Retry-After") or default)
    except ValueError:
        return default
    return min(max(seconds, 0.0), 86_400.0) if seconds == seconds else default


def text_of(answer: deadline.Whole, *, most: int = 20_000) -> str:
    """The beginning of the body as text, for looking at what an error says."""
    return answer.body[:most].decode("utf-8", "replace")


def json_of(answer: deadline.Whole) -> Any:
    """The body as JSON. Raises ValueError, also for a nesting that no honest body has."""
    try:
        return json.loads(answer.body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


@functools.lru_cache(maxsize=8)
def _session(user_agent: str) -> requests.Session:
    return deadline.plain_session(user_agent)
