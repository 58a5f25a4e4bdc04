"""Catalogues for the engine's tests: rows in the database, and items and demands in memory."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from catalog import names
from catalog.genres import on_tracks
from catalog.models import Album, Track
from curation.engine.allocation import Item
from curation.engine.demands import Bits, Demand
from curation.policy import language

TODAY = dt.date(2026, 11, 25)
NOW = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)


def spotify_id(prefix: str, number: int) -> str:
    return f"{prefix}{number:0{22 - len(prefix)}d}"


def document(**parts: Any) -> dict[str, Any]:
    return {"schema": "vibe.policy/1", **parts}


def album(number: int = 1, **values: Any) -> Album:
    """A saved album; any column may be given."""
    defaults = {
        "spotify_id": spotify_id("al", number),
        "name": f"Album {number}",
        "artist": "Artist",
        "release_date": "2020-05-01",
        "release_date_precision": "day",
        "released_on": dt.date(2020, 5, 1),
        "album_type": "album",
        "total_tracks": 10,
        "fetched_at": NOW,
    }
    return Album.objects.create(**{**defaults, **values})


def track(number: int, of: Album, **values: Any) -> Track:
    """A track that is not saved; any column may be given."""
    features = values.pop("features", None)
    labels = [names.folded(label).replace("-", " ") for label in of.genres]
    defaults = {
        "spotify_id": spotify_id("tr", number),
        "album": of,
        "name": f"Track {number}",
        "artist": "Artist",
        "artist_ids": [spotify_id("ar", number)],
        "artist_names": ["Artist"],
        "explicit": False,
        "duration_ms": 200_000,
        "recording_key": f"recording {number}",
        "genre_keys": on_tracks.expanded(of.genres) or None,
        "genre_labels": labels or None,
        "audio_features": features,
        "features_source": "reccobeats" if features else None,
        "energy": (features or {}).get("energy"),
        "danceability": (features or {}).get("danceability"),
        "added_at": NOW,
    }
    return Track(**{**defaults, **values})


def fill(
    tracks: int, *, per_album: int = 5, albums_per_artist: int = 1, seed: int = 1, **values: Any
) -> list[Track]:
    """That many saved tracks on albums of artists, with features on three of four."""
    rng = random.Random(seed)
    rows = []
    for number in range(tracks):
        if number % per_album == 0:
            home = album(number // per_album + 1, genres=[rng.choice(["pop", "rock", "jazz"])])
        artist = number // (per_album * albums_per_artist)
        features = {name: rng.random() for name in ("energy", "danceability", "valence", "acousticness")}
        features |= {"tempo": rng.uniform(60, 180), "key": rng.randrange(12), "mode": rng.randrange(2)}
        rows.append(
            track(
                number,
                home,
                artist_ids=[spotify_id("ar", artist)],
                artist_names=[f"Artist {artist}"],
                popularity=rng.randrange(101),
                features=features if number % 4 else None,
                **values,
            )
        )
    return Track.objects.bulk_create(rows)


def demand(
    playlist_id: int, body: dict[str, Any] | None = None, *, policy_id: int = 1, theme: str = "Theme"
) -> Demand:
    return Demand(playlist_id, theme, policy_id, language.parse(body or document()))


def item(
    number: int,
    *,
    artists: tuple[str, ...] | None = None,
    album: int | None = None,
    mask: int = 1,
    **more: Any,
) -> Item:
    """A candidate in memory: its own artist, album and recording unless told otherwise."""
    return Item(
        number,
        mask,
        spotify_id("tr", number),
        artists or (f"artist {number}",),
        album if album is not None else number,
        more.get("recording", f"recording {number}"),
        more.get("values", ()),
    )


def bits(pools: int = 0) -> Bits:
    """Answers in the order: where, fallback, pools."""
    return Bits(where=1, fallback=2, pools=tuple(4 << n for n in range(pools)), pinned=0)
