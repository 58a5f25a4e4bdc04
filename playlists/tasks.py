"""The network's Celery tasks: thin, ids at most, safe twice; beat's own calls go by the night's windows."""

from __future__ import annotations

import datetime as dt
import time

import structlog
from celery import shared_task
from django.utils import timezone

from accounts import enqueue
from accounts.gateway_state import call_counts, gateways
from catalog.features import enrich
from catalog.genres import ask
from catalog.ingest import ingest
from playlists.models import PlaylistCopy, StageRun
from playlists.nightly import runs, schedule, stages
from playlists.rotation import snapshots
from playlists.sync import drain, pause, resync

SECONDS = 60.0
SOON_SECONDS = 30.0
log = structlog.get_logger(__name__)


@shared_task(name="scale_playlists_daily")
def scale_playlists_daily(*, scheduled: bool = False) -> None:
    """Plan the day and apply the plan."""
    if (run := _run("scale", scheduled)) is not None:
        step = stages.scale(run, clock=timezone.now)
        log.info("scale", date=str(run.run_date), plan=step.facts.get("plan_id"), words=step.sentence)


@shared_task(name="build_playlist_snapshot")
def build_playlist_snapshot(*, playlist_id: int | None = None, scheduled: bool = False) -> None:
    """Build the whole network's day in one allocation; with `playlist_id`, the list of that one alone."""
    if playlist_id is not None:
        now = timezone.now()
        snapshots.build(now.date(), playlist_id=playlist_id, now=now)
    elif (run := _run("curate", scheduled)) is not None:
        step = stages.curate(run, clock=timezone.now)
        log.info("curate", date=str(run.run_date), words=step.sentence, **step.facts)


@shared_task(name="sync_playlists_daily")
def sync_playlists_daily(*, scheduled: bool = False) -> None:
    """Enqueue ensure_playlist_for_account for every copy with something to write."""
    if (run := _run("sync", scheduled)) is None:
        return
    now = timezone.now()
    stages.begin_sync(run, now)
    for copy_id in drain.due(now).values_list("pk", flat=True):
        enqueue.after_commit("ensure_playlist_for_account", copy_id=copy_id)
    runs.count_open(now)


@shared_task(name="ensure_playlist_for_account")
def ensure_playlist_for_account(*, copy_id: int) -> None:
    """Bring this copy up to date and, while the account's lock is held, what else is due there for up to a
    minute."""
    account_id = PlaylistCopy.objects.filter(pk=copy_id).values_list("account_id", flat=True).first()
    now = timezone.now()
    if account_id is None or pause.current(now) or not drain.due(now).filter(pk=copy_id).exists():
        return
    end = time.monotonic() + SECONDS
    drained = stages.sync_account(
        account_id, date=now.date(), clock=timezone.now, time_left=lambda: end - time.monotonic()
    )
    log.info("sync", account=account_id, **drained.states)
    left = drain.due(timezone.now()).filter(account=account_id).values_list("pk", flat=True).first()
    if left is not None and (not drained.stopped or _is_soon(drained.until)):
        enqueue.after_commit("ensure_playlist_for_account", wait=_is_soon(drained.until), copy_id=left)


def _is_soon(moment: dt.datetime | None) -> float:
    """Seconds until a moment that is near, to be enqueued for without waiting for the sweep; else 0."""
    seconds = (moment - timezone.now()).total_seconds() if moment else 0.0
    return max(0.5, seconds) if 0 < seconds <= SOON_SECONDS else 0.0


@shared_task(name="sweep")
def sweep() -> None:
    """Every minute: open what is due, count what is open, and enqueue for anything that waits."""
    now = timezone.now()
    runs.open_due(now)
    for run in runs.unclaimed(now):
        row = schedule.TASK_OF[run.stage]
        enqueue.after_commit(row.task, **dict(row.kwargs))
    runs.count_open(now)
    if ingest.due(now):
        enqueue.after_commit("ingest_albums_from_sources")
    if enrich.due(now):
        enqueue.after_commit("fetch_audio_features")
    elif ask.due(now):
        enqueue.after_commit("fetch_artist_genres")
    if pause.current(now) is None:
        resync.enqueue_accounts(drain.due_outside_windows(now))
    # Last, because it is the one step that needs Redis to answer.
    call_counts.fold(gateways.redis_client(), now=now)


def _run(stage: str, scheduled: bool) -> StageRun | None:
    """Beat's calls take the stage's window, if it is free; a call made by hand always works on today's
    run."""
    now = timezone.now()
    if scheduled:
        return runs.claim(stage, now=now)
    return runs.begin(stage, now.date(), trigger="by hand", now=now)
