"""Enqueue a task once the rows are committed. Rows are the queue: the sweep makes good a lost message."""

from __future__ import annotations

from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts import redis_clients


def after_commit(task: str, *, wait: float = 0.0, **kwargs: Any) -> None:
    """Enqueue the named task after the commit, to start after `wait` seconds (few: long waits live in
    `not_before`). The queue is the one that CELERY_TASK_ROUTES names."""

    # A function with a name: Django logs it by name where it fails.
    def enqueue() -> None:
        _send(task, kwargs, wait)

    # Robust: whatever goes wrong, the rows are committed and what else waits for the commit is done.
    transaction.on_commit(enqueue, robust=True)


def _send(task: str, kwargs: dict[str, Any], wait: float) -> None:
    known = redis_clients.outage(settings.CELERY_BROKER_URL)
    if known.is_on():
        return
    try:
        # No result and no retry: with them a dead Redis is noticed after twenty seconds.
        current_app.send_task(task, kwargs=kwargs, countdown=wait or None, ignore_result=True, retry=False)
    except OperationalError as error:
        known.began(error, waited=isinstance(error.__cause__, redis.TimeoutError))
    else:
        known.ended()
