"""What machines ask: /healthz (is this process up), /readyz (can it work), /metrics (how much is waiting)."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from catalog.models import AlbumSource
from playlists.models import PlaylistCopy

TIMEOUT_SECONDS = 2


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, else 503 that names what does not."""
    answers = {
        "postgresql": answers_well(ask_database),
        "redis": answers_well(ask_redis),
    }
    ready = all(answers.values())
    state = {name: "ok" if well else "down" for name, well in answers.items()}
    return JsonResponse({"status": "ok" if ready else "down", **state}, status=200 if ready else 503)


def answers_well(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except (DatabaseError, redis.RedisError):
        return False
    return True


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


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
