"""The accounts app's Celery tasks, under the names operators know."""

from __future__ import annotations

import logging
from typing import Any

import redis
from celery import shared_task
from django.utils import timezone

from accounts.gateway_state import call_counts, gateways
from accounts.login import account_check, clearing, token_refresh

log = logging.getLogger(__name__)


@shared_task(name="refresh_tokens")
def refresh_tokens(**kwargs: Any) -> None:
    """Renew tokens that expire within 40 minutes, ask after accounts, fold the call counts. Safe twice."""
    now = timezone.now()
    outcome = token_refresh.run(now=now)
    log.info(
        "tokens: %s renewed, %s need a login, %s delayed",
        outcome.renewed,
        outcome.needs_reauth,
        outcome.delayed,
    )
    found = account_check.run(now=now)
    log.info(
        "accounts: %s there, %s refused by Spotify, %s closed", found.present, found.refused, found.closed
    )
    try:
        call_counts.fold(gateways.redis_client(), now=now)
    except redis.RedisError as error:
        log.warning("call counts stay in Redis: %s", type(error).__name__)


@shared_task(name="clear_old_logins")
def clear_old_logins(**kwargs: Any) -> None:
    """Delete what logins left behind and is no longer needed."""
    gone = clearing.run(now=timezone.now())
    log.info("cleared: %s", ", ".join(f"{count} {kind}" for kind, count in gone.items()))
