"""A day's lists written down: snapshots and history by COPY, then the check that no gap is broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from accounts import plurals
from curation import engine
from curation.engine import timings
from curation.models import PolicyRevision
from playlists.models import Playlist, Snapshot
from playlists.rotation import rendering


class GapBroken(Exception):
    """The lists just made would repeat a track inside its gap: nothing was written."""


@dataclass(frozen=True)
class Made:
    """What a day brought its playlists, by their ids: lists, and sentences for those that are held."""

    date: dt.date
    playlists: Mapping[int, Playlist]
    lists: Mapping[int, engine.BuiltList]
    held: Mapping[int, str]

    @property
    def tracks(self) -> list[int]:
        return [entry.track_id for built in self.lists.values() for entry in built.entries]


def keep(made: Made, *, now: dt.datetime, clock: timings.Clock) -> None:
    """Write it all, inside the caller's transaction. Raises GapBroken."""
    _forget_held(
        Snapshot.objects.filter(date=made.date, playlist__in=made.playlists, state=Snapshot.State.HELD)
    )
    ids = dict(zip([*made.lists, *made.held], _new_ids(len(made.lists) + len(made.held)), strict=True))
    tracks = rendering.tracks_of(made.tracks)
    revisions = _newest_revisions({one.policy_id for one in made.playlists.values()})
    _copy_snapshots(_snapshots(made, ids, tracks, revisions, now))
    clock.lap("render")
    _copy_history(made, ids, now)
    clock.lap("write")
    _check_gap(made.date, made.tracks)
    clock.lap("verify")


def _forget_held(held: QuerySet[Snapshot]) -> None:
    """A held day has no entries and no row refers to it, so a later try takes its place."""
    held.delete()


def _new_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [count])
        return [number for (number,) in cursor.fetchall()]


_IDS = "SELECT nextval(pg_get_serial_sequence('playlist_snapshots', 'id')) FROM generate_series(1, %s)"


# --- snapshots

_SNAPSHOT = (
    "id", "playlist_id", "date", "state", "revision_id", "digest", "size", "reason", "relaxations", "funnel",
    "body", "created_at",
)  # fmt: skip


def _copy_snapshots(snapshots: Iterator[dict[str, Any]]) -> None:
    """One by one: while the database stores one list, the next is rendered."""
    command = f"COPY playlist_snapshots ({', '.join(_SNAPSHOT)}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(command) as copy:
        for snapshot in snapshots:
            copy.write_row([snapshot[name] for name in _SNAPSHOT])


def _snapshots(
    made: Made,
    ids: Mapping[int, int],
    tracks: Mapping[int, rendering.Row],
    revisions: Mapping[int, int],
    now: dt.datetime,
) -> Iterator[dict[str, Any]]:
    """Asks the database nothing: its connection is busy with the copy."""
    for key, number in ids.items():
        playlist = made.playlists[key]
        row = {
            "id": number,
            "playlist_id": key,
            "date": made.date,
            "revision_id": revisions.get(playlist.policy_id),
            "created_at": now,
        }
        if (built := made.lists.get(key)) is not None:
            yield row | _list(playlist, made.date, built, tracks)
        else:
            yield row | _NO_LIST | {"reason": made.held[key] or "The list could not be filled."}


_NO_LIST = {"state": "held", "digest": "", "size": 0, "relaxations": "[]", "funnel": "{}", "body": b""}


def _list(
    playlist: Playlist, date: dt.date, built: engine.BuiltList, tracks: Mapping[int, rendering.Row]
) -> dict[str, Any]:
    rows = [tracks[entry.track_id] for entry in built.entries]
    return {
        "state": "built",
        "digest": rendering.digest([row["spotify_id"] for row in rows]),
        "size": len(rows),
        "reason": "",
        "relaxations": rendering.dumps(built.relaxations),
        "funnel": rendering.dumps(built.funnel),
        "body": rendering.body(playlist, date, rows),
    }


def _newest_revisions(policy_ids: set[int]) -> dict[int, int]:
    rows = (
        PolicyRevision.objects.filter(policy__in=policy_ids).order_by("policy", "-number").distinct("policy")
    )
    return dict(rows.values_list("policy_id", "pk"))


# --- history


def added_at(date: dt.date, now: dt.datetime) -> dt.datetime:
    """The moment that history gives a list: now, moved to the list's own date where that is another."""
    return dt.datetime.combine(date, now.time(), tzinfo=dt.UTC)


def _copy_history(made: Made, ids: Mapping[int, int], now: dt.datetime) -> None:
    columns = "snapshot_id, playlist_id, track_id, spotify_track_id, position, batch_tag, added_at, reasons"
    command = f"COPY playlist_entries_history ({columns}) FROM STDIN"
    when = f"{made.date.isoformat()}\t{added_at(made.date, now).isoformat()}"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(command) as copy:
        for key, built in made.lists.items():
            copy.write("".join(lines(ids[key], key, built.entries, when)))


def lines(snapshot_id: int, playlist_id: int, entries: Sequence[engine.Entry], when: str) -> Iterator[str]:
    """Rows in COPY's text format, in which nothing but a backslash of the reasons needs escaping."""
    start = f"{snapshot_id}\t{playlist_id}\t"
    for entry in entries:
        reasons = rendering.dumps(entry.reasons).replace("\\", "\\\\")
        place = f"{entry.track_id}\t{entry.spotify_track_id}\t{entry.position}"
        yield f"{start}{place}\t{when}\t{reasons}\n"


# --- the net under the allocation


def _check_gap(date: dt.date, tracks: Sequence[int]) -> None:
    """None of these tracks of this date is used again within the gap. What a policy allowed in so many words
    (a relax step, a repeat, a pin, a scope narrower than the network) is marked and does not count."""
    gap = settings.MIN_REPEAT_GAP_DAYS - 1
    narrow = Playlist.objects.filter(policy__body__rotation__scope__in=["theme", "playlist"])
    exempt = list(narrow.values_list("pk", flat=True))
    values: dict[str, Any] = {
        "first": str(date - dt.timedelta(days=gap)),
        "last": str(date + dt.timedelta(days=gap)),
        "date": str(date),
        "tracks": "{" + ",".join(map(str, tracks)) + "}",
        "exempt": exempt,
    }
    with connection.cursor() as cursor:
        cursor.execute(_REPEATS, values)
        repeats = cursor.fetchone()[0]
    if repeats:
        lie = plurals.verb(repeats, "lies", "lie")
        raise GapBroken(
            f"{plurals.counted(repeats, 'track')} used on {date} {lie} within "
            f"{plurals.counted(gap, 'day')} of another use: nothing was written."
        )


# One pass over the days around: joining the day with itself is at the mercy of statistics, which know nothing
# of a day that was written a moment ago, and once took minutes. The index alone tells which tracks were used
# twice; only of those, and there should be none, are the reasons read.
_REPEATS = """
WITH twice AS MATERIALIZED (
       SELECT track_id FROM playlist_entries_history
        WHERE batch_tag BETWEEN %(first)s AND %(last)s AND track_id = ANY(%(tracks)s::bigint[])
        GROUP BY track_id HAVING count(*) > 1)
SELECT count(*) FROM (
       SELECT FROM playlist_entries_history
        WHERE track_id = ANY(ARRAY(SELECT track_id FROM twice))
          AND batch_tag BETWEEN %(first)s AND %(last)s
          AND NOT reasons ?| array['relaxed', 'repeat', 'pinned']
          AND playlist_id <> ALL(%(exempt)s::bigint[])
        GROUP BY track_id
       HAVING count(*) > 1 AND bool_or(batch_tag = %(date)s)) AS repeated
"""
