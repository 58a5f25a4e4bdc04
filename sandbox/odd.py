"""The odd albums: one of each thing that real catalogues do to software, in every world of 50 or more."""

import dataclasses
from typing import Any

from sandbox.records import Album, Track

FROM_SIZE = 50

EMPTY, HUGE, VARIOUS, YEAR_ONLY, MONTH_ONLY = 4, 9, 13, 17, 21
EMOJI, RIGHT_TO_LEFT, MARKUP, LOCKED_TRACKS = 24, 27, 30, 33
ORIGINAL, REISSUE, GONE, LONG_NAMES, LOCKED_ALBUM = 35, 36, 39, 42, 45

HUGE_TRACKS = 130
ONLY_IN = ("JP",)

_LONG = "An Almost Complete Account of the Weather Between Alder Bay and the Lighthouse at the Road's End "

_ALBUMS: dict[int, dict[str, Any]] = {
    EMPTY: {"total": 0, "name": "Untitled (Forthcoming)"},
    HUGE: {"total": HUGE_TRACKS, "kind": "compilation", "name": "The Complete Box (1961-1999)"},
    VARIOUS: {"total": 18, "kind": "compilation", "various": True, "name": "Corner Shop Sessions, Vol. 7"},
    YEAR_ONLY: {"release_date": "1974", "precision": "year"},
    MONTH_ONLY: {"release_date": "1988-06", "precision": "month"},
    EMOJI: {"name": "🌙✨ Noctürne 🌊 — 夜の海"},
    RIGHT_TO_LEFT: {"name": "أغاني الليل الطويل"},
    MARKUP: {"name": "<script>alert('vibe')</script> & \"Friends\""},
    LOCKED_TRACKS: {"total": 12, "kind": "album"},
    ORIGINAL: {"total": 10, "kind": "album", "name": "Lantern Street"},
    REISSUE: {"total": 10, "kind": "album", "name": "Lantern Street (Deluxe Edition)"},
    LONG_NAMES: {"name": (_LONG * 3)[:250].strip()},
    LOCKED_ALBUM: {"only_in": ONLY_IN},
}


def numbers(size: int) -> frozenset[int]:
    """The numbers of the odd albums in a catalogue of this size; a small one holds no surprise."""
    return frozenset(_ALBUMS) | {GONE} if size >= FROM_SIZE else frozenset()


def bend_album(album: Album) -> Album:
    """The album as its number makes it: the fields of the table above laid over the ordinary ones."""
    changes = _ALBUMS.get(album.number, {})
    if album.number == REISSUE:
        changes = changes | {"source": ORIGINAL}
    return dataclasses.replace(album, version="", **changes)


def bend_track(track: Track) -> Track:
    """The track as the oddness of its album makes it."""
    if track.album == LOCKED_TRACKS and track.index % 2:
        return dataclasses.replace(track, only_in=ONLY_IN)
    if track.album == EMOJI:
        return dataclasses.replace(track, name=f"{track.name} 🎧")
    if track.album == RIGHT_TO_LEFT:
        return dataclasses.replace(track, name=f"ليلة {track.index + 1} ({track.name})")
    if track.album == MARKUP:
        return dataclasses.replace(
            track, name=f"<b>{track.name}</b> & <img src=x onerror=alert({track.index})>"
        )
    if track.album == LONG_NAMES:
        return dataclasses.replace(track, name=f"{(_LONG * 4)[: 220 + track.index]} {track.name}")
    return track
