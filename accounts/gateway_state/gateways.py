"""Assembles the gateway from settings, rows and Redis: for the app, for an account, for a listener."""

from __future__ import annotations

import datetime as dt
import functools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
from django.conf import settings
from django.utils import timezone

from accounts import redis_clients
from accounts.gateway_state import breaker_store, call_counts, daily_quota, endpoint_availability, tokens
from accounts.spotify import call
from accounts.spotify.gateway import Gateway
from accounts.spotify.limiter import Limiter, Pace, memory_of


def for_app(*, lane: str = "ingest", for_strangers: bool = False) -> Gateway:
    """Catalogue reads with the app's own token; `for_strangers` counts them against the strangers' share."""
    return _gateway(AppTokens(_now), lane=lane, for_strangers=for_strangers)


def strangers_wait_until(*, now: dt.datetime) -> dt.datetime | None:
    """Until when albums that strangers handed in wait, because their share of the day's calls is spent."""
    counted = daily_quota.CountedBudgets(redis_client(), settings.SPOTIFY_DAILY_CALLS)
    return counted.strangers_wait_until(settings.STRANGERS_SHARE, now=now)


def for_account(account_id: int, *, lane: str = "sync") -> Gateway:
    """Reads and writes as a service account. Use it outside a transaction."""
    return _gateway(
        AccountTokens(account_id, _now), lane=lane, payer=f"account-{account_id}", account_id=account_id
    )


def for_listener(listener_id: int) -> Gateway:
    """Writes to a listener's own library, before all other calls."""
    return _gateway(ListenerTokens(listener_id, _now), lane="listener", payer=f"listener-{listener_id}")


def for_token(access_token: str) -> Gateway:
    """One that was just granted: whose it is, /me will tell."""
    return _gateway(GivenToken(access_token), lane="listener")


def _gateway(
    source: call.Tokens,
    *,
    lane: str,
    payer: str | None = None,
    account_id: int | None = None,
    for_strangers: bool = False,
) -> Gateway:
    return Gateway(
        call.Parts(
            mode=settings.SPOTIFY_APP_MODE,
            market=settings.SPOTIFY_MARKET,
            api_url=settings.SPOTIFY_API_URL,
            lane=lane,
            account=payer,
            tokens=source,
            circuits=breaker_store.StoredCircuits(app_name()),
            budgets=daily_quota.CountedBudgets(redis_client(), settings.SPOTIFY_DAILY_CALLS),
            learned=endpoint_availability.StoredAbilities(app_name()),
            limiter=limiter(),
            counter=call_counts.RedisCounter(redis_client(), account_id, for_strangers=for_strangers),
            clock=_now,
            sleep=time.sleep,
            rng=random.Random(),
        )
    )


def app_name() -> str:
    """What circuits, capabilities and the pace belong to: the Spotify app."""
    return settings.SPOTIFY_CLIENT_ID or "unnamed"


def pace() -> Pace:
    return Pace(
        app_name(),
        max(1, settings.SPOTIFY_CALLS_PER_30S),
        max(1, settings.SPOTIFY_ACCOUNT_CALLS_PER_30S),
        max(0, settings.SPOTIFY_CALLS_ABREAST),
    )


def limiter() -> Limiter:
    return Limiter(redis_client(), pace(), memory=memory_of(f"{app_name()} {settings.SPOTIFY_API_URL}"))


def redis_client() -> redis.Redis:
    return _redis(settings.REDIS_URL)


@functools.lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    """One pool per process. A whole second: a call that Redis does not pace goes at an eighth of the rate."""
    return redis.Redis.from_url(url, **redis_clients.options(url, timeout_seconds=1.0))


def _now() -> dt.datetime:
    return timezone.now()  # noqa: TID251 - the door is an edge: its calls happen now


Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class AccountTokens:
    account_id: int
    clock: Clock

    def current(self) -> str:
        return tokens.fresh_access_token(self.account_id, now=self.clock())

    def renewed(self, stale: str) -> str:
        tokens.recheck(self.account_id)
        return tokens.renewed_access_token(self.account_id, stale=stale, now=self.clock())


@dataclass(frozen=True, slots=True)
class ListenerTokens:
    listener_id: int
    clock: Clock

    def current(self) -> str:
        return tokens.listener_access_token(self.listener_id, now=self.clock())

    def renewed(self, stale: str) -> str:
        return tokens.listener_access_token(self.listener_id, now=self.clock(), stale=stale)


@dataclass(frozen=True, slots=True)
class AppTokens:
    clock: Clock

    def current(self) -> str:
        return tokens.app_access_token(now=self.clock())

    def renewed(self, stale: str) -> str:
        return tokens.app_access_token(now=self.clock(), stale=stale)


class GivenToken:
    """A token that cannot be renewed; never printed."""

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self) -> str:
        return self._token

    def renewed(self, stale: str) -> str:
        return self._token
