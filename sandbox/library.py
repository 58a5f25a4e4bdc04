"""Playlists: what users of the sandbox have made, as Spotify keeps it."""

import base64
import hashlib
from dataclasses import dataclass, field

from sandbox import ids


@dataclass(slots=True)
class Entry:
    track_id: str
    added_at: str
    added_by: str


@dataclass(slots=True)
class Playlist:
    """`followed` False: its owner has deleted it, which is an unfollow. It stays reachable by its id."""

    number: int
    spotify_id: str
    owner: str
    name: str
    description: str
    public: bool
    collaborative: bool = False
    followed: bool = True
    followers: int = 0
    revision: int = 1
    cover: str = ""
    entries: list[Entry] = field(default_factory=list)

    @property
    def snapshot_id(self) -> str:
        """Changes with every edit, of the name too: it is no version of the items."""
        digest = hashlib.sha256(f"{self.spotify_id}:{self.revision}".encode()).digest()[:20]
        return base64.b64encode(self.revision.to_bytes(4, "big") + digest).decode()

    @property
    def track_ids(self) -> list[str]:
        return [entry.track_id for entry in self.entries]

    def touch(self) -> str:
        self.revision += 1
        return self.snapshot_id


@dataclass(slots=True)
class Library:
    """All playlists by id, and each owner's list, newest first as /me/playlists shows it."""

    seed: int
    playlists: dict[str, Playlist] = field(default_factory=dict)
    owned: dict[str, list[Playlist]] = field(default_factory=dict)

    def create(
        self, owner: str, *, name: str, description: str, public: bool, collaborative: bool
    ) -> Playlist:
        """One more playlist: names are not unique and the call is not idempotent."""
        number = len(self.playlists) + 1
        playlist = Playlist(
            number=number,
            spotify_id=ids.encode(ids.PLAYLIST, number, seed=self.seed),
            owner=owner,
            name=name,
            description=description,
            public=public,
            collaborative=collaborative,
        )
        self.playlists[playlist.spotify_id] = playlist
        self.owned.setdefault(owner, []).insert(0, playlist)
        return playlist

    def of(self, owner: str) -> list[Playlist]:
        """The owner's live playlists, newest first."""
        return [playlist for playlist in self.owned.get(owner, []) if playlist.followed]
