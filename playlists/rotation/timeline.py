"""The time machine: any playlist as of any day, two days compared, where a track has been, a day brought
back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts import plurals
from catalog.models import Track
from playlists import locks
from playlists.models import HistoryEntry, Playlist, PlaylistCopy, Snapshot
from playlists.rotation import recording, rendering


class NotRestorable(Exception):
    """The day can not be brought back; the message says why."""


@dataclass(frozen=True)
class Difference:
    """What changed between two lists, as track ids in list order; moved: {track: (place before, place
    after)}."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    moved: dict[str, tuple[int, int]]
    stayed: tuple[str, ...]


@dataclass(frozen=True)
class RestorePreview:
    """What bringing a list back would do, before it is done."""

    source: Snapshot
    on: dt.date
    replaces: bool
    came: int
    went: int
    early: int
    copies: int

    def sentence(self) -> str:
        now = f"The list of {self.source.date} becomes the list of {self.on}"
        now += ", in place of the one that is up: " if self.replaces else ": "
        come, go = plurals.verb(self.came, "comes", "come"), plurals.verb(self.went, "goes", "go")
        change = f"{plurals.counted(self.came, 'track')} {come} and {self.went} {go}. "
        were = plurals.verb(self.early, "was", "were")
        rest = (
            f"{self.early} of its tracks {were} used within the repeat gap and will be heard early. "
            if self.early
            else ""
        )
        copies, are = plurals.counted(self.copies, "copy"), plurals.verb(self.copies, "is", "are")
        return f"{now}{change}{rest}{copies} {are} written again with the next sync."


def as_of(playlist: Playlist, date: dt.date) -> Snapshot | None:
    """The list that was up on this day: that day's, or the newest before it."""
    lists = playlist.snapshots.built().filter(date__lte=date)
    return lists.defer("body", "funnel").newest_first().first()


def days(playlist: Playlist, until: dt.date, count: int) -> list[Snapshot]:
    """The days up to one, newest first: built, held and replaced ones, without their bodies."""
    kept = playlist.snapshots.filter(date__lte=until).defer("body", "funnel", "relaxations")
    return list(kept.order_by("-date", "-id")[:count])


def difference(before: Sequence[str], after: Sequence[str]) -> Difference:
    """Pure: both lists hold each track once."""
    was = {track: place for place, track in enumerate(before, start=1)}
    now = {track: place for place, track in enumerate(after, start=1)}
    return Difference(
        came=tuple(track for track in after if track not in was),
        went=tuple(track for track in before if track not in now),
        moved={track: (was[track], place) for track, place in now.items() if was.get(track, place) != place},
        stayed=tuple(track for track, place in now.items() if was.get(track) == place),
    )


def whereabouts(track: Track, *, most: int = 100) -> list[dict[str, Any]]:
    """The uses of a track, newest first: {"date", "playlist", "position"}. One query by its index."""
    uses = (
        HistoryEntry.objects.filter(track=track)
        .select_related("playlist")
        .order_by("-batch_tag", "-id")[:most]
    )
    return [{"date": use.batch_tag, "playlist": use.playlist, "position": use.position} for use in uses]


def outlook(playlist: Playlist, source: dt.date, *, on: dt.date) -> RestorePreview:
    """What `restore` would do. Raises NotRestorable as it would."""
    old, up = _source(playlist, source, on), as_of(playlist, on)
    of = HistoryEntry.objects.of
    change = difference(of(up).spotify_ids(), of(old).spotify_ids())
    return RestorePreview(
        source=old,
        on=on,
        replaces=up is not None and up.date == on,
        came=len(change.came),
        went=len(change.went),
        early=_early(old, on).count(),
        copies=PlaylistCopy.objects.wanted().live().filter(playlist=playlist).count(),
    )


def _early(old: Snapshot, on: dt.date) -> QuerySet[HistoryEntry, Any]:
    """The tracks of a list that were used, anywhere and in any list but this, too close to the day."""
    gap = dt.timedelta(days=settings.MIN_REPEAT_GAP_DAYS - 1)
    near = HistoryEntry.objects.filter(batch_tag__range=(str(on - gap), str(on + gap)))
    tracks = HistoryEntry.objects.filter(snapshot=old).values("track")
    return near.filter(track__in=tracks).order_by().values("track").distinct()


def restore(
    playlist: Playlist, source: dt.date, *, on: dt.date, by: str, reason: str, now: dt.datetime
) -> Snapshot:
    """Bring the list that was up on `source` back as a new list of `on`; it is synced like any other.

    A list of `on` that is there already is replaced and stays for the record: what was up was heard, so its
    tracks rest. Tracks of the new list that have not rested are marked as relaxed, since a person decided it.
    Raises NotRestorable where there is nothing to bring back or a track can not be played."""
    with transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        old = _source(playlist, source, on)
        entries = list(HistoryEntry.objects.of(old))
        why = f"{by} brought the list of {old.date} back: {reason}"
        taken = Snapshot.objects.filter(playlist=playlist, date=on)
        taken.filter(state=Snapshot.State.HELD).delete()
        taken.filter(state=Snapshot.State.BUILT).update(state=Snapshot.State.REPLACED, reason=why)
        return _write(playlist, old, entries, on, why, now)


def _source(playlist: Playlist, source: dt.date, on: dt.date) -> Snapshot:
    old = as_of(playlist, source)
    if old is None:
        raise NotRestorable(f"{playlist} had no list on {source}: choose a later day.")
    if playlist.status == Playlist.Status.RETIRED:
        raise NotRestorable(f"{playlist} is retired: make it active again first.")
    up = as_of(playlist, on)
    if up is not None and up.digest == old.digest:
        raise NotRestorable(f"The list of {old.date} is the one that is up on {on}: nothing would change.")
    _refuse_unusable(HistoryEntry.objects.of(old))
    return old


def _refuse_unusable(entries: Iterable[HistoryEntry]) -> None:
    kept = list(entries)
    usable = set(
        Track.objects.usable().filter(pk__in=[one.track_id for one in kept]).values_list("pk", flat=True)
    )
    if gone := [one.spotify_track_id for one in kept if one.track_id not in usable]:
        raise NotRestorable(
            f"{len(gone)} of its tracks can not be played any more, {gone[0]} among them: choose another day."
        )


def _write(
    playlist: Playlist,
    old: Snapshot,
    entries: Sequence[HistoryEntry],
    on: dt.date,
    why: str,
    now: dt.datetime,
) -> Snapshot:
    tracks = rendering.tracks_of(entry.track_id for entry in entries)
    rows = [tracks[entry.track_id] for entry in entries]
    made = Snapshot.objects.create(
        playlist=playlist,
        date=on,
        state=Snapshot.State.BUILT,
        revision_id=old.revision_id,
        digest=rendering.digest([row["spotify_id"] for row in rows]),
        size=len(rows),
        reason=why,
        body=rendering.body(playlist, on, rows),
        restored_from=old.date,
        created_at=now,
    )
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            snapshot=made,
            playlist=playlist,
            track_id=entry.track_id,
            spotify_track_id=entry.spotify_track_id,
            position=entry.position,
            batch_tag=on.isoformat(),
            reasons={"relaxed": [f"the list of {old.date} brought back"]},
            added_at=recording.added_at(on, now),
        )
        for entry in entries
    )
    return made
