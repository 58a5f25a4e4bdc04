"""Rehearse the coming days: plan and build them for real in a transaction that is taken back at the end."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from curation import engine
from curation.diagnosis.projection import Projection
from curation.models import CurationPolicy
from curation.policy import language
from playlists.models import HistoryEntry, Playlist, Snapshot
from playlists.planning import scaling, supply
from playlists.rotation import snapshots

# Uses before the first day matter as long as a rest may last and people ask after it.
_BEFORE = dt.timedelta(days=90)


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


@dataclass
class Rehearsal:
    """The nights, and what they bring to the network and to each policy by its id."""

    nights: list[Night] = field(default_factory=list)
    network: Projection = field(default_factory=Projection)
    policies: dict[int, Projection] = field(default_factory=lambda: defaultdict(Projection))
    matched: Mapping[int, int] = field(default_factory=dict)
    usable: int = 0
    last_used: dict[int, dt.date] = field(default_factory=dict)


def rehearse(
    days: int, *, start: dt.date, now: dt.datetime, say: Callable[[str], None] = lambda words: None
) -> Rehearsal:
    """The next `days` days as they would go with today's tracks, accounts and policies. Writes nothing.

    It holds the planner's and the curator's locks meanwhile, so that the real ones wait for it."""
    with transaction.atomic():
        found = Rehearsal(usable=supply.usable_count(), matched=_matched(start), last_used=_last_used(start))
        for number in range(days):
            night = _night(found, start + dt.timedelta(days=number), now)
            found.nights.append(night)
            say(f"{night.date}: {night.built} built, {night.held} held")
        transaction.set_rollback(True)
    return found


def _matched(today: dt.date) -> dict[int, int]:
    """How many usable tracks match each active policy."""
    rows = CurationPolicy.objects.active().order_by("id")
    parsed, _ = language.parsed(dict(rows.values_list("pk", "body")))
    order, classes = engine.classes(parsed, today=today)
    return {key: sum(n for mask, n in classes.items() if mask >> bit & 1) for bit, key in enumerate(order)}


def _last_used(start: dt.date) -> dict[int, dt.date]:
    window = (str(start - _BEFORE), str(start - dt.timedelta(days=1)))
    rows = HistoryEntry.objects.filter(batch_tag__range=window).order_by().values_list("track_id")
    return {track: dt.date.fromisoformat(day) for track, day in rows.annotate(Max("batch_tag"))}


def _night(found: Rehearsal, date: dt.date, now: dt.datetime) -> Night:
    plan = scaling.apply(scaling.plan_for(date), by="simulate", now=now)
    snapshots.build(date, now=now)
    tonight, gaps_before = Projection(), len(found.network.gaps)
    for row, tracks in _lists(date):
        for outlook in (tonight, found.network, found.policies[row["playlist__policy_id"]]):
            outlook.add(
                date,
                wanted=row["playlist__policy__body"].get("target", {}).get("count")
                or settings.TRACKS_PER_PLAYLIST,
                tracks=tracks,
                last=found.last_used,
                relaxed=[step["path"] for step in row["relaxations"]],
            )
    found.last_used.update(dict.fromkeys(tonight.uses, date))
    return Night(
        date,
        plan.stats["p_planned"],
        tonight.lists - tonight.held,
        tonight.held,
        tonight.filled / tonight.slots if tonight.slots else 1.0,
        len(found.network.uses) / max(1, found.usable),
        min(found.network.gaps[gaps_before:], default=None),
    )


def _lists(date: dt.date) -> list[tuple[Mapping[str, Any], Sequence[int]]]:
    """The day's lists and held lists of active playlists, each with its tracks."""
    entries = HistoryEntry.objects.filter(batch_tag=date.isoformat()).order_by("playlist_id", "position")
    tracks: defaultdict[int, list[int]] = defaultdict(list)
    for playlist, track in entries.values_list("playlist_id", "track_id"):
        tracks[playlist].append(track)
    rows: Any = Snapshot.objects.filter(date=date, playlist__status=Playlist.Status.ACTIVE).values(
        "playlist_id", "playlist__policy_id", "playlist__policy__body", "relaxations"
    )
    return [(row, tracks[row["playlist_id"]]) for row in rows.order_by("playlist_id")]


def summary(found: Rehearsal) -> dict[str, Any]:
    """What the rehearsed days come to, for the network and by policy."""
    gaps = [one.shortest_gap for one in found.nights if one.shortest_gap is not None]
    names = dict(CurationPolicy.objects.filter(pk__in=found.policies).values_list("pk", "name"))
    return {
        "days": len(found.nights),
        "mean_fill": round(statistics.fmean(one.fill for one in found.nights), 4),
        "worst_fill": round(min(one.fill for one in found.nights), 4),
        "held": sum(one.held for one in found.nights),
        "catalogue_used": round(found.nights[-1].used, 4),
        "shortest_gap_days": min(gaps, default=None),
        "network": found.network.figures(found.usable),
        "policies": [
            {"policy": names[key]} | outlook.figures(found.matched.get(key, 0))
            for key, outlook in sorted(found.policies.items(), key=lambda one: names[one[0]])
        ],
    }
