"""The time machine: any playlist as of any day, two days compared, where a track has been, a day brought
back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.models import Track
from playlists import locks, rendering, rotation
from playlists.models import HistoryEntry, Playlist, Snapshot


class NotRestorable(Exception):
    """The day can not be brought back; the message says why."""


@dataclass(frozen=True)
class Difference:
    """What changed between two lists, as track ids in list order."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    moved: tuple[str, ...]
    stayed: tuple[str, ...]


def as_of(playlist: Playlist, date: dt.date) -> Snapshot | None:
    """The list that was up on this day: that day's, or the newest before it."""
    return (
        playlist.snapshots.filter(state=Snapshot.State.BUILT, date__lte=date).order_by("-date", "-id").first()
    )


def tracks_of(snapshot: Snapshot) -> list[str]:
    entries = HistoryEntry.objects.filter(snapshot=snapshot).order_by("position")
    return list(entries.values_list("spotify_track_id", flat=True))


def difference(before: Sequence[str], after: Sequence[str]) -> Difference:
    """Pure: both lists hold each track once."""
    was = {track: place for place, track in enumerate(before)}
    now = set(after)
    return Difference(
        came=tuple(track for track in after if track not in was),
        went=tuple(track for track in before if track not in now),
        moved=tuple(track for place, track in enumerate(after) if track in was and was[track] != place),
        stayed=tuple(track for place, track in enumerate(after) if was.get(track) == place),
    )


def whereabouts(track: Track, *, most: int = 100) -> list[dict[str, Any]]:
    """The uses of a track, newest first: {"date", "playlist", "position"}. One query by its index."""
    uses = (
        HistoryEntry.objects.filter(track=track)
        .select_related("playlist")
        .order_by("-batch_tag", "-id")[:most]
    )
    return [{"date": use.batch_tag, "playlist": use.playlist, "position": use.position} for use in uses]


def restore(playlist: Playlist, source: dt.date, *, on: dt.date, by: str, now: dt.datetime) -> Snapshot:
    """Bring the list that was up on `source` back as the list of `on`, which must have none yet; it is synced
    like any other. Tracks that would not have rested are marked as relaxed, since a person decided it.

    Raises NotRestorable where there is nothing to bring back, the day is taken, or a track can not be
    played."""
    with transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        old = as_of(playlist, source)
        if old is None:
            raise NotRestorable(f"{playlist} had no list on {source}.")
        if Snapshot.objects.built().filter(playlist=playlist, date=on).exists():
            raise NotRestorable(f"{playlist} has its list of {on} already, and lists are never rewritten.")
        entries = list(HistoryEntry.objects.filter(snapshot=old).order_by("position"))
        _refuse_unusable(entries)
        Snapshot.objects.filter(playlist=playlist, date=on, state=Snapshot.State.HELD).delete()
        return _write(playlist, old, entries, on, by, now)


def _refuse_unusable(entries: Sequence[HistoryEntry]) -> None:
    usable = set(
        Track.objects.usable().filter(pk__in=[one.track_id for one in entries]).values_list("pk", flat=True)
    )
    if gone := [one.spotify_track_id for one in entries if one.track_id not in usable]:
        raise NotRestorable(f"{len(gone)} of its tracks can not be played any more, {gone[0]} among them.")


def _write(
    playlist: Playlist, old: Snapshot, entries: Sequence[HistoryEntry], on: dt.date, by: str, now: dt.datetime
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
        body=rendering.body(playlist, on, rows),
        restored_from=old.date,
        created_at=now,
    )
    why = {"relaxed": [f"The list of {old.date}, brought back by {by}."]}
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            snapshot=made,
            playlist=playlist,
            track_id=entry.track_id,
            spotify_track_id=entry.spotify_track_id,
            position=entry.position,
            batch_tag=on.isoformat(),
            reasons=why,
            added_at=rotation.added_at(on, now),
        )
        for entry in entries
    )
    return made
