"""Ask Spotify for whole albums in as few calls as the mode allows: albums, more pages, track details."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from accounts.spotify import errors, payloads
from catalog.ingest.queue import Claimed

if TYPE_CHECKING:
    from accounts.spotify.gateway import Gateway

T = TypeVar("T")
Details = dict[str, payloads.Track | None]

# How many tracks an album brings along, and how many a page of the others holds.
PAGE = 50
# How often an album that changes while we read it is read before we take it as it is.
READS = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """A claimed source and its whole album."""

    claimed: Claimed
    album: payloads.Album


@dataclass(frozen=True, slots=True)
class Failed:
    """A claimed source and what went wrong with it."""

    claimed: Claimed
    error: errors.SpotifyError


def albums(gateway: Gateway, claimed: Sequence[Claimed]) -> list[Fetched | Failed]:
    """The whole album of each claimed source, or what went wrong with it; one bad album spoils no other."""
    by_id = {one.album_id: one for one in claimed}
    return [
        _whole_or_failed(gateway, by_id[album_id], found)
        for album_id, found in _each(gateway.albums, list(by_id))
    ]


def details(gateway: Gateway, fetched: Iterable[Fetched], known: Details, *, last: bool) -> None:
    """Add to `known` the full tracks (ISRC, popularity) of `fetched`, in full calls.

    The rest of less than a call waits for more albums, unless this is the `last` time. A track that spoils
    its call is known as None. Raises SpotifyError; what was learned before it stays.
    """
    missing = [track_id for track_id in track_ids(fetched) if track_id not in known]
    size = gateway.tracks_per_call
    whole_calls = len(missing) if last else len(missing) // size * size
    for start in range(0, whole_calls, size):
        for track_id, found in _each(gateway.tracks, missing[start : start + size]):
            if isinstance(found, errors.SpotifyError) and not isinstance(found, _SPOILED):
                raise found
            known[track_id] = None if isinstance(found, errors.SpotifyError) else found


def track_ids(fetched: Iterable[Fetched]) -> list[str]:
    """The distinct track ids of the albums, in order."""
    return list(dict.fromkeys(track.spotify_id for one in fetched for track in one.album.tracks))


_SPOILED = (errors.BadAnswer, errors.BadRequest, errors.NotFound)


def _whole_or_failed(
    gateway: Gateway, claimed: Claimed, found: payloads.Album | errors.SpotifyError | None
) -> Fetched | Failed:
    if isinstance(found, errors.SpotifyError):
        return Failed(claimed, found)
    if found is None:
        return Failed(claimed, errors.NotFound("Spotify has no album under this id."))
    try:
        return Fetched(claimed, _whole(gateway, found))
    except errors.SpotifyError as error:
        return Failed(claimed, error)


def _whole(gateway: Gateway, album: payloads.Album) -> payloads.Album:
    """The album with all its tracks, each once; read again where it changed between two pages."""
    for _ in range(READS):
        tracks, is_steady = _all_tracks(gateway, album)
        if is_steady:
            break
        album = gateway.albums([album.spotify_id])[0] or album
    return replace(album, tracks=tuple({track.spotify_id: track for track in tracks}.values()))


def _all_tracks(gateway: Gateway, album: payloads.Album) -> tuple[list[payloads.Track], bool]:
    """The embedded tracks and those of further pages, and whether the album stayed the same meanwhile."""
    tracks = list(album.tracks)
    offset = PAGE if tracks else 0
    is_steady = True
    while offset < album.total_tracks:
        page = gateway.album_tracks(album.spotify_id, offset=offset, limit=PAGE)
        is_steady = is_steady and page.total == album.total_tracks
        tracks += page.items
        offset += PAGE
        if not page.rows:
            break
    return tracks, is_steady and len({track.spotify_id for track in tracks}) == len(tracks)


def _each(
    call: Callable[[list[str]], list[T]], wanted: list[str]
) -> list[tuple[str, T | errors.SpotifyError]]:
    """Each id's answer from one call; where the call as a whole makes no sense, from a call for each id."""
    try:
        return list(zip(wanted, call(wanted), strict=True))
    except errors.SpotifyError as error:
        if len(wanted) == 1 or not isinstance(error, (*_SPOILED, errors.CapabilityMissing)):
            return [(one, error) for one in wanted]
    return [pair for one in wanted for pair in _each(call, [one])]
