"""The day's lists: one allocation for the whole network, in one transaction and under one lock, written once.

Parallel builds would use a track twice on a day, so there are none. A list that exists is never rewritten; a
playlist that can not be filled is held: its snapshot says why, and what is on Spotify stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import plurals
from catalog.models import Track
from curation import engine
from curation.engine import timings
from curation.policy import language
from playlists import locks
from playlists.models import HistoryEntry, Playlist, Snapshot
from playlists.rotation import recording


@dataclass
class BuildResult:
    """What a build did: ids of playlists with a new list, sentences for those held, and how many had one
    already."""

    date: dt.date
    built: list[int] = field(default_factory=list)
    held: dict[int, str] = field(default_factory=dict)
    existing: int = 0
    lists: dict[int, engine.BuiltList] = field(default_factory=dict)
    note: str = ""
    milliseconds: dict[str, float] = field(default_factory=dict)

    def sentence(self) -> str:
        if self.note:
            return self.note
        why = "; ".join(dict.fromkeys(self.held.values()))
        return f"{plurals.counted(len(self.built), 'list')} built, {len(self.held):,} held. {why}".strip()


def build(
    date: dt.date,
    *,
    playlist_id: int | None = None,
    now: dt.datetime,
    dry_run: bool = False,
    keeps_held: bool = False,
) -> BuildResult:
    """Lists for every active playlist that has none on this date, or for one of them; `keeps_held`: not for
    those that were held on it. Raises locks.Busy and recording.GapBroken."""
    with timings.without_collector(), transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        waiting, existing = _waiting(date, playlist_id, keeps_held)
        outcome = BuildResult(date, existing=existing)
        if not waiting:
            outcome.note = (
                "Every active playlist has its list or was held."
                if existing
                else "There is no active playlist."
            )
            return outcome
        _decide(outcome, waiting)
        if not dry_run:
            made = recording.Made(date, {one.pk: one for one in waiting}, outcome.lists, outcome.held)
            recording.keep(made, now=now, clock=timings.Clock(outcome.milliseconds))
        return outcome


def _waiting(date: dt.date, playlist_id: int | None, keeps_held: bool) -> tuple[list[Playlist], int]:
    asked = Playlist.objects.active().select_related("policy").order_by("global_index")
    if playlist_id is not None:
        asked = asked.filter(pk=playlist_id)
    states = [Snapshot.State.BUILT, *([Snapshot.State.HELD] if keeps_held else [])]
    settled = Snapshot.objects.filter(date=date, playlist__in=asked, state__in=states)
    done = set(settled.values_list("playlist_id", flat=True))
    playlists = list(asked)
    return [one for one in playlists if one.pk not in done], len(done)


def _decide(outcome: BuildResult, waiting: Sequence[Playlist]) -> None:
    clock = timings.Clock(outcome.milliseconds)
    with connection.cursor() as cursor:
        # A day sorts and counts by track: with the usual 4 MB it would do so on disk.
        cursor.execute("SELECT set_config('work_mem', '128MB', true)")
    demands = _demands(waiting, outcome)
    usage = usage_of(demands, outcome.date)
    clock.lap("read")
    result = engine.build_day(
        demands,
        usage=usage,
        today=outcome.date,
        count=settings.TRACKS_PER_PLAYLIST,
        gap_days=settings.MIN_REPEAT_GAP_DAYS,
    )
    outcome.lists = dict(result.lists)
    outcome.built = list(result.lists)
    outcome.held |= {key: short.sentence for key, short in result.short.items()}
    outcome.milliseconds |= result.milliseconds


def _demands(waiting: Sequence[Playlist], outcome: BuildResult) -> list[engine.Demand]:
    """One demand a playlist; those whose policy does not parse are held."""
    sound, broken = language.parsed({one.policy_id: one.policy.body for one in waiting})
    demands = []
    for playlist in waiting:
        if playlist.policy_id in broken:
            outcome.held[playlist.pk] = broken[playlist.policy_id].sentence(playlist.policy.name)
        else:
            rules = sound[playlist.policy_id]
            demands.append(engine.Demand(playlist.pk, playlist.theme_tag, playlist.policy_id, rules))
    return demands


def usage_of(demands: Sequence[engine.Demand], date: dt.date) -> engine.Usage:
    """Each track's use nearest to the day, in the network and, where policies ask for it, by theme and by
    playlist.

    A use on a later date (when an earlier day is built afterwards) blocks like one before. Only the days that
    matter are read: the whole of history would cost seconds."""
    days = dt.timedelta(
        days=engine.horizon(
            demands,
            tracks=Track.objects.count(),
            count=settings.TRACKS_PER_PLAYLIST,
            gap_days=settings.MIN_REPEAT_GAP_DAYS,
        )
    )
    first, last = date - days, date + days
    entries = HistoryEntry.objects.filter(batch_tag__range=(str(first), str(last))).order_by()
    return engine.Usage(
        network=_nearest(entries, date),
        themes={
            tag: _nearest(entries.filter(playlist__theme_tag=tag), date)
            for tag in {one.theme_tag for one in demands if one.policy.rotation.scope == "theme"}
        },
        playlists={
            key: _nearest(entries.filter(playlist=key), date)
            for key in {one.playlist_id for one in demands if one.policy.rotation.scope == "playlist"}
        },
    )


def _nearest(entries: QuerySet[HistoryEntry], date: dt.date) -> dict[int, dt.date]:
    """{track id: date of the use nearest to the day}. One query with a row a day: a row a track is slow."""
    tracks_by_tag = entries.values_list("batch_tag").annotate(tracks=ArrayAgg("track_id"))
    days = [(dt.date.fromisoformat(tag), tracks) for tag, tracks in tracks_by_tag]
    nearest: dict[int, dt.date] = {}
    for day, tracks in sorted(days, key=lambda one: (-abs((one[0] - date).days), one[0])):
        nearest |= dict.fromkeys(tracks, day)
    return nearest
