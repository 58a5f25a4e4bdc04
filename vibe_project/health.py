"""What machines ask: /healthz (is this process up), /readyz (can it work), /metrics (how much is waiting)."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from catalog.models import AlbumSource
from playlists.models import PlaylistCopy
from vibe_project.postgresql import driver

TIMEOUT_SECONDS = 2
DEADLINE_SECONDS = 2.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, else 503 that names what does not; in three seconds, whatever
    hangs."""
    answers = answers_of({"postgresql": ask_database, "redis": ask_redis})
    ready = all(answers.values())
    state = {name: "ok" if well else "down" for name, well in answers.items()}
    return JsonResponse({"status": "ok" if ready else "down", **state}, status=200 if ready else 503)


def answers_of(questions: dict[str, Callable[[], None]]) -> dict[str, bool]:
    """Whether each was answered by the deadline: all are asked at once, each in a thread that may hang."""
    answered: set[str] = set()

    def ask(name: str) -> None:
        with contextlib.suppress(psycopg.Error, redis.RedisError):
            questions[name]()
            answered.add(name)

    threads = [threading.Thread(target=ask, args=[name], daemon=True) for name in questions]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return {name: name in answered for name in questions}


def ask_database() -> None:
    """On a connection of its own: the request's may be as it was before the server went away."""
    address = {**connection.get_connection_params(), "connect_timeout": TIMEOUT_SECONDS, "patience": 1.0}
    with contextlib.closing(driver.connect(**address)) as asking:
        asking.execute("SELECT 1")


def ask_redis() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
    ) as client:
        client.ping()


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Rows waiting in the queues, read from the database so that every process tells the same."""
    collected = CollectorRegistry()
    queues = {"vibe_album_sources": AlbumSource.objects, "vibe_playlist_copies": PlaylistCopy.objects}
    for name, rows in queues.items():
        gauge = Gauge(name, f"Rows of {rows.model._meta.db_table} by status", ["status"], registry=collected)
        for status, count in rows.values_list("status").annotate(Count("id")):
            gauge.labels(status).set(count)
    return HttpResponse(generate_latest(collected), content_type=CONTENT_TYPE_LATEST)
