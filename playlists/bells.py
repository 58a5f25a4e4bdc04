"""Ring the worker plane once the rows are committed; a lost ring is made good by the next sweep."""

from __future__ import annotations

from typing import Any

from celery import current_app
from django.db import transaction

QUEUES = {
    "ingest_albums_from_sources": "ingest",
    "fetch_audio_features": "ingest",
    "fetch_artist_genres": "ingest",
    "ensure_playlist_for_account": "sync",
    "sync_playlists_daily": "sync",
}


def ring(task: str, *, wait: float = 0.0, **kwargs: Any) -> None:
    """Send the named task after the commit, to start after `wait` seconds (few: long waits live in
    `not_before`).

    Robust: with Redis down the rows stay, and the sweep rings later."""
    queue = QUEUES.get(task, "default")

    # A function with a name: Django logs it by name where it fails.
    def send() -> None:
        current_app.send_task(task, kwargs=kwargs, queue=queue, countdown=wait or None)

    transaction.on_commit(send, robust=True)
