"""Catalogues of any size for benchmarks: real tracks where they are at hand, else the sandbox's; and a
throwaway database.

Real tracks come from ../shared/data beside the repository and are bootstrapped: each copy of the data has its
own albums and artists, so artists stay as heavy-tailed as they are."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import lzma
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent / "shared" / "data" / "real-tracks.jsonl.xz"
FEATURES = (
    "danceability", "energy", "key", "loudness", "mode", "speechiness", "acousticness", "instrumentalness",
    "liveness", "valence", "tempo", "time_signature",
)  # fmt: skip
TODAY = dt.date(2026, 11, 25)


@dataclass(slots=True)
class Row:
    """One track with what its album says."""

    spotify_id: str
    name: str
    artists: list[str]
    artist_names: list[str]
    album: str
    album_name: str
    album_type: str
    release_date: str
    explicit: bool
    popularity: int | None
    duration_ms: int
    features: dict[str, float] | None
    genres: list[str]
    isrc: str | None = None


def source() -> str:
    return "real tracks" if REAL.exists() else "the sandbox's tracks"


def rows(size: int, *, seed: int = 1) -> list[Row]:
    """That many tracks: real ones bootstrapped, or the sandbox's."""
    return _bootstrapped(size, seed) if REAL.exists() else sandbox(size // 11 + 1)[:size]


def _bootstrapped(size: int, seed: int) -> list[Row]:
    with lzma.open(REAL, "rt", encoding="utf-8") as file:
        real = [json.loads(line) for line in file]
    random.Random(seed).shuffle(real)
    return [_real(real[number % len(real)], number, number // len(real)) for number in range(size)]


def _real(line: list[Any], number: int, copy: int) -> Row:
    _, name, artists, album, album_type, released, explicit, popularity, duration, features = line
    return Row(
        spotify_id=f"{number:022d}",
        name=name,
        artists=[f"{artist[0][:18]}{copy:04d}" for artist in artists],
        artist_names=[artist[1] for artist in artists],
        album=f"{album}\x1f{artists[0][0]}\x1f{copy}",
        album_name=album,
        album_type=album_type,
        release_date=released or "",
        explicit=explicit,
        popularity=popularity,
        duration_ms=duration,
        features=dict(zip(FEATURES, features, strict=True)) if features else None,
        genres=[],
    )


def sandbox(albums: int, *, seed: int = 1, mode: str = "extended", today: dt.date = TODAY) -> list[Row]:
    """The sandbox's world as rows: what ingest and enrichment would store."""
    from sandbox import sound
    from sandbox.catalogue import Catalogue

    world = Catalogue(seed=seed, albums=albums, today=today)
    found = []
    for number in filter(world.exists, range(albums)):
        album = world.album(number)
        for track in world.tracks(album):
            artists = [world.artist(artist) for artist in track.artists]
            known = sound.known(world, track, 0.75)
            found.append(
                Row(
                    track.spotify_id,
                    track.name,
                    [a.spotify_id for a in artists],
                    [a.name for a in artists],
                    album.spotify_id,
                    album.name,
                    album.kind,
                    album.release_date,
                    track.explicit,
                    track.popularity if mode == "extended" else None,
                    track.duration_ms,
                    dict(sound.features(world, track)) if known else None,
                    list(album.genres),
                    track.isrc,
                )
            )
    return found


# --- into a database


@contextlib.contextmanager
def database(*, redis: bool = False) -> Iterator[None]:
    """A migrated PostgreSQL, a Redis where asked for, and Django set up on them; gone afterwards."""
    from devstack import servers

    folder = Path(tempfile.mkdtemp(prefix="vibe-bench-", dir="/var/tmp" if os.geteuid() == 0 else None))  # noqa: S108
    folder.chmod(0o711)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = servers.start_postgres(folder / "pg", durable=False)
        stack.callback(servers.stop, server)
        servers.ensure_database(server.url)
        redis_url = "redis://127.0.0.1:9"
        if redis:
            store = servers.start_redis(folder / "redis", durable=False)
            stack.callback(servers.stop, store)
            redis_url = store.url
        os.environ |= {
            "DATABASE_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "REDIS_URL": redis_url,
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield


def store(found: list[Row]) -> None:
    """Write rows to albums and tracks with COPY."""
    from django.db import connection

    from catalog.genres import artist_rows, on_tracks
    from catalog.ingest import backfill, recordings

    album_ids = {name: number for number, name in enumerate(dict.fromkeys(row.album for row in found), 1)}
    firsts = {row.album: row for row in reversed(found)}
    now = dt.datetime.combine(TODAY, dt.time(4), dt.UTC)
    with connection.cursor() as cursor:
        with cursor.copy(_ALBUMS) as copy:
            for name, number in album_ids.items():
                copy.write_row(_album(firsts[name], number, now))
        with cursor.copy(_TRACKS) as copy:
            for number, row in enumerate(found, 1):
                key = recordings.recording_key(isrc=row.isrc, title=row.name, artist=row.artist_names[0])
                copy.write_row(_track(row, number, album_ids[row.album], key, now))
        backfill.complete()
        artist_rows.complete()
        on_tracks.catch_up()
        cursor.execute("ANALYZE albums, tracks")
        cursor.execute(
            "SELECT setval('tracks_id_seq', %s), setval('albums_id_seq', %s)", [len(found), len(album_ids)]
        )


_ALBUMS = """COPY albums (id, spotify_id, name, artist, artist_ids, release_date, release_date_precision,
released_on,
    album_type, total_tracks, genres, tags, image_url, fetched_at) FROM STDIN"""
_TRACKS = """COPY tracks (id, spotify_id, album_id, name, artist, artist_ids, artist_names, isrc, popularity,
explicit,
    duration_ms, disc_number, track_number, is_playable, version, recording_key, energy, danceability,
    audio_features, features_source, added_at) FROM STDIN"""


def _album(row: Row, number: int, now: dt.datetime) -> tuple[Any, ...]:
    date = row.release_date
    precision = {4: "year", 7: "month", 10: "day"}.get(len(date), "")
    released = date + "-01-01"[: 10 - len(date)] if date else None
    spotify_id = row.album if len(row.album) == 22 else f"al{number:020d}"
    return (
        number, spotify_id, row.album_name, row.artist_names[0], row.artists[:1], date, precision, released,
        row.album_type, 10, row.genres, [], "", now,
    )  # fmt: skip


def _track(row: Row, number: int, album: int, key: str, now: dt.datetime) -> tuple[Any, ...]:
    features = row.features
    return (
        number, row.spotify_id, album, row.name, row.artist_names[0], row.artists, row.artist_names, row.isrc,
        row.popularity, row.explicit, row.duration_ms, 1, 1, True, "original", key,
        features["energy"] if features else None, features["danceability"] if features else None,
        json.dumps(features) if features else None, "bench" if features else None, now,
    )  # fmt: skip
