"""A list as the public API answers it, rendered once when it is written, and the hash of its content."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from catalog.models import Track
from playlists.models import Playlist
from playlists.rotation import naming

Row = dict[str, Any]


def digest(track_ids: Sequence[str]) -> str:
    """sha256 of the ordered uris: equal means that nothing needs to be written to Spotify."""
    return hashlib.sha256("\n".join(f"spotify:track:{one}" for one in track_ids).encode()).hexdigest()


def tracks_of(ids: Iterable[int]) -> dict[int, Row]:
    """{track id: what the public sees of it}, in one query."""
    wanted = "{" + ",".join(map(str, set(ids))) + "}"  # one parameter: a day's lists are up to 143,000
    is_wanted = RawSQL("tracks.id = ANY(%s::bigint[])", [wanted], output_field=BooleanField())
    rows = Track.objects.filter(is_wanted).values_list(
        "pk", "spotify_id", "name", "artist", "artist_names", "album__name", "album__spotify_id",
        "album__image_url", "duration_ms", "explicit",
    )  # fmt: skip
    return {row[0]: _row(*row[1:]) for row in rows}


def _row(
    spotify_id: str,
    title: str,
    artist: str,
    artists: list[str],
    album: str,
    album_id: str,
    image_url: str,
    duration_ms: int,
    explicit: bool,
) -> Row:
    return {
        "spotify_id": spotify_id,
        "title": title,
        "artist": artist,
        "artists": artists or [artist],
        "album": album,
        "album_spotify_id": album_id,
        "image_url": image_url or None,
        "duration_ms": duration_ms,
        "explicit": explicit,
        "external_url": f"https://open.spotify.com/track/{spotify_id}",
    }


def body(playlist: Playlist, date: dt.date, rows: Sequence[Row]) -> bytes:
    """The answer of /public/playlists/{id}/tracks for this day, ready to send."""
    return orjson.dumps(
        {
            "playlist": {
                "id": playlist.public_id,
                "name": playlist.name,
                "theme_tag": playlist.theme_tag,
                "number": playlist.global_index,
            },
            "title": naming.name(theme_tag=playlist.theme_tag, global_index=playlist.global_index, date=date),
            "date": date.isoformat(),
            "size": len(rows),
            "duration_ms": sum(row["duration_ms"] for row in rows),
            "tracks": [{"position": number} | row for number, row in enumerate(rows, start=1)],
        }
    )


def dumps(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
