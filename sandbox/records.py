"""What the made-up catalogue is made of: frozen records of an artist, an album and a track."""

from dataclasses import dataclass

from sandbox.genres import Genre

VARIOUS_ARTISTS = 0
TRACKS_PER_ALBUM = 1024
"""Track number = album number * this + index, so a track id says by itself which album it is on."""


@dataclass(frozen=True, slots=True)
class Artist:
    number: int
    spotify_id: str
    name: str
    genre: Genre
    fame: float


@dataclass(frozen=True, slots=True)
class Album:
    """`mood` shifts how all its tracks sound; `source` is the album whose recordings it carries again."""

    number: int
    spotify_id: str
    name: str
    artist: int
    kind: str
    total: int
    release_date: str
    precision: str
    genre: Genre
    genres: tuple[str, ...]
    label: str
    upc: str
    popularity: int
    mood: float
    version: str = ""
    various: bool = False
    source: int | None = None
    only_in: tuple[str, ...] | None = None

    @property
    def year(self) -> int:
        return int(self.release_date[:4])

    @property
    def main_artist(self) -> int:
        return VARIOUS_ARTISTS if self.various else self.artist


@dataclass(frozen=True, slots=True)
class Track:
    """`recording` is the number of the track that was recorded first: the same ISRC, the same sound.

    `relinks_to` is the track that Spotify hands out in this one's place wherever `market` is asked for.
    """

    number: int
    spotify_id: str
    album: int
    index: int
    disc: int
    position: int
    name: str
    artists: tuple[int, ...]
    duration_ms: int
    explicit: bool
    isrc: str
    popularity: int
    recording: int
    only_in: tuple[str, ...] | None = None
    relinks_to: int | None = None
