"""What an app may call in which mode, as data, and how the door learns that an endpoint is gone; pure.

From Spotify's changelogs of February to July 2026: development mode lost the batch reads and the audio
features.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

CATALOGUE, PLAYLIST_READ, PLAYLIST_WRITE, PROFILE = "catalogue", "playlist_read", "playlist_write", "profile"
EXTENDED, DEVELOPMENT = "extended", "development"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call Vibe makes. `bucket`: the quota it shares.
    `refusals`: different ids in a row that prove it is gone.
    """

    name: str
    bucket: str
    modes: tuple[str, ...] = (EXTENDED, DEVELOPMENT)
    ids_per_call: int = 1
    writes: bool = False
    repeatable: bool = True
    refusals: int | None = None


BATCH_ALBUMS = Endpoint("batch_albums", CATALOGUE, modes=(EXTENDED,), ids_per_call=20, refusals=20)
BATCH_TRACKS = Endpoint("batch_tracks", CATALOGUE, modes=(EXTENDED,), ids_per_call=50, refusals=20)
# Deprecated in 2026; one id at a time is no way to ask for thousands, so there is no other road.
BATCH_ARTISTS = Endpoint("batch_artists", CATALOGUE, modes=(EXTENDED,), ids_per_call=50, refusals=20)
# Apps that used it before 2024-11-27 keep it; one plain 403 says that this app is not among them.
AUDIO_FEATURES = Endpoint("audio_features", CATALOGUE, modes=(EXTENDED,), ids_per_call=100, refusals=1)
ALBUM = Endpoint("album", CATALOGUE, refusals=20)
ALBUM_TRACKS = Endpoint("album_tracks", CATALOGUE, refusals=20)
TRACK = Endpoint("track", CATALOGUE, refusals=20)
ME = Endpoint("me", PROFILE)
MY_PLAYLISTS = Endpoint("my_playlists", PLAYLIST_READ)
PLAYLIST = Endpoint("playlist", PLAYLIST_READ)
PLAYLIST_ITEMS = Endpoint("playlist_items", PLAYLIST_READ)
CREATE_PLAYLIST = Endpoint("create_playlist", PLAYLIST_WRITE, writes=True, repeatable=False)
CHANGE_DETAILS = Endpoint("change_details", PLAYLIST_WRITE, writes=True)
REPLACE_ITEMS = Endpoint("replace_items", PLAYLIST_WRITE, ids_per_call=100, writes=True)
UNFOLLOW = Endpoint("unfollow", PLAYLIST_WRITE, writes=True)

ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        BATCH_ALBUMS, BATCH_TRACKS, BATCH_ARTISTS, AUDIO_FEATURES, ALBUM, ALBUM_TRACKS, TRACK, ME,
        MY_PLAYLISTS, PLAYLIST, PLAYLIST_ITEMS, CREATE_PLAYLIST, CHANGE_DETAILS, REPLACE_ITEMS, UNFOLLOW,
    )
}  # fmt: skip

REPROBE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Record:
    """What was learned about one endpoint: the different ids refused in a row since the last success."""

    available: bool = True
    missed_ids: tuple[str, ...] = field(default=())
    missed_since: dt.datetime | None = None
    last_good_id: str = ""
    changed_at: dt.datetime | None = None


class Learned(Protocol):
    """What the gateway needs of the stored records of one app."""

    def record(self, name: str, *, now: dt.datetime) -> Record: ...

    def missed(self, name: str, ids: Sequence[str], *, now: dt.datetime) -> Record: ...

    def worked(self, name: str, good_id: str, *, now: dt.datetime) -> None: ...

    def switch_off(self, name: str, *, reason: str, now: dt.datetime) -> None: ...


def in_mode(endpoint: Endpoint, mode: str) -> bool:
    return mode in endpoint.modes


def usable(record: Record, now: dt.datetime) -> bool:
    """Off endpoints are tried again once a day: Spotify has given some of them back."""
    return record.available or record.changed_at is None or now - record.changed_at >= REPROBE


def after_miss(record: Record, ids: Sequence[str], *, now: dt.datetime) -> Record:
    """The record with these ids refused too; the same id refused again proves nothing more."""
    fresh = [value for value in dict.fromkeys(ids) if value not in record.missed_ids]
    return replace(
        record, missed_ids=(*record.missed_ids, *fresh)[-100:], missed_since=record.missed_since or now
    )


def after_success(record: Record, good_id: str) -> Record:
    return Record(last_good_id=good_id or record.last_good_id)


def looks_gone(record: Record, endpoint: Endpoint) -> bool:
    return endpoint.refusals is not None and len(record.missed_ids) >= endpoint.refusals
