"""The catalogue's Celery tasks: drain what is due for up to a minute, and enqueue again while rows remain."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from celery import shared_task
from django.utils import timezone

from accounts import enqueue
from accounts.gateway_state import gateways
from catalog import advisory_locks
from catalog.features import enrich
from catalog.genres import ask
from catalog.ingest import ingest

SECONDS = 60.0
# Two keep Spotify's pace even when one of them stores; more would only crowd out the other tasks, since each
# enqueues again as long as albums remain.
AT_ONCE = 2
log = structlog.get_logger(__name__)


@shared_task(name="ingest_albums_from_sources")
def ingest_albums_from_sources() -> None:
    """Ingest due album sources. While the door is shut nothing is enqueued: the sweep comes back for them."""
    if not ingest.due(timezone.now()):
        return
    with advisory_locks.turn(advisory_locks.INGEST, places=AT_ONCE) as has_place:
        if not has_place:
            return
        outcome = ingest.run(
            gateway=gateways.for_app(lane="ingest"), now=timezone.now(), time_left=_countdown(SECONDS)
        )
    log.info(
        "ingest", done=outcome.ingested, failed=outcome.failed, again=outcome.requeued, why=outcome.reason
    )
    if outcome.blocked_until is None and ingest.due(timezone.now()):
        enqueue.after_commit("ingest_albums_from_sources")
    if outcome.ingested:
        enqueue.after_commit("fetch_audio_features")


@shared_task(name="fetch_audio_features")
def fetch_audio_features() -> None:
    """Ask the configured source about tracks without features."""
    outcome = enrich.run(now=timezone.now(), time_left=_countdown(SECONDS))
    log.info("enrich", found=outcome.found, absent=outcome.absent, stopped=outcome.reason)
    if not outcome.reason and enrich.due(timezone.now()):
        enqueue.after_commit("fetch_audio_features")
    elif ask.due(timezone.now()):
        enqueue.after_commit("fetch_artist_genres")


@shared_task(name="fetch_artist_genres")
def fetch_artist_genres() -> None:
    """Ask the configured sources for genres of artists without; the second half of the enrich stage."""
    outcome = ask.run(clock=timezone.now, time_left=_countdown(SECONDS))
    log.info("genres", **outcome.outcomes, calls=outcome.calls.total(), stopped=outcome.reason)
    if not outcome.reason and ask.due(timezone.now()):
        enqueue.after_commit("fetch_artist_genres")


def _countdown(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()
