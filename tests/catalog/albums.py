"""Made-up albums as the gateway hands them over, for tests of what is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts.spotify import payloads

ARTIST = payloads.Artist("0du5cEVh5yTK9QJze8zA0C", "Somebody")


def spotify_id(number: int, kind: int = 1) -> str:
    return f"{kind}{number:021d}"


def track(number: int, **changes: Any) -> payloads.Track:
    plain = payloads.Track(
        spotify_id=spotify_id(number, 2),
        name=f"Track {number}",
        artists=(ARTIST,),
        duration_ms=200_000,
        explicit=False,
        disc_number=1,
        track_number=number,
        is_playable=True,
        isrc=None,
        popularity=None,
        linked_from_id=None,
    )
    return replace(plain, **changes)


def album(number: int, *, tracks: int = 3, **changes: Any) -> payloads.Album:
    """Album `number` with tracks number*100, number*100 + 1, ..."""
    plain = payloads.Album(
        spotify_id=spotify_id(number),
        name=f"Album {number}",
        artists=(ARTIST,),
        release_date="1999-05",
        release_date_precision="month",
        album_type="album",
        total_tracks=tracks,
        label="A label",
        popularity=50,
        upc="0123456789012",
        genres=(),
        image_url="https://i.scdn.co/image/x",
        tracks=tuple(track(number * 100 + place, track_number=place + 1) for place in range(tracks)),
        restricted=False,
    )
    return replace(plain, **changes)
