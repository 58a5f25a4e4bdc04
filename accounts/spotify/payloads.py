"""The border: Spotify's JSON in, frozen dataclasses out, both modes and spellings; else BadAnswer. Pure.

Optional things that are missing or of a wrong type become None or empty; without the essential ones (an
id, a name) a row is worthless. A worthless row inside a list is dropped, a worthless body is a BadAnswer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from accounts.spotify import errors, ids

T = TypeVar("T")
# What PostgreSQL's integer can hold; a larger number in a body is nonsense, not data.
MAX_INT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Artist:
    spotify_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ArtistDetails:
    """`genres` is deprecated and mostly empty: () says nothing about the artist."""

    spotify_id: str
    name: str
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """`is_playable` is True when unsaid: without a market Spotify does not judge it."""

    spotify_id: str
    name: str
    artists: tuple[Artist, ...]
    duration_ms: int
    explicit: bool
    disc_number: int
    track_number: int
    is_playable: bool
    isrc: str | None
    popularity: int | None
    linked_from_id: str | None


@dataclass(frozen=True, slots=True)
class Album:
    """`tracks` are the embedded ones, at most fifty; `total_tracks` says whether there are more pages."""

    spotify_id: str
    name: str
    artists: tuple[Artist, ...]
    release_date: str
    release_date_precision: str
    album_type: str
    total_tracks: int
    label: str | None
    popularity: int | None
    upc: str | None
    genres: tuple[str, ...]
    image_url: str | None
    tracks: tuple[Track, ...]
    restricted: bool


@dataclass(frozen=True, slots=True)
class TrackPage:
    """`items` are the good rows of the page, `rows` how many slots it had, `total` how many the album has."""

    items: tuple[Track, ...]
    total: int
    offset: int
    rows: int = 0


@dataclass(frozen=True, slots=True)
class AudioFeatures:
    spotify_id: str
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """`account_id` is the immutable one (2026-05); None where Spotify does not send it yet."""

    user_id: str
    account_id: str | None
    display_name: str


@dataclass(frozen=True, slots=True)
class Playlist:
    spotify_id: str
    name: str
    description: str
    external_url: str
    snapshot_id: str
    owner_id: str
    total: int


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    items: tuple[Playlist, ...]
    total: int
    rows: int


@dataclass(frozen=True, slots=True)
class IdPage:
    """Track ids of one page of a playlist; local files, episodes and dead rows are left out but counted in
    `rows`.
    """

    ids: tuple[str, ...]
    total: int
    rows: int


# --- whole bodies


def album(body: Any) -> Album:
    data = _object(body, "an album")
    image = _first(_list(data.get("images")))
    page = data.get("tracks")
    return Album(
        spotify_id=_id(data, "an album"),
        name=_text(data.get("name")),
        artists=artists(data.get("artists")),
        release_date=_text(data.get("release_date"))[:20],
        release_date_precision=_text(data.get("release_date_precision"))[:10],
        album_type=_text(data.get("album_type"))[:20],
        total_tracks=_total(data.get("total_tracks"), _inner(page).get("total")),
        label=_text(data.get("label")) or None,
        popularity=_number(data.get("popularity")),
        upc=_text(_inner(data.get("external_ids")).get("upc")) or None,
        genres=tuple(genre for genre in _list(data.get("genres")) if isinstance(genre, str)),
        image_url=_url(_inner(image).get("url")),
        tracks=_kept(_list(_inner(page).get("items")), track),
        restricted=bool(_inner(data.get("restrictions")).get("reason")),
    )


def track(body: Any) -> Track:
    data = _object(body, "a track")
    return Track(
        spotify_id=_id(data, "a track"),
        name=_text(data.get("name")),
        artists=artists(data.get("artists")),
        duration_ms=_number(data.get("duration_ms")) or 0,
        explicit=data.get("explicit") is True,
        disc_number=_number(data.get("disc_number")) or 1,
        track_number=_number(data.get("track_number")) or 0,
        is_playable=_playable(data),
        isrc=_isrc(data),
        popularity=_number(data.get("popularity")),
        linked_from_id=_linked(data),
    )


def albums(body: Any, asked: list[str]) -> list[Album | None]:
    """The batch answer in the order asked for; None where Spotify has nothing under the id."""
    return _slots(_member(body, "albums"), asked, album, lambda found: (found.spotify_id,))


def tracks(body: Any, asked: list[str]) -> list[Track | None]:
    return _slots(_member(body, "tracks"), asked, track, _track_ids)


def artist_details(body: Any, asked: list[str]) -> list[ArtistDetails | None]:
    return _slots(_member(body, "artists"), asked, _details, lambda found: (found.spotify_id,))


def audio_features(body: Any, asked: list[str]) -> list[AudioFeatures | None]:
    return _slots(_member(body, "audio_features"), asked, features, lambda found: (found.spotify_id,))


def track_page(body: Any) -> TrackPage:
    data = _object(body, "a page of tracks")
    rows = _rows(data, "a page of tracks")
    return TrackPage(
        items=_kept(rows, track),
        total=_total(data.get("total"), len(rows)),
        offset=_number(data.get("offset")) or 0,
        rows=len(rows),
    )


def features(body: Any) -> AudioFeatures:
    data = _object(body, "audio features")
    values = {key: float(value) for key, value in data.items() if _is_number(value) and key in FEATURES}
    return AudioFeatures(_id(data, "audio features"), values)


FEATURES = frozenset(
    (
        "acousticness", "danceability", "duration_ms", "energy", "instrumentalness", "key", "liveness",
        "loudness", "mode", "speechiness", "tempo", "time_signature", "valence",
    )
)  # fmt: skip


def profile(body: Any) -> Profile:
    data = _object(body, "a profile")
    user_id = _text(data.get("id"))
    if not user_id:
        raise errors.BadAnswer("a profile without an id")
    account_id = _text(data.get("account_id")) or None
    return Profile(user_id, account_id, _text(data.get("display_name")) or user_id)


def playlist(body: Any) -> Playlist:
    data = _object(body, "a playlist")
    spotify_id = _id(data, "a playlist")
    page = _inner(data.get("items")) or _inner(data.get("tracks"))
    return Playlist(
        spotify_id=spotify_id,
        name=_text(data.get("name")),
        description=_text(data.get("description")),
        external_url=_url(_inner(data.get("external_urls")).get("spotify"))
        or f"https://open.spotify.com/playlist/{spotify_id}",
        snapshot_id=_text(data.get("snapshot_id")),
        owner_id=_text(_inner(data.get("owner")).get("id")),
        total=_number(page.get("total")) or 0,
    )


def playlist_page(body: Any) -> PlaylistPage:
    data = _object(body, "a page of playlists")
    rows = _rows(data, "a page of playlists")
    return PlaylistPage(_kept(rows, playlist), _total(data.get("total"), len(rows)), len(rows))


def item_page(body: Any) -> IdPage:
    """One page of a playlist's rows, spelled `item` (2026) or `track`."""
    data = _object(body, "a page of items")
    rows = _rows(data, "a page of items")
    found = [row_track_id(row) for row in rows]
    return IdPage(tuple(value for value in found if value), _total(data.get("total"), len(rows)), len(rows))


def snapshot_id(body: Any) -> str:
    return _text(_inner(body).get("snapshot_id"))


def row_track_id(row: Any) -> str | None:
    """The track id of a playlist row, by the id that was put there when Spotify relinked it; None for the
    rest.

    A track object has a boolean member `track` itself, so only an object under that name is a row's track.
    """
    inner = _inner(_inner(row).get("item")) or _inner(_inner(row).get("track"))
    found = _linked(inner) or inner.get("id")
    return found if ids.is_safe(found) and inner.get("type", "track") == "track" else None


# --- parts


def artists(value: Any) -> tuple[Artist, ...]:
    """Whoever has an id or a name; caps and blocks go by the id, so one without a name still counts."""
    entries = (_inner(entry) for entry in _list(value))
    found = (Artist(_text(entry.get("id")), _text(entry.get("name")).strip()) for entry in entries)
    return tuple(artist for artist in found if artist.spotify_id or artist.name)


def _details(body: Any) -> ArtistDetails:
    data = _object(body, "an artist")
    genres = (_text(genre) for genre in _list(data.get("genres")))
    return ArtistDetails(_id(data, "an artist"), _text(data.get("name")), tuple(filter(None, genres)))


def _isrc(data: dict[str, Any]) -> str | None:
    """The ISRC in the form that compares: capitals, no hyphens."""
    text = _text(_inner(data.get("external_ids")).get("isrc")).replace("-", "").upper()
    return text[:20] or None


def _playable(data: dict[str, Any]) -> bool:
    return data.get("is_playable") is not False and not _inner(data.get("restrictions")).get("reason")


def _linked(data: dict[str, Any]) -> str | None:
    linked = _inner(data.get("linked_from")).get("id")
    return linked if isinstance(linked, str) and ids.is_safe(linked) else None


def _track_ids(found: Track) -> tuple[str, ...]:
    """The ids a relinked track answers to: the one asked for comes back as `linked_from`."""
    return (found.spotify_id, found.linked_from_id) if found.linked_from_id else (found.spotify_id,)


def _slots(
    rows: list[Any], asked: list[str], parse: Callable[[Any], T], names: Callable[[T], tuple[str, ...]]
) -> list[T | None]:
    """Rows joined to the ids asked for: by id, so that a reordered or short answer cannot mix two up."""
    good = _kept(rows, parse)
    if not good and any(row is not None for row in rows):
        raise errors.BadAnswer("no row of the batch makes sense")
    found: dict[str, T] = {}
    for row in good:
        for name in names(row):
            found.setdefault(name, row)
    return [found.get(value) for value in asked]


def _kept(rows: Iterable[Any], parse: Callable[[Any], T]) -> tuple[T, ...]:
    """The rows that parse; null slots, local files and nonsense are left out."""
    kept = []
    for row in rows:
        try:
            kept.append(parse(row))
        except errors.BadAnswer:
            continue
    return tuple(kept)


def _member(body: Any, name: str) -> list[Any]:
    value = _object(body, f"an answer with {name}").get(name)
    if not isinstance(value, list):
        raise errors.BadAnswer(f"an answer without a list of {name}")
    return value


def _rows(data: dict[str, Any], what: str) -> list[Any]:
    """The rows of a paging object; `items` may itself be a paging object where a whole playlist came."""
    rows = data.get("items")
    if not isinstance(rows, list):
        raise errors.BadAnswer(f"{what} without items")
    return rows


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.BadAnswer(f"{type(value).__name__} where {what} was expected")
    return value


def _id(data: dict[str, Any], what: str) -> str:
    value = data.get("id")
    if not isinstance(value, str) or not ids.is_safe(value):
        raise errors.BadAnswer(f"{what} without a Spotify id")
    return value


def _inner(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(values: list[Any]) -> Any:
    return values[0] if values else None


def _text(value: Any) -> str:
    """Text without the NUL characters that PostgreSQL refuses and without broken surrogates."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def _url(value: Any) -> str | None:
    """A web address, never another scheme: it ends up in a link."""
    text = _text(value)
    return text if text.startswith(("https://", "http://")) and len(text) <= 500 else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_INT


def _number(value: Any) -> int | None:
    """A whole number that the database can hold, or None."""
    return int(value) if _is_number(value) and value >= 0 else None


def _total(*values: Any) -> int:
    return next((number for number in map(_number, values) if number is not None), 0)
