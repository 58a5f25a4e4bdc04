"""The shapes of the time machine's endpoints: a playlist as of a day, a day brought back, a track's way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from rest_framework import serializers

from accounts.strict_input import bodies
from playlists.models import HistoryEntry, Playlist, Snapshot
from playlists.rotation import rendering, timeline


class Moved(serializers.Serializer[Any]):
    spotify_id = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class Row(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    spotify_id = serializers.CharField()
    title = serializers.CharField()
    artist = serializers.CharField()


class AsOf(serializers.Serializer[Any]):
    playlist = serializers.CharField()
    asked = serializers.DateField(help_text="the day that was asked for")
    date = serializers.DateField(help_text="the day of the list that was up then")
    restored_from = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    against = serializers.DateField(allow_null=True, help_text="the day of the list compared with")
    tracks = Row(many=True)
    came = serializers.ListField(child=serializers.CharField())
    went = serializers.ListField(child=serializers.CharField())
    moved = Moved(many=True)
    stayed = serializers.ListField(child=serializers.CharField())


class Restore(bodies.Body):
    from_date = bodies.Day(help_text="the day whose list comes back")
    date = bodies.Day(required=False, help_text="the day that gets it; today without it")
    reason = bodies.Text(max_length=300)
    dry_run = bodies.YesOrNo(default=False)


class Restored(serializers.Serializer[Any]):
    playlist = serializers.CharField()
    date = serializers.DateField()
    restored_from = serializers.DateField()
    dry_run = serializers.BooleanField()
    sentence = serializers.CharField()


class Use(serializers.Serializer[Any]):
    date = serializers.DateField()
    playlist = serializers.CharField()
    name = serializers.CharField()
    position = serializers.IntegerField()


class Whereabouts(serializers.Serializer[Any]):
    spotify_id = serializers.CharField()
    uses = Use(many=True)


def as_of(playlist: Playlist, asked: dt.date, shown: Snapshot, other: Snapshot | None) -> dict[str, Any]:
    ids = HistoryEntry.objects.of(shown).track_ids()
    tracks = rendering.tracks_of(ids)
    rows = [tracks[one] for one in ids]
    before = HistoryEntry.objects.of(other).spotify_ids()
    change = timeline.difference(before, [row["spotify_id"] for row in rows])
    return {
        "playlist": playlist.public_id,
        "asked": asked,
        "date": shown.date,
        "restored_from": shown.restored_from,
        "reason": shown.reason,
        "against": other.date if other else None,
        "tracks": [
            {"position": place} | {name: row[name] for name in ("spotify_id", "title", "artist")}
            for place, row in enumerate(rows, start=1)
        ],
        "came": change.came,
        "went": change.went,
        "moved": [
            {"spotify_id": one, "before": was, "after": now} for one, (was, now) in change.moved.items()
        ],
        "stayed": change.stayed,
    }


def whereabouts(spotify_id: str, uses: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "spotify_id": spotify_id,
        "uses": [
            {
                "date": use["date"],
                "playlist": use["playlist"].public_id,
                "name": use["playlist"].name,
                "position": use["position"],
            }
            for use in uses
        ],
    }


def restored(playlist: Playlist, outlook: timeline.RestorePreview, *, dry_run: bool) -> dict[str, Any]:
    return {
        "playlist": playlist.public_id,
        "date": outlook.on,
        "restored_from": outlook.source.date,
        "dry_run": dry_run,
        "sentence": outlook.sentence(),
    }
