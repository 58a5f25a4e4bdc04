"""Turn albums as Spotify tells them into rows that the tables accept. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.spotify import ids, payloads
from catalog.ingest import recordings

# Longer names than this are no names; the artist index could not hold them.
LONGEST_NAME = 500
SMALLINT = 32767
NOBODY = "Unknown artist"


def album_row(album: payloads.Album) -> dict[str, Any]:
    """The columns of `albums`, all but the times."""
    return {
        "spotify_id": album.spotify_id,
        "name": _name(album.name, "Untitled album"),
        "artist": _main_artist(album.artists),
        "artist_ids": _artist_ids(album.artists),
        "release_date": _release_text(album),
        "release_date_precision": album.release_date_precision[:5],
        "released_on": first_day(_release_text(album)),
        "album_type": album.album_type[:20] or "album",
        "total_tracks": album.total_tracks,
        "label": _clipped(album.label),
        "popularity": _percent(album.popularity),
        "upc": album.upc if album.upc and len(album.upc) <= 20 else None,
        "genres": [genre[:100] for genre in album.genres],
        "image_url": album.image_url or "",
    }


def track_row(
    track: payloads.Track, album: payloads.Album, details: Mapping[str, payloads.Track | None]
) -> dict[str, Any]:
    """The columns of `tracks`, all but the times; `details` are full tracks by id, for what albums leave out.

    `album` is the album's Spotify id. Tracks of an album that is locked in our market cannot be played.
    """
    full = details.get(track.spotify_id) or track
    artist = _main_artist(track.artists)
    isrc = _isrc(full.isrc or track.isrc)
    return {
        "spotify_id": track.spotify_id,
        "album": album.spotify_id,
        "name": _name(track.name, "Untitled"),
        "artist": artist,
        "artist_ids": _artist_ids(track.artists),
        "artist_names": [
            _name(artist.name, NOBODY) for artist in track.artists if ids.is_id(artist.spotify_id)
        ],
        "isrc": isrc,
        "popularity": _percent(full.popularity),
        "explicit": track.explicit,
        "duration_ms": track.duration_ms,
        "disc_number": min(track.disc_number, SMALLINT),
        "track_number": track.track_number,
        "is_playable": track.is_playable and full.is_playable and not album.restricted,
        "version": recordings.version(track.name, [artist.name for artist in track.artists]),
        "recording_key": recordings.recording_key(isrc=isrc, title=track.name, artist=artist),
    }


def first_day(text: str) -> dt.date | None:
    """The first day that "1999", "1999-05" or "1999-05-01" can mean; None where it means no day."""
    parts = [*text.split("-"), "1", "1"][:3]
    try:
        return dt.date(*(int(part) for part in parts))
    except ValueError:
        return None


def _release_text(album: payloads.Album) -> str:
    return album.release_date if len(album.release_date) <= 10 else ""


def _main_artist(artists: Iterable[payloads.Artist]) -> str:
    return next((_name(artist.name, NOBODY) for artist in artists), NOBODY)


def _artist_ids(artists: Iterable[payloads.Artist]) -> list[str]:
    return [artist.spotify_id for artist in artists if ids.is_id(artist.spotify_id)]


def _name(text: str, otherwise: str) -> str:
    return text.strip()[:LONGEST_NAME] or otherwise


def _clipped(text: str | None) -> str | None:
    return text[:LONGEST_NAME] if text else None


def _percent(value: int | None) -> int | None:
    return None if value is None else max(0, min(100, value))


def _isrc(text: str | None) -> str | None:
    return text if text and len(text) <= 15 else None
