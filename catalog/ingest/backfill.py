"""Work out the columns that Python makes of names and titles in rows that older code wrote without them.

The migration that brought the columns runs this over the whole catalogue; each enrichment looks once more,
because a worker of the version before may still have written while it ran.
"""

from __future__ import annotations

from typing import Any

import orjson
from django.db import connection, transaction

from catalog import names
from catalog.ingest import mapping, recordings

ROWS_AT_ONCE = 2000

# Rows that somebody writes at this moment are left for the next round: nobody waits for us, nor we for them.
_ALBUMS = """
    SELECT id, name, artist, label, genres, tags, release_date FROM albums WHERE name_folded IS NULL
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_TRACKS = """
    SELECT tracks.id, tracks.name, tracks.artist, tracks.artist_ids, artist_names, isrc, duration_ms,
        albums.name
    FROM tracks JOIN albums ON albums.id = album_id WHERE tracks.name_folded IS NULL
    ORDER BY tracks.id LIMIT %s FOR UPDATE OF tracks SKIP LOCKED
"""
_SET_ALBUMS = """
    UPDATE albums SET name_folded = given.name_folded, label_folded = given.label_folded, words = given.words,
        genres_folded = given.genres_folded, tags_folded = given.tags_folded, released_on = given.released_on
    FROM json_to_recordset(%s::json) AS given (id bigint, name_folded text, label_folded text, words text,
        genres_folded text[], tags_folded text[], released_on date)
    WHERE albums.id = given.id
"""
_SET_TRACKS = """
    UPDATE tracks SET name_folded = given.name_folded, artist_names_folded = given.artist_names_folded,
        artist_key = given.artist_key, words = given.words, version = given.version,
        is_interlude = given.is_interlude, season = given.season, recording_key = given.recording_key
    FROM json_to_recordset(%s::json) AS given (id bigint, name_folded text, artist_names_folded text[],
        artist_key text, words text, version text, is_interlude bool, season text, recording_key text)
    WHERE tracks.id = given.id
"""


def complete() -> int:
    """Work out what is missing, a batch a transaction; how many albums and tracks."""
    done = 0
    for read, write, work in ((_ALBUMS, _SET_ALBUMS, _album), (_TRACKS, _SET_TRACKS, _track)):
        while count := _batch(read, write, work):
            done += count
    return done


def _batch(read: str, write: str, work: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(read, [ROWS_AT_ONCE])
        found = cursor.fetchall()
        if found:
            cursor.execute(write, [orjson.dumps([work(*row) for row in found]).decode()])
    return len(found)


def _album(
    key: int, name: str, artist: str, label: str | None, genres: list[str], tags: list[str], date: str
) -> dict[str, Any]:
    told = mapping.told_of_album(name=name, artist=artist, label=label, genres=genres)
    tagged = [names.folded(tag) for tag in tags]
    return {"id": key, **told, "tags_folded": tagged, "released_on": mapping.first_day(date)}


def _track(
    key: int,
    name: str,
    artist: str,
    artist_ids: list[str],
    artist_names: list[str],
    isrc: str | None,
    duration_ms: int,
    album: str,
) -> dict[str, Any]:
    told = mapping.told_of_track(
        name=name, artist=artist, artist_names=artist_names, album=album, duration_ms=duration_ms
    )
    singer = mapping.singer(artist, artist_ids)
    return {
        "id": key,
        **told,
        "recording_key": recordings.recording_key(isrc=isrc, title=name, artist=singer),
    }
