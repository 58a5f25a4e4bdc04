"""The day's lists: one allocation for the whole network, in one transaction and under one lock, written once.

Parallel builds would use a track twice on a day, so there are none. A list that exists is never rewritten; a
playlist that can not be filled is held: its snapshot says why, and what is on Spotify stays as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet

from curation import engine, policy
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

    def sentence(self) -> str:
        if self.note:
            return self.note
        why = "; ".join(dict.fromkeys(self.held.values()))
        return f"{len(self.built):,} lists built, {len(self.held):,} held. {why}".strip()


def build(
    date: dt.date, *, playlist_id: int | None = None, now: dt.datetime, dry_run: bool = False
) -> Outcome:
    """Lists for every active playlist that has none on this date, or for one of them. Raises locks.Busy."""
    with transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        waiting, existing = _waiting(date, playlist_id)
        outcome = Outcome(date, existing=existing)
        if not waiting:
            outcome.note = (
                "Every active playlist has its list." if existing else "There is no active playlist."
            )
            return outcome
        demands = _demands(waiting, outcome)
        result = engine.day(
            demands,
            usage=usage_of(demands, date),
            today=date,
            count=settings.TRACKS_PER_PLAYLIST,
            gap_days=settings.MIN_REPEAT_GAP_DAYS,
        )
        outcome.lists = dict(result.lists)
        outcome.built = list(result.lists)
        outcome.held |= {key: short.sentence for key, short in result.short.items()}
        if not dry_run:
            _write(date, {one.pk: one for one in waiting}, outcome, now)
            _check_gap(date)
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
    """{track id: date of the use nearest to the day}; two queries, of which the second is empty on the newest
    day."""
    tag = date.isoformat()
    before = entries.filter(batch_tag__lte=tag).values_list("track_id").annotate(Max("batch_tag"))
    after = entries.filter(batch_tag__gt=tag).values_list("track_id").annotate(Min("batch_tag"))
    nearest = {track: dt.date.fromisoformat(day) for track, day in before.iterator(chunk_size=20_000)}
    for track, day in after.iterator(chunk_size=20_000):
        later = dt.date.fromisoformat(day)
        if track not in nearest or later - date < date - nearest[track]:
            nearest[track] = later
    return nearest


def _write(date: dt.date, playlists: Mapping[int, Playlist], outcome: Outcome, now: dt.datetime) -> None:
    retried = Snapshot.objects.filter(date=date, playlist__in=playlists, state=Snapshot.State.HELD)
    _forget_held(retried)
    revisions = _newest_revisions({one.policy_id for one in playlists.values()})
    tracks = rendering.tracks_of(entry.track_id for made in outcome.lists.values() for entry in made.entries)
    snapshots = Snapshot.objects.bulk_create(
        [_built(playlists[key], date, made, tracks, revisions, now) for key, made in outcome.lists.items()]
        + [_held(playlists[key], date, reason, revisions, now) for key, reason in outcome.held.items()]
    )
    _copy_history([one for one in snapshots if one.state == Snapshot.State.BUILT], outcome, date, now)


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


def _copy_history(snapshots: Sequence[Snapshot], outcome: Outcome, date: dt.date, now: dt.datetime) -> None:
    """COPY: a network of 2,857 lists is 143,000 rows."""
    columns = "snapshot_id, playlist_id, track_id, spotify_track_id, position, batch_tag, reasons, added_at"
    moment, tag = added_at(date, now), date.isoformat()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY playlist_entries_history ({columns}) FROM STDIN") as copy,
    ):
        for snapshot in snapshots:
            for entry in outcome.lists[snapshot.playlist_id].entries:
                copy.write_row((
                    snapshot.pk, snapshot.playlist_id, entry.track_id, entry.spotify_track_id, entry.position,
                    tag, rendering.dumps(entry.reasons), moment,
                ))  # fmt: skip


def _check_gap(date: dt.date) -> None:
    """The net under the allocation: no track of this date is used again within the gap. What a policy allowed
    in so many words (a relax step, a repeat, a pin, a scope narrower than the network) is marked and does not
    count."""
    gap = settings.MIN_REPEAT_GAP_DAYS - 1
    narrow = Playlist.objects.filter(policy__body__rotation__scope__in=["theme", "playlist"])
    exempt = list(narrow.values_list("pk", flat=True))
    first, last = str(date - dt.timedelta(days=gap)), str(date + dt.timedelta(days=gap))
    repeats = _ask(_REPEATS, [first, last, str(date), exempt, exempt])
    if repeats:
        raise GapBroken(
            f"{repeats} uses of a track on {date} lie within {gap} days of another: nothing was written."
        )


_REPEATS = """
SELECT count(*)
  FROM playlist_entries_history AS today
  JOIN playlist_entries_history AS other
    ON other.track_id = today.track_id AND other.id <> today.id AND other.batch_tag BETWEEN %s AND %s
 WHERE today.batch_tag = %s
   AND NOT today.reasons ?| array['relaxed', 'repeat', 'pinned']
   AND NOT other.reasons ?| array['relaxed', 'repeat', 'pinned']
   AND today.playlist_id <> ALL(%s::bigint[]) AND other.playlist_id <> ALL(%s::bigint[])
"""


def _ask(sql: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]
