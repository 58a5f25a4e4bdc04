"""The cache in Redis, which answers quickly or says at once that it cannot."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache

from accounts import redis_clients


class QuickRedisCache(RedisCache):
    """Raises redis.RedisError within half a second where Redis is frozen, and at once when that is known."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        quick = {**params.get("OPTIONS", {}), **redis_clients.options(server)}
        super().__init__(server, {**params, "OPTIONS": quick})
