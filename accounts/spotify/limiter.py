"""Pacing shared by all processes through Redis: the app's rolling window, a bucket per account, in lanes.

Spotify counts the calls of an app in any thirty seconds, whichever account makes them. The window here is
a little longer, because Spotify counts on arrival and calls travel unevenly; grants are also spaced, so
that a forgotten window (Redis restarted) can hurt by one burst at most, and not even that: each process
remembers its own last grants and tells a new Redis about them. With Redis down every process paces itself
at an eighth of the rate.

How many calls are on their way at once is bounded too. Each holds a lease, given back when its answer is
there; a process that dies in the middle leaves one behind, which the others of its host take away as soon
as it is in their way, and which runs out by itself.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

log = logging.getLogger(__name__)

WINDOW_SECONDS = 30.0
MARGIN_SECONDS = 0.75
LANES = ("listener", "sync", "ingest")
LOCAL_SHARE = 8
# How long Redis is left alone after it refused a connection (asking costs nothing) or let us wait (it does).
REFUSED_REST_SECONDS = 0.5
TIMEOUT_REST_SECONDS = 5.0
# Longer than any one request may take.
LEASE_SECONDS = 40.0
HOST = socket.gethostname()
SCRIPT = Path(__file__).with_suffix(".lua").read_text()
HOLD = """
local time = redis.call('TIME')
local till = time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[1])
if till > tonumber(redis.call('HGET', KEYS[1], 'hold') or 0) then redis.call('HSET', KEYS[1], 'hold', till)
end
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """The configured speed of one app: calls in any thirty seconds, how many of them one account may make,
    and how many may be on their way at once (0: any number).
    """

    app: str
    calls_per_30s: int
    account_calls_per_30s: int
    abreast: int = 0

    @property
    def burst(self) -> int:
        return max(2, self.calls_per_30s // 6)

    @property
    def account_burst(self) -> int:
        return max(2, self.account_calls_per_30s // 3)

    @property
    def window_seconds(self) -> float:
        return WINDOW_SECONDS + MARGIN_SECONDS


@dataclass(frozen=True, slots=True)
class Turn:
    """`wait_seconds` 0.0: go now, and give the `lease` back. Else when to ask again, and why not now."""

    wait_seconds: float
    why: str = ""
    lease: str = ""


@dataclass(slots=True)
class Memory:
    """What this process knows by itself about one app:
    its own grants, Redis' epoch, and its pace while Redis is down.
    """

    grants: deque[float] = field(default_factory=lambda: deque(maxlen=2000))
    epoch: str = ""
    held_until: float = 0.0
    redis_rests_until: float = 0.0
    redis_is_down: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


_memories: dict[tuple[str, int], Memory] = {}


def memory_of(app: str) -> Memory:
    """This process's memory of one app at one address of Spotify's."""
    # A forked child is another process: it granted nothing, and must not inherit a lock that somebody holds.
    return _memories.setdefault((app, os.getpid()), Memory())


class Limiter:
    """`ask` for a turn, sleep what it says, ask again; `done` after the call; `hold` when Spotify wants a
    pause of everybody.
    """

    def __init__(
        self,
        client: redis.Redis,
        pace: Pace,
        *,
        memory: Memory,
        clock: Callable[[], float] = time.monotonic,
        script: str = SCRIPT,
    ) -> None:
        self._client = client
        self._pace = pace
        self._memory = memory
        self._clock = clock
        self._ask = client.register_script(script)
        self._hold = client.register_script(HOLD)

    def ask(self, *, lane: str, account: str | None) -> Turn:
        """One turn for a call of `account` (None: the app's own token), or how long until asking is worth
        it.
        """
        with self._memory.lock:
            turn = self._ask_redis(lane, account)
            if turn is None:
                turn = self._ask_myself()
            if not turn.wait_seconds:
                self._memory.grants.append(self._clock())
            return turn

    def done(self, lease: str) -> None:
        """The call that held this lease is over, however it ended."""
        if lease:
            self._give_back([lease])

    def hold(self, seconds: float) -> None:
        """No call of this app by anybody for this long: Spotify said so."""
        self._memory.held_until = max(self._memory.held_until, self._clock() + seconds)
        try:
            self._hold(keys=[self._key("state")], args=[int(seconds * 1000)])
        except redis.RedisError as error:
            self._rest(error)

    def _ask_redis(self, lane: str, account: str | None) -> Turn | None:
        """The shared decision; None while Redis is not there."""
        if self._clock() < self._memory.redis_rests_until:
            return None
        lease = f"{HOST}:{os.getpid()}:{secrets.token_hex(8)}"
        try:
            granted, wait, epoch, why = self._ask(
                keys=self._keys(account), args=self._arguments(lane, account, lease)
            )
            if _text(why) == "tell":
                arguments = self._arguments(lane, account, lease, told=True)
                granted, wait, epoch, why = self._ask(keys=self._keys(account), args=arguments)
        except redis.RedisError as error:
            self._rest(error)
            return None
        self._memory.epoch, self._memory.redis_is_down = _text(epoch), False
        if granted:
            return Turn(0.0, lease=lease if self._pace.abreast else "")
        if _text(why) == "abreast":
            self._drop_lease()
        return Turn(wait / 1000, _text(why))

    def _drop_lease(self) -> None:
        """Give back what processes of this host held that are no more."""
        try:
            found: Any = self._client.zrange(self._key("abreast"), 0, -1)
        except redis.RedisError as error:
            self._rest(error)
            return
        dead = [lease for lease in map(_text, found) if _is_orphan(lease)]
        if dead:
            self._give_back(dead)

    def _give_back(self, leases: list[str]) -> None:
        try:
            self._client.zrem(self._key("abreast"), *leases)
        except redis.RedisError as error:
            self._rest(error)

    def _ask_myself(self) -> Turn:
        """A cautious share of the rate, as if seven others did the same."""
        now = self._clock()
        step = self._pace.window_seconds / self._pace.calls_per_30s * LOCAL_SHARE
        last = self._memory.grants[-1] if self._memory.grants else now - step
        if self._memory.held_until > now:
            return Turn(self._memory.held_until - now, "hold")
        if last + step <= now:
            return Turn(0.0)
        # Not longer than Redis is left alone: it may be back before this process's own turn comes.
        return Turn(min(last + step - now, REFUSED_REST_SECONDS), "redis is down")

    def _rest(self, error: redis.RedisError) -> None:
        """Stop asking Redis for a moment; one warning per outage."""
        if not self._memory.redis_is_down:
            log.warning("pacing without Redis at an eighth of the rate: %s", type(error).__name__)
        self._memory.redis_is_down = True
        refused = isinstance(error, redis.ConnectionError)
        rest = REFUSED_REST_SECONDS if refused else TIMEOUT_REST_SECONDS
        self._memory.redis_rests_until = self._clock() + rest

    def _keys(self, account: str | None) -> list[str]:
        names = ("grants", "state", f"account:{account or '-'}", "abreast")
        return [self._key(name) for name in names]

    def _key(self, name: str) -> str:
        # One hash tag, so that a cluster keeps the four keys of an app together.
        return f"vibe:pace:{{{self._pace.app}}}:{name}"

    def _arguments(
        self, lane: str, account: str | None, lease: str, *, told: bool = False
    ) -> list[str | int | float]:
        """ARGV of the script; `told`: with this process's own grants, for a Redis that asks for them."""
        pace = self._pace
        own = pace.account_calls_per_30s if account else 0
        arguments: list[str | int | float] = [
            pace.calls_per_30s, int(pace.window_seconds * 1000), pace.burst, LANES.index(lane), own,
            pace.account_burst, lease, self._memory.epoch, pace.abreast, int(LEASE_SECONDS * 1000),
            "1" if told else "0",
        ]  # fmt: skip
        return [*arguments, *self._recent_ages()] if told else arguments

    def _recent_ages(self) -> list[int]:
        """How long ago, in ms, this process was granted calls that still count in the window."""
        now, grants = self._clock(), self._memory.grants
        while grants and now - grants[0] > self._pace.window_seconds:
            grants.popleft()
        return [int((now - moment) * 1000) for moment in grants]


def _is_orphan(lease: str) -> bool:
    """Whether a lease of this host belongs to no living process; other hosts' cannot be judged here."""
    host, _, rest = lease.rpartition(":")[0].rpartition(":")
    if host != HOST:
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
