"""Canaries first: in a large sync one copy goes ahead, then a few, then the rest; when they fail, the network
asks."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.conf import settings

from playlists import pause
from playlists.models import Pause, Placement, StageRun

BY = "the canary guard"
# Errors that are one account's own, and no sign that the lists or the app are wrong.
OWN_TROUBLE = ("account", "reauth", "drift", "full")


@dataclass(frozen=True)
class Flock:
    """A sync run in figures: copies it is to bring up to date, and how the ones tried so far fared."""

    total: int
    done: int
    failed: int

    @property
    def tried(self) -> int:
        return self.done + self.failed


def room(flock: Flock, *, above: int, share: float) -> int | None:
    """How many more may be tried before the others are looked at: None for all, 0 for wait, -1 for stop.
    Pure.

    The first goes alone; then 5 % go; then the rest. More failures than `share` of those tried stop the
    run."""
    if flock.total <= above:
        return None
    if flock.tried and flock.failed > share * flock.tried:
        return -1
    if flock.tried == 0:
        return 1
    few = math.ceil(flock.total / 20)
    return max(0, few - flock.tried) or None


def check(now: dt.datetime) -> int | None:
    """The room in the sync that is under way; where it is to stop, the network is paused and asks for a
    person."""
    run = (
        StageRun.objects.filter(stage=StageRun.Stage.SYNC, state=StageRun.State.OPEN)
        .order_by("-run_date")
        .first()
    )
    if run is None or run.started_at is None or _is_overruled(run):
        return None
    flock = of_run(run)
    found = room(flock, above=above(), share=share())
    if found == -1 and pause.current(now) is None:
        pause.begin(reason=sentence(flock), by=BY, now=now)
    return found


def of_run(run: StageRun) -> Flock:
    live = Placement.objects.wanted().live()
    done = live.filter(status=Placement.Status.SYNCED, last_synced_at__gte=run.started_at).count()
    failed = live.filter(status=Placement.Status.ERROR).exclude(error_kind__in=OWN_TROUBLE).count()
    before = run.detail.get("failed_before", 0)
    return Flock(run.total or live.listed().count(), done, max(0, failed - before))


def failing_now() -> int:
    """What a run begins with: copies that were in error before it."""
    live = Placement.objects.wanted().live().filter(status=Placement.Status.ERROR)
    return live.exclude(error_kind__in=OWN_TROUBLE).count()


def _is_overruled(run: StageRun) -> bool:
    """Whether somebody looked at this run's failures and lifted the pause all the same."""
    asked = Pause.objects.filter(paused_by=BY, paused_at__gte=run.started_at, lifted_at__isnull=False)
    return asked.exists()


def sentence(flock: Flock) -> str:
    return (
        f"{flock.failed} of the first {flock.tried} copies failed, of {flock.total:,} to write. "
        "Look at their errors; lift the pause to go on all the same."
    )


def above() -> int:
    return settings.SYNC_CANARY_ABOVE


def share() -> float:
    return settings.SYNC_CANARY_SHARE
