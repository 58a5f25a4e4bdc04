"""How fast albums are stored: `.venv/bin/python -m benchmarks.ingest_store [ALBUMS]`.

Claim: at least 500 albums a second and at least 12 times row by row; parsing and storing take at most 5 % of
the time that Spotify's pace allows; reading unchanged albums again writes no row. The ceiling is COPY and one
INSERT .. ON CONFLICT of the very same rows.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import catalogues

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
PER_CALL = 20
SLOW_ALBUMS = 60
CALLS_PER_SECOND = 60 / 30
CLAIM = uuid.UUID(int=1)


def main(count: int) -> None:
    with catalogues.database():
        bodies = list(made_up(count))
        parse_seconds, told = timed(lambda: [parsed(*one) for one in bodies])
        albums = sum(len(found) for found, _ in told)
        tracks = sum(len(album.tracks) for found, _ in told for album in found)
        print(f"{albums} albums with {tracks} tracks")
        tell("parsed", albums, parse_seconds)
        store_seconds = stored(told)
        tell("stored", albums, store_seconds)
        again_seconds, written = stored_again(told)
        tell("unchanged", albums, again_seconds, f"{written} rows written")
        empty_tables()
        copy_seconds, _ = timed(lambda: copy_all(told))
        tell("bare COPY", albums, copy_seconds, f"ours is {copy_seconds / store_seconds:.0%} of it")
        few = told[: SLOW_ALBUMS // PER_CALL]
        slow_albums = sum(len(found) for found, _ in few)
        slow_seconds = stored_slowly(few)
        tell("row by row", slow_albums, slow_seconds)
    pace_seconds = (albums / PER_CALL + tracks / 50) / CALLS_PER_SECOND
    share = (parse_seconds + store_seconds) / pace_seconds
    print(f"parse and store take {share:.1%} of the {pace_seconds:,.0f} s that Spotify's pace allows")
    print(f"times row by row: {albums / store_seconds / (slow_albums / slow_seconds):.1f}")


def tell(what: str, albums: int, seconds: float, more: str = "") -> None:
    print(f"{what + ':':<12}{albums / seconds:8,.0f} albums/s  {more}")


def stored(told: list[Any]) -> float:
    """Seconds of the second time: the first seconds of a process are not like the others."""
    seconds = 0.0
    for _ in range(2):
        empty_tables()
        claimed = claim(told)
        seconds, _ = timed(lambda claimed=claimed: store(claimed))
    return seconds


def stored_again(told: list[Any]) -> tuple[float, int]:
    """Seconds to store the same once more, and the rows that were written for it."""
    before = versions()
    claimed = claim(told)
    seconds, _ = timed(lambda: store(claimed))
    return seconds, len(versions() ^ before)


def stored_slowly(told: list[Any]) -> float:
    empty_tables()
    claimed = claim(told)
    return timed(lambda: row_by_row(claimed))[0]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


# --- the input: Spotify's answers as text


def made_up(count: int) -> Iterator[tuple[str, list[str]]]:
    """(an answer with twenty albums, the answers with their tracks in fifties)."""
    from sandbox import bodies, server

    with server.serve(port=0, albums=count) as sandbox:
        world = sandbox.world
        items = [world.catalogue.album(number) for number in range(count) if world.catalogue.exists(number)]
        for start in range(0, len(items), PER_CALL):
            some = items[start : start + PER_CALL]
            full = [
                bodies.track(world, track, "US") for item in some for track in world.catalogue.tracks(item)
            ]
            albums = json.dumps({"albums": [bodies.album(world, item, "US") for item in some]})
            yield albums, [json.dumps({"tracks": full[at : at + 50]}) for at in range(0, len(full), 50)]


def parsed(albums: str, tracks: list[str]) -> tuple[list[Any], dict[str, Any]]:
    from accounts.spotify import payloads

    body = json.loads(albums)
    found = payloads.albums(body, [album["id"] for album in body["albums"]])
    details = {}
    for answer in map(json.loads, tracks):
        ids = [track["id"] for track in answer["tracks"]]
        details |= dict(zip(ids, payloads.tracks(answer, ids), strict=True))
    return [album for album in found if album], details


# --- the ways to store it


def claim(told: list[Any]) -> list[tuple[list[Any], dict[str, Any]]]:
    """The sources of the albums, queued and claimed, so that only storing is measured."""
    from catalog.ingest import queue
    from catalog.ingest.fetching import Fetched
    from catalog.intake import batches
    from catalog.models import AlbumSource

    for start in range(0, len(told), 500):
        names = [album.spotify_id for found, _ in told[start : start + 500] for album in found]
        batches.enqueue(names, by="benchmark", now=NOW, ring=False)
    AlbumSource.objects.update(status="queued")
    held = {one.album_id: one for one in queue.take(CLAIM, count=10**6, now=NOW)}
    return [([Fetched(held[album.spotify_id], album) for album in found], details) for found, details in told]


def store(claimed: list[Any]) -> None:
    from catalog.ingest import storing

    for fetched, details in claimed:
        storing.store(CLAIM, fetched, details, now=NOW)


def row_by_row(claimed: list[Any]) -> None:
    from django.db import transaction

    from catalog.ingest import mapping
    from catalog.models import Album, AlbumSource, AlbumTrackMap, Track

    for fetched, details in claimed:
        for one in fetched:
            with transaction.atomic():
                row = mapping.album_row(one.album) | {"fetched_at": NOW}
                album, _ = Album.objects.update_or_create(spotify_id=row.pop("spotify_id"), defaults=row)
                for told in one.album.tracks:
                    row = mapping.track_row(told, one.album, details) | {"album": album, "added_at": NOW}
                    track, _ = Track.objects.update_or_create(spotify_id=row.pop("spotify_id"), defaults=row)
                    AlbumTrackMap.objects.get_or_create(album_source_id=one.claimed.source_id, track=track)
                AlbumSource.objects.filter(pk=one.claimed.source_id).update(
                    status="ingested", ingested_at=NOW, album=album, claim=None, claimed_until=None
                )


def copy_all(told: list[Any]) -> None:
    """The ceiling: the same rows by COPY into a temporary table and one INSERT .. ON CONFLICT a batch."""
    from django.db import connection, transaction

    from catalog.ingest import mapping

    for found, details in told:
        albums = [mapping.album_row(album) for album in found]
        tracks = {
            track.spotify_id: mapping.track_row(track, album, details)
            for album in found
            for track in album.tracks
        }
        with transaction.atomic(), connection.cursor() as cursor:
            numbers = copied(cursor, "albums", albums, {"tags": [], "fetched_at": NOW})
            placed = [row | {"album_id": numbers[row["album"]]} for row in tracks.values()]
            for row in placed:
                del row["album"]
            copied(cursor, "tracks", placed, {"added_at": NOW})


def copied(cursor: Any, table: str, rows: list[dict[str, Any]], fixed: dict[str, Any]) -> dict[str, int]:
    rows = [row | fixed for row in sorted(rows, key=lambda row: row["spotify_id"])]
    if not rows:
        return {}
    columns = ", ".join(rows[0])
    cursor.execute(f"CREATE TEMP TABLE given ON COMMIT DROP AS SELECT {columns} FROM {table} WHERE false")
    with cursor.copy(f"COPY given ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))
    cursor.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM given ON CONFLICT (spotify_id)"
        " DO UPDATE SET name = excluded.name RETURNING spotify_id, id"
    )
    numbers = dict(cursor.fetchall())
    cursor.execute("DROP TABLE given")
    return numbers


# --- the tables


def empty_tables() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE album_sources, albums, tracks, album_track_map, album_batches CASCADE")


def versions() -> set[tuple[str, int, str]]:
    """Every stored row with the transaction that wrote it."""
    from django.db import connection

    tables = ("albums", "tracks", "album_track_map")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', id, xmin::text FROM {name}" for name in tables))
        return set(cursor.fetchall())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
