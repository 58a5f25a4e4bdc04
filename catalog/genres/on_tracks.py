"""What tracks keep of the genres of their artists and their album, brought up to date whenever these change.

Two columns, both null where nothing is known: `genre_keys`, found with `&&`, and `genre_labels`, as written.
Who changes an artist's genres holds its row first, then the tracks' rows, each by Spotify id, as ingest does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import connection, transaction

from catalog import names
from catalog.genres import taxonomy

# ruff: noqa: S608 - the SQL is put together from the pieces of this module alone

ROWS_AT_ONCE = 500

_REFRESH = """
    UPDATE tracks SET genre_keys = told.keys, genre_labels = told.labels
    FROM (
        SELECT track.id, ({keys}) AS keys, NULLIF(ARRAY({labels}), '{{}}') AS labels
        FROM tracks AS track JOIN albums ON albums.id = track.album_id WHERE track.spotify_id = ANY(%s)
    ) AS told
    WHERE tracks.id = told.id
      AND (tracks.genre_keys, tracks.genre_labels) IS DISTINCT FROM (told.keys, told.labels)
""".format(
    keys="""
        SELECT array_agg(DISTINCT key COLLATE "C" ORDER BY key COLLATE "C") FROM (
            SELECT unnest(artists.genre_keys) FROM artists WHERE artists.spotify_id = ANY(track.artist_ids)
            UNION ALL SELECT unnest(albums.genre_keys)
        ) AS known (key)""",
    # The first artist's first; hyphen and space are one.
    labels="""
        SELECT replace(label, '-', ' ') FROM (
            SELECT label, 1000 * array_position(track.artist_ids, artists.spotify_id) + place
            FROM artists, unnest(artists.genres_folded) WITH ORDINALITY AS own (label, place)
            WHERE artists.spotify_id = ANY(track.artist_ids)
            UNION ALL
            SELECT label, 1000000 + place
            FROM unnest(albums.genres_folded) WITH ORDINALITY AS own (label, place)
        ) AS known (label, place) GROUP BY 1 ORDER BY min(place)""",
)
_HOLD = """
    SELECT spotify_id FROM tracks WHERE artist_ids && %s::varchar[] ORDER BY spotify_id FOR NO KEY UPDATE
"""
_HOLD_OF_ALBUMS = """
    SELECT spotify_id FROM tracks WHERE album_id = ANY(%s) ORDER BY spotify_id FOR NO KEY UPDATE
"""


def refresh(track_ids: Sequence[str]) -> int:
    """Bring tracks up to date, by Spotify id; the caller's transaction holds their rows. How many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, [list(track_ids)])
        return int(cursor.rowcount)


def of_artists(artist_ids: Iterable[str]) -> int:
    """Bring all tracks of these artists up to date; the caller's transaction holds the artists' rows."""
    return _held_and_refreshed(_HOLD, list(artist_ids))


def expanded(labels: Iterable[str]) -> list[str]:
    """The names of these labels and of all above them, however they are written."""
    return taxonomy.expand(map(names.folded, labels))


# --- rows that were expanded under another version of the taxonomy, or by older code not at all

_STALE = """
    SELECT {columns} FROM {table}
    WHERE ({has_any}) AND taxonomy IS DISTINCT FROM %s ORDER BY {first} LIMIT {rows}
    FOR NO KEY UPDATE SKIP LOCKED
"""
_STALE_ARTISTS = _STALE.format(
    columns="id, genres || tags, spotify_id", table="artists", first="spotify_id", rows=ROWS_AT_ONCE,
    has_any="genres <> '{}' OR tags <> '{}'",
)  # fmt: skip
_STALE_ALBUMS = _STALE.format(
    columns="id, genres, id", table="albums", first="spotify_id", rows=ROWS_AT_ONCE, has_any="genres <> '{}'"
)
_EXPAND = """
    UPDATE {table} SET genre_keys = given.keys, taxonomy = %s
    FROM json_to_recordset(%s::json) AS given (id bigint, keys text[]) WHERE {table}.id = given.id
"""


def catch_up() -> int:
    """Expand again what another version of the taxonomy expanded, a batch a transaction; how many rows."""
    done = 0
    for table, stale, hold in (
        ("artists", _STALE_ARTISTS, _HOLD),
        ("albums", _STALE_ALBUMS, _HOLD_OF_ALBUMS),
    ):
        while count := _batch(stale, _EXPAND.format(table=table), hold):
            done += count
    return done


def _batch(stale: str, expand: str, hold: str) -> int:
    version = taxonomy.loaded().version
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(stale, [version])
        found = cursor.fetchall()
        if found:
            given = [{"id": key, "keys": expanded(labels)} for key, labels, _ in found]
            cursor.execute(expand, [version, orjson.dumps(given).decode()])
            _held_and_refreshed(hold, [whose for _, _, whose in found])
    return len(found)


def _held_and_refreshed(hold: str, whose: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(hold, [whose])
        return refresh([track_id for (track_id,) in cursor.fetchall()])
