"""What a set of tracks can sustain: the longest rest its lists can keep, under caps per artist and album.
Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from curation.allocation import Caps, Item

_LONGEST = 3650


def shape(items: Sequence[Item]) -> list[list[int]]:
    """Track counts by album, grouped by main artist: all that a ceiling depends on."""
    albums = Counter((item.artists[0] if item.artists else "", item.album) for item in items)
    found: defaultdict[str, list[int]] = defaultdict(list)
    for (artist, _), count in albums.items():
        found[artist].append(count)
    return list(found.values())


def uses(shape: Sequence[Sequence[int]], caps: Caps, lists: int) -> int:
    """How many different tracks `lists` lists can hold at most between them."""
    most_album, most_artist = caps.album * lists, caps.artist * lists
    return sum(min(sum(min(count, most_album) for count in albums), most_artist) for albums in shape)


def longest_gap(shape: Sequence[Sequence[int]], caps: Caps, *, playlists: int, count: int) -> int:
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


def most_playlists(
    shape: Sequence[Sequence[int]], caps: Caps, *, gap: int, count: int, limit: int = 10_000
) -> int:
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
