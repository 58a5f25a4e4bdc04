"""Ring the worker plane by task name once the rows are committed; the sweep makes good a lost ring."""

from __future__ import annotations

from celery import current_app
from django.db import transaction


def ring_ingest() -> None:
    _ring("ingest_albums_from_sources")


def ring_features() -> None:
    _ring("fetch_audio_features")


def ring_genres() -> None:
    _ring("fetch_artist_genres")


def _ring(task: str) -> None:
    def ring() -> None:
        # No result and no retry: without them a dead Redis is noticed at once and not after twenty seconds.
        current_app.send_task(task, ignore_result=True, retry=False)

    # Robust: with Redis down the rows are still committed, and the sweep rings for them later.
    transaction.on_commit(ring, robust=True)
