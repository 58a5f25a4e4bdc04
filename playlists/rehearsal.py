"""Rehearse the coming days: plan and build them for real in a transaction that is taken back at the end."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from playlists import rotation, scaling, supply
from playlists.models import HistoryEntry, Playlist


@dataclass(frozen=True)
class Night:
    """One rehearsed day."""

    date: dt.date
    p_planned: int
    built: int
    held: int
    fill: float  # share of the wanted places that were filled
    used: float  # share of the usable tracks used since the first day
    shortest_gap: int | None  # days between two uses of a track, the shortest seen this day


def rehearse(
    days: int, *, start: dt.date, now: dt.datetime, say: Callable[[str], None] = lambda words: None
) -> list[Night]:
    """The next `days` days as they would go with today's tracks, accounts and policies. Writes nothing.

    It holds the planner's and the curator's locks meanwhile, so that the real ones wait for it."""
    nights = []
    with transaction.atomic():
        last_used: dict[int, dt.date] = {}
        for number in range(days):
            date = start + dt.timedelta(days=number)
            nights.append(_night(date, now, last_used))
            say(f"{date}: {nights[-1].built} built, {nights[-1].held} held")
        transaction.set_rollback(True)
    return nights


def _night(date: dt.date, now: dt.datetime, last_used: dict[int, dt.date]) -> Night:
    plan = scaling.apply(scaling.plan_for(date), by="simulate", now=now)
    rotation.build(date, now=now)
    today = set(HistoryEntry.objects.filter(batch_tag=date.isoformat()).values_list("track_id", flat=True))
    gaps = [(date - last_used[track]).days for track in today if track in last_used]
    last_used.update(dict.fromkeys(today, date))
    wanted, built = Playlist.objects.active().count(), _built(date)
    return Night(
        date,
        plan.stats["p_planned"],
        built,
        wanted - built,
        len(today) / (wanted * settings.TRACKS_PER_PLAYLIST) if wanted else 1.0,
        len(last_used) / max(1, supply.usable_count()),
        min(gaps, default=None),
    )


def _built(date: dt.date) -> int:
    return rotation.Snapshot.objects.built().filter(date=date).count()


def summary(nights: list[Night]) -> dict[str, Any]:
    """What the rehearsed days come to."""
    gaps = [one.shortest_gap for one in nights if one.shortest_gap is not None]
    return {
        "days": len(nights),
        "mean_fill": round(statistics.fmean(one.fill for one in nights), 4),
        "worst_fill": round(min(one.fill for one in nights), 4),
        "held": sum(one.held for one in nights),
        "catalogue_used": round(nights[-1].used, 4),
        "shortest_gap_days": min(gaps, default=None),
    }
