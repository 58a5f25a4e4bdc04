"""How far a stage of a night is, counted from the rows it works on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from catalog.features import enrich
from catalog.models import AlbumSource, Track
from playlists.models import ManagerPlan, Playlist, PlaylistCopy, Snapshot, StageRun

# Stages whose work is the catalogue's: its tasks know nothing of nights, so the sweep sees to the row.
WORKED_ELSEWHERE = {StageRun.Stage.INGEST, StageRun.Stage.ENRICH}


@dataclass(frozen=True)
class Tally:
    total: int
    done: int
    failed: int = 0
    is_over: bool = False
    detail: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def of(run: StageRun, now: dt.datetime) -> Tally:
    return _COUNTERS[run.stage](run, now)


def scaled(run: StageRun, now: dt.datetime) -> Tally:
    done = ManagerPlan.objects.filter(run_date=run.run_date, status=ManagerPlan.Status.APPLIED).count()
    return Tally(1, min(done, 1), is_over=bool(done))


def ingested(run: StageRun, now: dt.datetime) -> Tally:
    """Albums since the window opened, and those that wait."""
    counted = AlbumSource.objects.aggregate(
        left=Count("id", filter=Q(status__in=["queued", "fetching"])),
        done=Count("id", filter=Q(status="ingested", ingested_at__gte=run.scheduled_at)),
        failed=Count("id", filter=Q(status="failed", created_at__gte=run.scheduled_at)),
    )
    total = counted["left"] + counted["done"] + counted["failed"]
    return Tally(total, counted["done"] + counted["failed"], counted["failed"], is_over=not counted["left"])


def enriched(run: StageRun, now: dt.datetime) -> Tally:
    left = Track.objects.lacking_features(now).count() if enrich.due(now) else 0
    since = Q(features_at__gte=run.scheduled_at) | Q(features_absent_at__gte=run.scheduled_at)
    done = Track.objects.filter(since).count()
    is_over = not left and not AlbumSource.objects.unfinished().exists()
    return Tally(left + done, done, is_over=is_over)


def curated(run: StageRun, now: dt.datetime) -> Tally:
    states = dict(
        Snapshot.objects.filter(date=run.run_date).order_by().values_list("state").annotate(Count("id"))
    )
    built, held = states.get(Snapshot.State.BUILT, 0), states.get(Snapshot.State.HELD, 0)
    total = max(Playlist.objects.active().count(), built + held)
    return Tally(total, built, held, is_over=built + held >= total > 0, detail={"built": built, "held": held})


def synced(run: StageRun, now: dt.datetime) -> Tally:
    """Copies that are wanted and have a list. Those that need a person count as failed and end the wait."""
    wanted = PlaylistCopy.objects.wanted().live().listed()
    named = ("status", "error_kind", "synced_snapshot_id", "newest_id", "account__status")
    rows = list(wanted.values_list(*named))
    done = sum(status == "synced" and has == newest for status, _, has, newest, _ in rows)
    stuck = [
        kind or account
        for status, kind, has, newest, account in rows
        if (status == "error" or account != "active") and not (status == "synced" and has == newest)
    ]
    kinds = {kind: stuck.count(kind) for kind in sorted(set(stuck))}
    return Tally(
        len(rows), done, len(stuck), done + len(stuck) >= len(rows), {"trouble": kinds}, _words(kinds)
    )


def _words(kinds: dict[str, int]) -> str:
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.items())


_COUNTERS: dict[str, Callable[[StageRun, dt.datetime], Tally]] = {
    StageRun.Stage.SCALE: scaled,
    StageRun.Stage.INGEST: ingested,
    StageRun.Stage.ENRICH: enriched,
    StageRun.Stage.CURATE: curated,
    StageRun.Stage.SYNC: synced,
}
