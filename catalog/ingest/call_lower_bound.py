"""The fewest calls in which Spotify can tell whole albums: what ingest's own calls are held against. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ALBUMS_A_CALL, TRACKS_A_CALL, PAGE = 20, 50, 50
EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class Calls:
    """`pages`: of the tracks beyond the fifty that an album brings along."""

    albums: int
    pages: int
    tracks: int

    @property
    def total(self) -> int:
        return self.albums + self.pages + self.tracks


def calls(*, mode: str, asked: int, totals: Iterable[int], tracks: int) -> Calls:
    """For `asked` album ids, of which some are albums with `totals` tracks: `tracks` different ones in all.

    Development mode has no call for many at once, and none that would tell an ISRC or a popularity.
    """
    pages = sum(max(0, _parts(total, PAGE) - 1) for total in totals)
    if mode != EXTENDED:
        return Calls(asked, pages, 0)
    return Calls(_parts(asked, ALBUMS_A_CALL), pages, _parts(tracks, TRACKS_A_CALL))


def _parts(count: int, size: int) -> int:
    return -(-count // size)
