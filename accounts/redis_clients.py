"""How Redis is asked: in half a second or not at all, and not for a moment after it let somebody wait."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.outages import Outage

TIMEOUT_SECONDS = 0.5
REST_SECONDS = 5.0
Answer = TypeVar("Answer")


@functools.cache
def outage(url: str) -> Outage:
    """What this process knows about the Redis at that address, whoever found it out."""
    return Outage("Redis", rest_seconds=REST_SECONDS)


def options(url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> dict[str, Any]:
    """For `from_url`, in place of the library's ten seconds and three tries."""
    return {
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": OneTry(outage(url)),
        "health_check_interval": 0,
    }


class OneTry(Retry):
    """A dead connection is replaced once; a Redis that is away is not asked."""

    def __init__(self, known: Outage) -> None:
        # Not after a timeout: who waited once would wait twice.
        super().__init__(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        self._known = known

    def __deepcopy__(self, memo: dict[int, Any]) -> OneTry:
        return OneTry(self._known)  # each connection takes a copy; what is known belongs to all

    def call_with_retry(self, do: Callable[[], Answer], *args: Any, **kwargs: Any) -> Answer:
        if self._known.is_on():
            raise redis.ConnectionError("Redis did not answer a moment ago and is left alone.")
        try:
            answer = super().call_with_retry(do, *args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError) as error:
            self._known.began(error, waited=isinstance(error, redis.TimeoutError))
            raise
        self._known.ended()
        return answer
