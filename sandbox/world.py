"""The whole state of one sandbox: catalogue, accounts, playlists, clock, pace, what was broken on purpose."""

import dataclasses
import datetime as dt
import threading
from collections import Counter
from typing import NamedTuple

from sandbox.accounts import Accounts, User
from sandbox.catalogue import Catalogue
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.library import Library, Playlist
from sandbox.open_data import Manners
from sandbox.records import Album, Track
from sandbox.window import RollingWindow

MODES = ("extended", "development")
CALLS_KEPT = 200_000


class Call(NamedTuple):
    """One request: `path` as sent without its query, `at` by the sandbox's clock."""

    method: str
    path: str
    user: str
    status: int
    at: float
    route: str
    query: str


class Settings(NamedTuple):
    """What kind of Spotify this is; see server.serve for each field."""

    mode: str = "extended"
    calls_per_30s: int | None = None
    coverage: float = 0.75
    audio_features: bool = False
    rotate_refresh_tokens: bool = False
    playlists_per_user: int = 11_000
    users: int = 5


class World:
    """One lock guards what requests change; the catalogue is read-only and needs none."""

    def __init__(self, catalogue: Catalogue, clock: Clock, settings: Settings) -> None:
        self.catalogue, self.clock, self.settings = catalogue, clock, settings
        self.base_url = ""
        self.lock = threading.RLock()
        self.faults = Faults()
        self.calls: list[Call] = []
        self.reset()

    def reset(self) -> None:
        """As on the first day: no playlists, no tokens, no faults, nothing counted."""
        with self.lock:
            self.accounts = Accounts(self.catalogue)
            for _ in range(self.settings.users):
                self.accounts.add_user()
            self.library = Library(self.catalogue.seed)
            self.window = RollingWindow(self.settings.calls_per_30s)
            self.manners = Manners()
            self.faults.clear()
            self.calls.clear()
            self.totals: Counter[str] = Counter()
            self.dead_tracks: set[str] = set()
            self.regions: dict[str, tuple[str, ...] | None] = {}

    # --- what is in it, for tests and the control page

    @property
    def mode(self) -> str:
        return self.settings.mode

    @property
    def extended(self) -> bool:
        return self.settings.mode == "extended"

    @property
    def users(self) -> list[User]:
        return list(self.accounts.users.values())

    @property
    def playlists(self) -> list[Playlist]:
        """Every playlist that its owner still has, oldest first."""
        return [playlist for playlist in list(self.library.playlists.values()) if playlist.followed]

    @property
    def albums(self) -> list[Album]:
        """Every album that exists; makes them all, so it is for tests and small worlds."""
        return [
            self.catalogue.album(number)
            for number in range(self.catalogue.size)
            if self.catalogue.exists(number)
        ]

    @property
    def tracks(self) -> list[Track]:
        return [track for album in self.albums for track in self.catalogue.tracks(album)]

    # --- tracks that have been changed while the sandbox runs

    def track(self, spotify_id: str) -> Track | None:
        return None if spotify_id in self.dead_tracks else self.catalogue.find_track(spotify_id)

    def only_in(self, track: Track) -> tuple[str, ...] | None:
        """The only markets where it plays, as changed by hand or as made; None for everywhere."""
        return self.regions.get(track.spotify_id, track.only_in)

    def playable(self, track: Track, market: str) -> bool:
        only_in = self.only_in(track)
        return track.spotify_id not in self.dead_tracks and (only_in is None or market in only_in)

    def kill(self, *track_ids: str) -> None:
        """These tracks are gone from Spotify: 404 by id, and every write that names one fails with 502."""
        with self.lock:
            self.dead_tracks.update(track_ids)

    def expire_access(self, user_id: str) -> int:
        """Ends the user's access tokens now (their next call is a 401); returns how many there were."""
        with self.lock:
            now, access = self.clock.now(), self.accounts.access
            mine = [
                value
                for value, token in access.items()
                if token.user_id == user_id and token.expires_at > now
            ]
            access.update({value: dataclasses.replace(access[value], expires_at=now) for value in mine})
            return len(mine)

    def revoke(self, user_id: str) -> int:
        """The user takes the app's access away; returns how many refresh tokens died."""
        with self.lock:
            return self.accounts.revoke(user_id)

    # --- what has been asked of it

    def record(self, call: Call) -> None:
        with self.lock:
            self.calls.append(call)
            self.totals["calls"] += 1
            self.totals[f"route {call.route}"] += 1
            self.totals[f"status {call.status}"] += 1
            self.totals[f"user {call.user or '-'}"] += 1
            if len(self.calls) > CALLS_KEPT:
                del self.calls[: CALLS_KEPT // 2]


def make(*, seed: int, albums: int, today: dt.date, clock: Clock, settings: Settings) -> World:
    """A new world. `today` places the fresh releases; everything else follows from seed and size."""
    if settings.mode not in MODES:
        raise ValueError(f"mode is {settings.mode!r}; it can be {' or '.join(MODES)}")
    return World(Catalogue(seed=seed, albums=albums, today=today), clock, settings)
