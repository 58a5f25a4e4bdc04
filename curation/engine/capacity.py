"""What a set of tracks can sustain: the longest rest its lists can keep, under caps per artist and album.
Pure."""

from __future__ import annotations

from collections.abc import Mapping

from curation.engine.allocation import Caps

_LONGEST = 3650
# How many main artists have tracks spread over albums like this: {(1, 1, 9): 40} are forty artists with two
# albums of one track and one of nine. All that a ceiling depends on, and small for any catalogue.
Shape = Mapping[tuple[int, ...], int]


def artists(shape: Shape) -> int:
    return sum(shape.values())


def tracks(shape: Shape) -> int:
    return sum(sum(albums) * many for albums, many in shape.items())


def uses(shape: Shape, caps: Caps, lists: int) -> int:
    """How many different tracks `lists` lists can hold at most between them."""
    most_album, most_artist = caps.album * lists, caps.artist * lists
    return sum(
        many * min(sum(min(count, most_album) for count in albums), most_artist)
        for albums, many in shape.items()
    )


def longest_gap(shape: Shape, caps: Caps, *, playlists: int, count: int) -> int:
    """The most days that every track can rest while `playlists` lists of `count` are made a day; 0 if not
    even one day's lists can be filled. Over g days nothing repeats, so g days' lists must find g x playlists
    x count uses."""
    if playlists < 1 or count < 1:
        return _LONGEST

    def sustains(gap: int) -> bool:
        return uses(shape, caps, playlists * gap) >= playlists * count * gap

    low, high = 0, 1
    while high <= _LONGEST and sustains(high):
        low, high = high, high * 2
    high = min(high, _LONGEST + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sustains(middle) else (low, middle)
    return low


def most_playlists(shape: Shape, caps: Caps, *, gap: int, count: int, limit: int = 10_000) -> int:
    """The most playlists of `count` tracks whose tracks can all rest `gap` days."""
    low, high = 0, 1

    def sustains(playlists: int) -> bool:
        return uses(shape, caps, playlists * max(gap, 1)) >= playlists * count * max(gap, 1)

    while high <= limit and sustains(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sustains(middle) else (low, middle)
    return low
