"""How far a stage of a night is, counted from the rows it works on, whoever works on them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Min, Q

from accounts import plurals
from catalog import advisory_locks
from catalog.features import enrich
from catalog.genres import ask, sources
from catalog.models import AlbumSource, Artist, Track
from playlists import locks
from playlists.models import ManagerPlan, Playlist, PlaylistCopy, Snapshot, StageRun

# Stages whose work is the catalogue's: its tasks know nothing of nights, so the sweep sees to the row.
WORKED_ELSEWHERE = {StageRun.Stage.INGEST, StageRun.Stage.ENRICH}
# Stages that go on in other tasks after theirs has ended.
GOES_ON = {*WORKED_ELSEWHERE, StageRun.Stage.SYNC}


@dataclass(frozen=True)
class Progress:
    """Every item is in one place alone: done, failed (for good, or until a person sees to it), or left. What
    is left can be worked on now, is held by another worker, or waits for a moment, the first `until`."""

    done: int
    failed: int = 0
    due: int = 0
    held: int = 0
    later: int = 0
    until: dt.datetime | None = None
    items: str = "items"
    # Albums in other hands: they still bring tracks, so that their features are not all asked for yet.
    albums_to_come: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    @property
    def left(self) -> int:
        return self.due + self.held + self.later

    @property
    def total(self) -> int:
        return self.ended + self.left

    @property
    def ended(self) -> int:
        return self.done + self.failed

    @property
    def is_over(self) -> bool:
        return not self.left and not self.albums_to_come

    @property
    def waits_for(self) -> str:
        """What is not done yet, for people; empty where all is over."""
        words = []
        if self.held:
            words.append(f"{self.held:,} {self.items} that other workers hold")
        if self.albums_to_come:
            words.append(
                f"the tracks of {plurals.counted(self.albums_to_come, 'album')} that other workers hold"
            )
        if self.due:
            words.append(f"{self.due:,} {self.items} that are due")
        if self.later and self.until:
            words.append(f"{self.later:,} {self.items} that wait until {self.until:%H:%M:%S} UTC")
        return ", ".join(words)


def of(run: StageRun, now: dt.datetime) -> Progress:
    return _COUNTERS[run.stage](run, now)


def scaled(run: StageRun, now: dt.datetime) -> Progress:
    is_planned = ManagerPlan.objects.filter(run_date=run.run_date, status=ManagerPlan.Status.APPLIED).exists()
    return Progress(int(is_planned), due=int(not is_planned), items="plan")


def ingested(run: StageRun, now: dt.datetime) -> Progress:
    """Albums that ended since the window opened, and all that wait."""
    is_due = Q(pk__in=AlbumSource.objects.due(now).values("pk"))
    ended = AlbumSource.objects.aggregate(
        done=Count("id", filter=Q(status="ingested", ingested_at__gte=run.scheduled_at)),
        failed=Count("id", filter=Q(status="failed", failed_at__gte=run.scheduled_at)),
    )
    left = AlbumSource.objects.unfinished().aggregate(
        due=Count("id", filter=is_due),
        held=Count("id", filter=Q(status="fetching") & ~is_due),
        later=Count("id", filter=Q(status="queued") & ~is_due),
        until=Min("not_before", filter=Q(status="queued") & ~is_due),
    )
    return Progress(
        ended["done"],
        ended["failed"],
        due=left["due"],
        held=left["held"],
        later=left["later"],
        until=left["until"],
        items="albums",
    )


def enriched(run: StageRun, now: dt.datetime) -> Progress:
    """Tracks' features and artists' genres together: one stage, over when nothing of both is left."""
    tracks, artists = _measured(run, now), _labelled(run, now)
    items = tracks.items if not artists.total else artists.items if not tracks.total else "tracks and artists"
    return replace(
        tracks,
        done=tracks.done + artists.done,
        due=tracks.due + artists.due,
        held=tracks.held + artists.held,
        items=items,
    )


def _labelled(run: StageRun, now: dt.datetime) -> Progress:
    """Artists asked about since the window opened, and those whom a source that does not rest can tell of."""
    if not sources.usable():
        return Progress(0, items="artists")
    done = Artist.objects.filter(genres_checked_at__gte=run.scheduled_at).count()
    left = ask.lacking(now).count()
    is_asked = bool(left) and advisory_locks.is_taken_elsewhere(advisory_locks.GENRES)
    held = left if is_asked else 0
    return Progress(done, due=left - held, held=held, items="artists")


def _measured(run: StageRun, now: dt.datetime) -> Progress:
    since = Q(features_at__gte=run.scheduled_at) | Q(features_absent_at__gte=run.scheduled_at)
    done = Track.objects.filter(since).count()
    if not enrich.has_source():
        return Progress(done, items="tracks")
    lacking = Track.objects.lacking_features(now).count()
    to_come = AlbumSource.objects.filter(status="fetching", claimed_until__gte=now).count()
    if until := enrich.blocked_until(now):
        return Progress(done, later=lacking, until=until, items="tracks", albums_to_come=to_come)
    is_asked = bool(lacking) and advisory_locks.is_taken_elsewhere(advisory_locks.ENRICH)
    held = lacking if is_asked else 0
    return Progress(done, due=lacking - held, held=held, items="tracks", albums_to_come=to_come)


def curated(run: StageRun, now: dt.datetime) -> Progress:
    lists = Snapshot.objects.filter(date=run.run_date).exclude(state=Snapshot.State.REPLACED)
    states = dict(lists.order_by().values_list("state").annotate(Count("id")))
    built, held = states.get(Snapshot.State.BUILT, 0), states.get(Snapshot.State.HELD, 0)
    left = max(0, Playlist.objects.active().count() - built - held)
    detail = {"built": built, "held": held}
    return Progress(built, held, due=left, items="playlists without a list", detail=detail)


def synced(run: StageRun, now: dt.datetime) -> Progress:
    """Copies that are wanted and have a list, and those to be taken off Spotify. Those that need a person
    count as failed and end the wait."""
    wanted = PlaylistCopy.objects.wanted().live().listed()
    named = ("status", "error_kind", "synced_snapshot_id", "newest_id", *_WHERE)
    done, stuck, left = 0, Counter[str](), list[tuple[int, dt.datetime | None]]()
    for status, kind, has, newest, account, state, not_before in wanted.values_list(*named):
        if status == "synced" and has == newest:
            done += 1
        elif status == "error" or state != "active":
            stuck[kind or state] += 1
        else:
            left.append((account, not_before))
    for status, kind, account, state, not_before in PlaylistCopy.objects.leaving().values_list(
        "status", "error_kind", *_WHERE
    ):
        if status == "error":
            stuck[kind or "error"] += 1
        elif state == "active":
            left.append((account, not_before))
    return _of_copies(done, stuck, left, now)


_WHERE = ("account_id", "account__status", "not_before")


def _of_copies(
    done: int, stuck: Counter[str], left: list[tuple[int, dt.datetime | None]], now: dt.datetime
) -> Progress:
    in_other_hands = locks.held_elsewhere() if left else set()
    held = sum(account in in_other_hands for account, _ in left)
    moments = [
        moment for account, moment in left if moment and moment > now and account not in in_other_hands
    ]
    kinds = dict(sorted(stuck.items()))
    return Progress(
        done,
        stuck.total(),
        due=len(left) - held - len(moments),
        held=held,
        later=len(moments),
        until=min(moments, default=None),
        items="copies",
        detail={"trouble": kinds},
        error=", ".join(f"{count} × {kind}" for kind, count in kinds.items()),
    )


_COUNTERS: dict[str, Callable[[StageRun, dt.datetime], Progress]] = {
    StageRun.Stage.SCALE: scaled,
    StageRun.Stage.INGEST: ingested,
    StageRun.Stage.ENRICH: enriched,
    StageRun.Stage.CURATE: curated,
    StageRun.Stage.SYNC: synced,
}
