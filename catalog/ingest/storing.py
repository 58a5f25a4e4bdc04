"""Store whole albums: sorted upserts in one transaction, fenced by the claim; no needless write."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from catalog.genres import on_tracks
from catalog.ingest import mapping
from catalog.ingest.fetching import Details, Fetched

# ruff: noqa: S608 - the SQL is put together from the column names of this module alone

# The columns as PostgreSQL reads them out of one JSON parameter: one statement a table.
_ALBUM_COLUMNS = {
    "spotify_id": "text", "name": "text", "artist": "text", "artist_ids": "text[]", "release_date": "text",
    "release_date_precision": "text", "released_on": "date", "album_type": "text", "total_tracks": "int",
    "label": "text", "popularity": "smallint", "upc": "text", "genres": "text[]", "image_url": "text",
    "name_folded": "text", "label_folded": "text", "genres_folded": "text[]", "genre_keys": "text[]",
    "taxonomy": "text", "words": "text",
}  # fmt: skip
_ARTIST_COLUMNS = {"spotify_id": "text", "name": "text", "words": "text"}
_TRACK_COLUMNS = {
    "spotify_id": "text", "name": "text", "artist": "text", "artist_ids": "text[]", "artist_names": "text[]",
    "isrc": "text", "popularity": "smallint", "explicit": "bool", "duration_ms": "int",
    "disc_number": "smallint", "track_number": "int", "is_playable": "bool", "version": "text",
    "recording_key": "text", "is_interlude": "bool", "season": "text", "name_folded": "text",
    "artist_names_folded": "text[]", "artist_key": "text", "words": "text",
}  # fmt: skip

_ARTIST_BLANKS = {
    "genres": "'{}'", "tags": "'{}'", "genres_folded": "'{}'", "tags_reason": "''", "country": "''",
    "qid": "''", "mbid": "''",
}  # fmt: skip

# What development mode leaves out must not erase what extended mode once told.
_KEPT = "coalesce(excluded.{0}, {1}.{0})"
_ALBUM_NEWS = {name: _KEPT.format(name, "albums") for name in ("label", "popularity", "upc")}
_ALBUM_NEWS["label_folded"] = "coalesce(nullif(excluded.label_folded, ''), albums.label_folded)"
# A track on two albums stays on the one that brought it first; else each re-read would move it.
_HERE = "CASE WHEN tracks.album_id = excluded.album_id THEN excluded.{0} ELSE tracks.{0} END"
_TRACK_NEWS = {
    "isrc": _KEPT.format("isrc", "tracks"),
    "popularity": _KEPT.format("popularity", "tracks"),
    "recording_key": "CASE WHEN excluded.isrc IS NULL AND tracks.isrc IS NOT NULL"
    " THEN tracks.recording_key ELSE excluded.recording_key END",
    "disc_number": _HERE.format("disc_number"),
    "track_number": _HERE.format("track_number"),
    # The album's name has a say in these.
    "version": _HERE.format("version"),
    "season": _HERE.format("season"),
    "gone_at": "NULL",
}


def _updates(table: str, columns: dict[str, str], news: dict[str, str], also: str = "") -> str:
    """The ON CONFLICT part: set what Spotify tells now, and only where that differs."""
    told = {name: f"excluded.{name}" for name in columns if name != "spotify_id"} | news
    sets = ", ".join(f"{name} = {value}" for name, value in told.items())
    old, new = ", ".join(f"{table}.{name}" for name in told), ", ".join(told.values())
    return f"ON CONFLICT (spotify_id) DO UPDATE SET {sets}{also} WHERE ({old}) IS DISTINCT FROM ({new})"


def _given(columns: dict[str, str]) -> str:
    named = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"json_to_recordset(%s::json) AS given ({named})"


_STORE_ALBUMS = f"""
    INSERT INTO albums ({", ".join(_ALBUM_COLUMNS)}, tags, fetched_at)
    SELECT {", ".join(_ALBUM_COLUMNS)}, '{{}}', %s FROM {_given(_ALBUM_COLUMNS)} ORDER BY spotify_id
    {_updates("albums", _ALBUM_COLUMNS, _ALBUM_NEWS, ", fetched_at = excluded.fetched_at")}
"""
# Sorted, and each is locked even where nothing changes: who writes an artist's genres meanwhile waits, and
# then finds these tracks too.
_STORE_ARTISTS = f"""
    INSERT INTO artists AS kept ({", ".join(_ARTIST_COLUMNS)}, {", ".join(_ARTIST_BLANKS)})
    SELECT {", ".join(_ARTIST_COLUMNS)}, {", ".join(_ARTIST_BLANKS.values())} FROM {_given(_ARTIST_COLUMNS)}
    ORDER BY spotify_id
    ON CONFLICT (spotify_id) DO UPDATE SET name = excluded.name, words = excluded.words
    WHERE excluded.name <> '' AND kept.name <> excluded.name
"""
_STORE_TRACKS = f"""
    INSERT INTO tracks ({", ".join(_TRACK_COLUMNS)}, album_id, added_at)
    SELECT {", ".join(f"given.{name}" for name in _TRACK_COLUMNS)}, albums.id, %s
    FROM {_given({**_TRACK_COLUMNS, "album": "text"})} JOIN albums ON albums.spotify_id = given.album
    ORDER BY given.spotify_id
    {_updates("tracks", _TRACK_COLUMNS, _TRACK_NEWS)}
"""
_STORE_LINKS = f"""
    INSERT INTO album_track_map (album_source_id, track_id)
    SELECT given.source, tracks.id
    FROM {_given({"source": "bigint", "track": "text"})} JOIN tracks ON tracks.spotify_id = given.track
    ORDER BY given.source, tracks.id
    ON CONFLICT DO NOTHING
"""
# What a source brought once and its whole album lists no more; a track that nobody else lists is gone.
_DROP = f"""
    WITH dropped AS (
        DELETE FROM album_track_map AS link USING tracks
        WHERE link.album_source_id = ANY(%s) AND tracks.id = link.track_id AND NOT EXISTS (
            SELECT 1 FROM {_given({"source": "bigint", "track": "text"})}
            WHERE given.source = link.album_source_id AND given.track = tracks.spotify_id
        )
        RETURNING link.id, link.track_id
    )
    UPDATE tracks SET gone_at = %s FROM (SELECT DISTINCT track_id FROM dropped) AS left_out
    WHERE tracks.id = left_out.track_id AND gone_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM album_track_map AS other
        WHERE other.track_id = tracks.id AND other.id NOT IN (SELECT id FROM dropped)
    )
"""
_FINISH = f"""
    UPDATE album_sources AS source
    SET status = 'ingested', album_id = albums.id, ingested_at = %s, failure_reason = '', claim = NULL,
        claimed_until = NULL, not_before = NULL
    FROM {_given({"source": "bigint", "album": "text"})} JOIN albums ON albums.spotify_id = given.album
    WHERE source.id = given.source
"""
_HOLD = "SELECT id FROM album_sources WHERE id = ANY(%s) AND claim = %s ORDER BY id FOR UPDATE"


def store(claim: uuid.UUID, fetched: Sequence[Fetched], details: Details, *, now: dt.datetime) -> int:
    """Write the albums that `claim` still holds, their tracks and links, and mark their sources ingested.

    All or nothing; another worker's claim is never touched. Returns the number of albums. Raises DataError
    and IntegrityError where the database refuses a value.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [[one.claimed.source_id for one in fetched], claim])
        held = {source_id for (source_id,) in cursor.fetchall()}
        mine = [one for one in fetched if one.claimed.source_id in held]
        if mine:
            _write(cursor, mine, details, now)
    return len(mine)


def _write(cursor: Any, mine: Sequence[Fetched], details: Details, now: dt.datetime) -> None:
    albums = {one.album.spotify_id: mapping.album_row(one.album) for one in mine}
    tracks = {
        track.spotify_id: mapping.track_row(track, one.album, details)
        for one in mine
        for track in one.album.tracks
    }
    pairs = [
        {"source": one.claimed.source_id, "track": track.spotify_id}
        for one in mine
        for track in one.album.tracks
    ]
    sources = [{"source": one.claimed.source_id, "album": one.album.spotify_id} for one in mine]
    cursor.execute(_STORE_ALBUMS, [now, _json(list(albums.values()))])
    cursor.execute(_STORE_ARTISTS, [_json(list(mapping.artist_rows(one.album for one in mine).values()))])
    cursor.execute(_STORE_TRACKS, [now, _json(list(tracks.values()))])
    on_tracks.refresh(list(tracks))
    cursor.execute(_STORE_LINKS, [_json(pairs)])
    if whole := [one.claimed.source_id for one in mine if len(one.album.tracks) == one.album.total_tracks]:
        cursor.execute(_DROP, [whole, _json(pairs), now])
    cursor.execute(_FINISH, [now, _json(sources)])


def _json(values: list[dict[str, Any]]) -> str:
    return orjson.dumps(values).decode()
