"""Turn albums as Spotify tells them into rows that the tables accept. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.spotify import ids, payloads
from catalog import names, titles
from catalog.genres import taxonomy
from catalog.ingest import recordings
from catalog.names import NOBODY

# Longer names than this are no names; the artist index could not hold them.
LONGEST_NAME = 500
SMALLINT = 32767
# Spotify's three precisions; "0000", "1999-13" and "99" are no dates.
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


def album_row(album: payloads.Album) -> dict[str, Any]:
    """The columns of `albums`, all but the times."""
    name, artist, label = (
        _name(album.name, "Untitled album"),
        _main_artist(album.artists),
        _clipped(album.label),
    )
    genres = [genre[:100] for genre in album.genres]
    return {
        "spotify_id": album.spotify_id,
        "name": name,
        "artist": artist,
        "artist_ids": _artist_ids(album.artists),
        "release_date": _release_text(album),
        "release_date_precision": album.release_date_precision[:5],
        "released_on": first_day(_release_text(album)),
        "album_type": album.album_type[:20] or "album",
        "total_tracks": album.total_tracks,
        "label": label,
        "popularity": _percent(album.popularity),
        "upc": album.upc if album.upc and len(album.upc) <= 20 else None,
        "genres": genres,
        "genre_keys": taxonomy.expand(map(names.folded, genres)),
        "taxonomy": taxonomy.loaded().version,
        "image_url": album.image_url or "",
        **told_of_album(name=name, artist=artist, label=label, genres=genres),
    }


def track_row(
    track: payloads.Track, album: payloads.Album, details: Mapping[str, payloads.Track | None]
) -> dict[str, Any]:
    """The columns of `tracks`, all but the times; `details` are full tracks by id, for what albums leave out.

    `album` is the album's Spotify id. Tracks of an album that is locked in our market cannot be played.
    """
    full = details.get(track.spotify_id) or track
    name, artist = _name(track.name, "Untitled"), _main_artist(track.artists)
    artists = [one for one in track.artists if ids.is_id(one.spotify_id)]
    artist_names = [_name(one.name, NOBODY) for one in artists]
    isrc = _isrc(full.isrc or track.isrc)
    return {
        "spotify_id": track.spotify_id,
        "album": album.spotify_id,
        "name": name,
        "artist": artist,
        "artist_ids": [one.spotify_id for one in artists],
        "artist_names": artist_names,
        "isrc": isrc,
        "popularity": _percent(full.popularity),
        "explicit": track.explicit,
        "duration_ms": track.duration_ms,
        "disc_number": min(track.disc_number, SMALLINT),
        "track_number": track.track_number,
        "is_playable": track.is_playable and full.is_playable and not album.restricted,
        "recording_key": recordings.recording_key(
            isrc=isrc, title=name, artist=singer(artist, [one.spotify_id for one in artists])
        ),
        **told_of_track(
            name=name,
            artist=artist,
            artist_names=artist_names,
            album=album.name,
            duration_ms=track.duration_ms,
        ),
    }


def artist_rows(albums: Iterable[payloads.Album]) -> dict[str, dict[str, Any]]:
    """The columns of `artists` by id, of every artist of every track; the name is empty where none is."""
    rows: dict[str, dict[str, Any]] = {}
    for artist in (one for album in albums for track in album.tracks for one in track.artists):
        name = _name(artist.name, "")
        if ids.is_id(artist.spotify_id) and (name or artist.spotify_id not in rows):
            row = {"spotify_id": artist.spotify_id, "name": name, "words": names.words(name)}
            rows[artist.spotify_id] = row
    return rows


def told_of_album(*, name: str, artist: str, label: str | None, genres: Iterable[str]) -> dict[str, Any]:
    """The columns of `albums` that are worked out of others."""
    return {
        "name_folded": names.folded(name),
        "label_folded": names.folded(label or ""),
        "genres_folded": [names.folded(genre) for genre in genres],
        "words": names.words(f"{name} {artist}"),
    }


def told_of_track(
    *, name: str, artist: str, artist_names: Sequence[str], album: str, duration_ms: int
) -> dict[str, Any]:
    """The columns of `tracks` that are worked out of others."""
    told = titles.told(name, artists=[artist, *artist_names], album=album, duration_ms=duration_ms)
    return {
        "version": told.version,
        "is_interlude": told.is_interlude,
        "season": told.season,
        "name_folded": names.folded(name),
        "artist_names_folded": names.known(artist_names),
        "artist_key": names.key(artist),
        "words": names.words(" ".join([name, artist, *artist_names[1:]])),
    }


def singer(artist: str, artist_ids: Sequence[str]) -> str:
    """Who stands in a recording's key: the main artist, or the id of one who has no name."""
    return artist_ids[0] if artist == NOBODY and artist_ids else artist


def first_day(text: str) -> dt.date | None:
    """The first day that "1999", "1999-05" or "1999-05-01" can mean; None where it means no day."""
    if not _DATE.fullmatch(text):
        return None
    year, month, day = [*map(int, text.split("-")), 1, 1][:3]
    try:
        return dt.date(year, month, day)
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
