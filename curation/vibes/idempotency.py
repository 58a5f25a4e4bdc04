"""Idempotency-Key: the same key and body within a day get the first answer again; another body is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from django.core.cache import cache

KEPT_S = 24 * 3600
PENDING_S = 60
MAX_KEY = 255


class InFlight(RuntimeError):
    """The first request with this key has not been answered yet."""


class Reused(ValueError):
    """The key was used with another body."""


@dataclass(slots=True)
class Turn:
    """One request's turn with a key: `answer` is the first one's where there was one."""

    answer: str | None = None
    result: str | None = None


@contextmanager
def turn(key: str | None, body: bytes) -> Iterator[Turn]:
    """Set `result` inside to have it kept as this key's answer; without a key or Redis nothing is."""
    if not key:
        yield Turn()
        return
    name, digest = f"idempotency:{hashlib.sha256(key.encode()).hexdigest()}", hashlib.sha256(body).hexdigest()
    answer = _claimed(name, digest)
    mine = Turn(answer=answer)
    try:
        yield mine
    finally:
        if answer is None:
            _settle(name, f"{digest}:{mine.result}" if mine.result else None)


def _claimed(name: str, digest: str) -> str | None:
    try:
        if cache.add(name, f"{digest}:", PENDING_S):
            return None
        kept = str(cache.get(name) or f"{digest}:")
    except redis.RedisError:
        return None
    known, _, answer = kept.partition(":")
    if known != digest:
        raise Reused("this Idempotency-Key was used with another body")
    if not answer:
        raise InFlight("the first request with this Idempotency-Key is still being answered")
    return answer


def _settle(name: str, value: str | None) -> None:
    try:
        if value:
            cache.set(name, value, KEPT_S)
        else:
            cache.delete(name)
    except redis.RedisError:
        return
