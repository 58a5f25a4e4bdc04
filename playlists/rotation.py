"""The day's lists: one allocation for the whole network, in one transaction and under one lock, written once.

Parallel builds would use a track twice on a day, so there are none. A list that exists is never rewritten; a
playlist that can not be filled is held: its snapshot says why, and what is on Spotify stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import QuerySet

from curation import engine, laps, policy
from curation.models import PolicyRevision
from playlists import locks, rendering, supply
from playlists.models import HistoryEntry, Playlist, Snapshot


class GapBroken(Exception):
    """The lists just made would repeat a track inside its gap: nothing was written."""


@dataclass
class Outcome:
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
        lists = "1 list" if len(self.built) == 1 else f"{len(self.built):,} lists"
        return f"{lists} built, {len(self.held):,} held. {why}".strip()


def build(
    date: dt.date, *, playlist_id: int | None = None, now: dt.datetime, dry_run: bool = False
) -> Outcome:
    """Lists for every active playlist that has none on this date, or for one of them. Raises locks.Busy."""
    with laps.without_collector(), transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        waiting, existing = _waiting(date, playlist_id)
        outcome = Outcome(date, existing=existing)
        if not waiting:
            outcome.note = (
                "Every active playlist has its list." if existing else "There is no active playlist."
            )
            return outcome
        _decide(outcome, waiting)
        if not dry_run:
            _keep(outcome, {one.pk: one for one in waiting}, now)
        return outcome


def _waiting(date: dt.date, playlist_id: int | None) -> tuple[list[Playlist], int]:
    asked = Playlist.objects.active().select_related("policy").order_by("global_index")
    if playlist_id is not None:
        asked = asked.filter(pk=playlist_id)
    done = set(
        Snapshot.objects.built().filter(date=date, playlist__in=asked).values_list("playlist_id", flat=True)
    )
    playlists = list(asked)
    return [one for one in playlists if one.pk not in done], len(done)


def _decide(outcome: Outcome, waiting: Sequence[Playlist]) -> None:
    clock = laps.Clock(outcome.milliseconds)
    # A day sorts and counts by track: with the usual 4 MB it would do so on disk.
    _ask("SELECT set_config('work_mem', '128MB', true)", [])
    demands = _demands(waiting, outcome)
    usage = usage_of(demands, outcome.date)
    clock.lap("read")
    result = engine.day(
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


def _demands(waiting: Sequence[Playlist], outcome: Outcome) -> list[engine.Demand]:
    """One demand a playlist; those whose policy does not parse are held."""
    parsed: dict[int, policy.Policy | str] = {}
    demands = []
    for playlist in waiting:
        if playlist.policy_id not in parsed:
            parsed[playlist.policy_id] = _parse(playlist)
        rules = parsed[playlist.policy_id]
        if isinstance(rules, str):
            outcome.held[playlist.pk] = rules
        else:
            demands.append(engine.Demand(playlist.pk, playlist.theme_tag, playlist.policy_id, rules))
    return demands


def _parse(playlist: Playlist) -> policy.Policy | str:
    try:
        return policy.parse(playlist.policy.body)
    except policy.PolicyError as error:
        first = error.errors[0]
        return f"The policy {playlist.policy.name} is not valid: {first['path']}: {first['message']}"


def usage_of(demands: Sequence[engine.Demand], date: dt.date) -> engine.Usage:
    """Each track's use nearest to the day, in the network and, where policies ask for it, by theme and by
    playlist.

    A use on a later date (when an earlier day is built afterwards) blocks like one before. Only the days that
    matter are read: the whole of history would cost seconds."""
    days = dt.timedelta(
        days=engine.horizon(
            demands,
            usable=supply.usable_count(),
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


def _keep(outcome: Outcome, playlists: Mapping[int, Playlist], now: dt.datetime) -> None:
    clock = laps.Clock(outcome.milliseconds)
    _forget_held(
        Snapshot.objects.filter(date=outcome.date, playlist__in=playlists, state=Snapshot.State.HELD)
    )
    snapshots = Snapshot.objects.bulk_create(_snapshots(outcome, playlists, now))
    clock.lap("render")
    _copy_history([one for one in snapshots if one.state == Snapshot.State.BUILT], outcome, now)
    clock.lap("write")
    _check_gap(outcome.date)
    clock.lap("verify")


def _snapshots(outcome: Outcome, playlists: Mapping[int, Playlist], now: dt.datetime) -> list[Snapshot]:
    date, revisions = outcome.date, _newest_revisions({one.policy_id for one in playlists.values()})
    tracks = rendering.tracks_of(entry.track_id for made in outcome.lists.values() for entry in made.entries)
    return [
        *(_built(playlists[key], date, made, tracks, revisions, now) for key, made in outcome.lists.items()),
        *(_held(playlists[key], date, reason, revisions, now) for key, reason in outcome.held.items()),
    ]


def _forget_held(held: QuerySet[Snapshot]) -> None:
    """A held day has no entries and nobody refers to it, so a later try simply takes its place."""
    held.delete()


def _newest_revisions(policy_ids: set[int]) -> dict[int, int]:
    rows = (
        PolicyRevision.objects.filter(policy__in=policy_ids).order_by("policy", "-number").distinct("policy")
    )
    return dict(rows.values_list("policy_id", "pk"))


def _built(
    playlist: Playlist,
    date: dt.date,
    made: engine.BuiltList,
    tracks: Mapping[int, rendering.Row],
    revisions: Mapping[int, int],
    now: dt.datetime,
) -> Snapshot:
    rows = [tracks[entry.track_id] for entry in made.entries]
    return Snapshot(
        playlist=playlist,
        date=date,
        state=Snapshot.State.BUILT,
        revision_id=revisions.get(playlist.policy_id),
        digest=rendering.digest([row["spotify_id"] for row in rows]),
        size=len(rows),
        relaxations=list(made.relaxations),
        funnel=made.funnel,
        body=rendering.body(playlist, date, rows),
        created_at=now,
    )


def _held(
    playlist: Playlist, date: dt.date, reason: str, revisions: Mapping[int, int], now: dt.datetime
) -> Snapshot:
    return Snapshot(
        playlist=playlist,
        date=date,
        state=Snapshot.State.HELD,
        revision_id=revisions.get(playlist.policy_id),
        reason=reason or "The list could not be filled.",
        created_at=now,
    )


def added_at(date: dt.date, now: dt.datetime) -> dt.datetime:
    """The moment that history gives a list: now, moved to the list's own date where that is another."""
    return dt.datetime.combine(date, now.time(), tzinfo=dt.UTC)


def _copy_history(snapshots: Sequence[Snapshot], outcome: Outcome, now: dt.datetime) -> None:
    """COPY: a network of 2,857 lists is 143,000 rows."""
    columns = "snapshot_id, playlist_id, track_id, spotify_track_id, position, batch_tag, added_at, reasons"
    when = f"{outcome.date.isoformat()}\t{added_at(outcome.date, now).isoformat()}"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY playlist_entries_history ({columns}) FROM STDIN") as copy,
    ):
        for snapshot in snapshots:
            rows = lines(snapshot, outcome.lists[snapshot.playlist_id].entries, when)
            copy.write("".join(rows))


def lines(snapshot: Snapshot, entries: Sequence[engine.Entry], when: str) -> Iterator[str]:
    """Rows in COPY's text format, in which nothing but a backslash of the reasons needs escaping."""
    start = f"{snapshot.pk}\t{snapshot.playlist_id}\t"
    for entry in entries:
        reasons = rendering.dumps(entry.reasons).replace("\\", "\\\\")
        place = f"{entry.track_id}\t{entry.spotify_track_id}\t{entry.position}"
        yield f"{start}{place}\t{when}\t{reasons}\n"


def _check_gap(date: dt.date) -> None:
    """The net under the allocation: no track of this date is used again within the gap. What a policy allowed
    in so many words (a relax step, a repeat, a pin, a scope narrower than the network) is marked and does not
    count."""
    gap = settings.MIN_REPEAT_GAP_DAYS - 1
    narrow = Playlist.objects.filter(policy__body__rotation__scope__in=["theme", "playlist"])
    exempt = list(narrow.values_list("pk", flat=True))
    first, last = str(date - dt.timedelta(days=gap)), str(date + dt.timedelta(days=gap))
    repeats = _ask(_REPEATS, [first, last, exempt, str(date)])
    if repeats:
        raise GapBroken(
            f"{repeats} tracks used on {date} lie within {gap} days of another use: nothing was written."
        )


# One pass over the days around: joining the day with itself is at the mercy of statistics, which know nothing
# of a day that was written a moment ago, and once took minutes.
_REPEATS = """
SELECT count(*) FROM (
       SELECT FROM playlist_entries_history
        WHERE batch_tag BETWEEN %s AND %s
          AND NOT reasons ?| array['relaxed', 'repeat', 'pinned']
          AND playlist_id <> ALL(%s::bigint[])
        GROUP BY track_id
       HAVING count(*) > 1 AND bool_or(batch_tag = %s)) AS repeated
"""


def _ask(sql: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
