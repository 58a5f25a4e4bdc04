"""Where an artist is played: tracks, the places in the lists that are up, and the last uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from accounts import plurals
from playlists.models import HistoryEntry

SHOWN = 10


@dataclass(frozen=True)
class Uses:
    """How many tracks an artist has, and how many places they hold in how many lists that are up now."""

    tracks: int
    places: int
    lists: int

    def sentence(self) -> str:
        tracks = plurals.counted(self.tracks, "track")
        places, lists = plurals.counted(self.places, "place"), plurals.counted(self.lists, "list")
        return f"{tracks}; {places} in {lists} now."


def of(artist_id: str) -> Uses:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"artist": [artist_id]})
        return Uses(*cursor.fetchone())


# The list that is up is a playlist's newest.
_COUNTED = """
    WITH own AS MATERIALIZED (SELECT id FROM tracks WHERE artist_ids && %(artist)s::varchar[])
    SELECT (SELECT count(*) FROM own), count(entry.id), count(DISTINCT entry.playlist_id)
    FROM playlists
    JOIN LATERAL (
        SELECT id FROM playlist_snapshots WHERE playlist_id = playlists.id AND state = 'built'
        ORDER BY date DESC LIMIT 1
    ) AS up ON true
    JOIN playlist_entries_history AS entry ON entry.snapshot_id = up.id
    WHERE playlists.status = 'active' AND entry.track_id IN (SELECT id FROM own)
"""


def last(artist_id: str) -> Sequence[HistoryEntry]:
    """The newest places first. One query."""
    theirs = HistoryEntry.objects.filter(track__artist_ids__overlap=[artist_id])
    return list(theirs.select_related("track", "playlist").order_by("-batch_tag", "-pk")[:SHOWN])
