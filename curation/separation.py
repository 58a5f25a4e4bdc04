"""Keeps songs of one artist or album apart: an order close to a wished one, found whenever any order exists.

The wished order is walked slot by slot; a song may come next if its artists and album are far enough back and
the rest can still be laid out. Laying out "the artist with most songs left goes first" succeeds whenever
songs of one artist each can be separated at all, so it is both the test of the rest and the way out; with
several artists on a song or fixed places a search with a bounded number of steps comes last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

SEARCH_STEPS = 4000


@dataclass(frozen=True)
class Gaps:
    """Other songs wanted between two of one artist, and between two of one album."""

    artist: int = 0
    album: int = 0


class Board:
    """Songs as tags (artist or album) with the gap each tag wants, and the slots they are laid into."""

    def __init__(self, tags: Sequence[Sequence[tuple[Hashable, int]]], fixed: Mapping[int, int]) -> None:
        self.tags = tags
        self.fixed = dict(fixed)  # slot -> song
        self.size = len(tags)
        self.slots: list[int] = []
        self.gaps = {tag: gap for mine in tags for tag, gap in mine}
        self.widest = max(self.gaps.values(), default=0)
        self.last: dict[Hashable, list[int]] = {}
        self.ahead: dict[Hashable, list[int]] = {}
        for slot, song in sorted(self.fixed.items()):
            for tag, _ in tags[song]:
                self.ahead.setdefault(tag, []).append(slot)

    def fits(self, song: int) -> bool:
        """Whether the song may stand in the next slot."""
        slot = len(self.slots)
        for tag, gap in self.tags[song]:
            places = self.last.get(tag)
            if places and slot - places[-1] <= gap:
                return False
            if tag in self.ahead and any(0 <= place - slot <= gap for place in self.ahead[tag]):
                return False
        return True

    def push(self, song: int) -> None:
        for tag, _ in self.tags[song]:
            self.last.setdefault(tag, []).append(len(self.slots))
        self.slots.append(song)

    def pop(self) -> int:
        song = self.slots.pop()
        for tag, _ in self.tags[song]:
            self.last[tag].pop()
        return song

    def ready(self, tag: Hashable, gap: int) -> int:
        """The first slot from now on in which the tag may stand again."""
        places = self.last.get(tag)
        return max(len(self.slots), places[-1] + gap + 1) if places else len(self.slots)


def tags(
    artists: Sequence[Sequence[str]], albums: Sequence[int], gaps: Gaps
) -> list[list[tuple[Hashable, int]]]:
    """Each song's tags with their gaps; only tags that stand on two songs or more can bind."""
    counts: Counter[Hashable] = Counter(artist for names in artists for artist in set(names))
    counts.update(("album", album) for album in albums)
    found = []
    for names, album in zip(artists, albums, strict=True):
        mine: list[tuple[Hashable, int]] = [(n, gaps.artist) for n in dict.fromkeys(names) if counts[n] > 1]
        if counts["album", album] > 1:
            mine.append((("album", album), gaps.album))
        found.append([(tag, gap) for tag, gap in mine if gap > 0])
    return found


def separate(
    wish: Sequence[int],
    tags: Sequence[Sequence[tuple[Hashable, int]]],
    fixed: Mapping[int, int] | None = None,
) -> list[int] | None:
    """The songs of `wish` in an order that keeps every gap, near the wished one; None if none was found.
    `fixed` is slot -> song, from 0."""
    fixed = fixed or {}
    loose = [song for song in wish if song not in set(fixed.values())]
    if not any(tags):
        return _merge(loose, fixed, len(tags))
    return (
        _walk(loose, Board(tags, fixed))
        or _most_first(loose, Board(tags, fixed))
        or _search(loose, Board(tags, fixed))
    )


def holds(order: Sequence[int], tags: Sequence[Sequence[tuple[Hashable, int]]]) -> bool:
    """Whether an order keeps every gap."""
    last: dict[Hashable, int] = {}
    for slot, song in enumerate(order):
        for tag, gap in tags[song]:
            if tag in last and slot - last[tag] <= gap:
                return False
            last[tag] = slot
    return True


def _merge(loose: Sequence[int], fixed: Mapping[int, int], size: int) -> list[int]:
    rest = iter(loose)
    return [fixed[slot] if slot in fixed else next(rest) for slot in range(size)]


def _walk(loose: list[int], board: Board) -> list[int] | None:
    """The first wished song that fits and leaves a rest that can be laid out, slot by slot."""
    left = list(loose)
    counts = Counter(tag for song in left for tag, _ in board.tags[song])
    while len(board.slots) < board.size:
        if (song := board.fixed.get(len(board.slots))) is not None:
            board.push(song)
            continue
        fitting = (song for song in left if board.fits(song) and _leaves_room(board, song, left, counts))
        if (song := next(fitting, None)) is None:
            return None
        left.remove(song)
        board.push(song)
        counts.subtract(tag for tag, _ in board.tags[song])
    return board.slots


def _leaves_room(board: Board, song: int, left: Sequence[int], counts: Mapping[Hashable, int]) -> bool:
    """Whether the rest can still be laid out after this song. Looked at closely only where it is tight."""
    room, widest = board.size - len(board.slots), board.widest
    if room > (max(counts.values(), default=0) + 1) * (widest + 1) + widest:
        return True
    gaps = board.gaps
    tight = any(n > 1 and (n + 1) * (gaps[tag] + 1) + gaps[tag] >= room for tag, n in counts.items())
    if not tight and room > 8:
        return True
    rest = [other for other in left if other != song]
    trial = Board(board.tags, board.fixed)
    for placed in [*board.slots, song]:
        trial.push(placed)
    return _most_first(rest, trial) is not None


def _most_first(loose: Sequence[int], board: Board) -> list[int] | None:
    """Slot by slot, the fitting song whose tag must hurry most: most songs left times its gap, soonest
    ready."""
    left = list(loose)
    counts = Counter(tag for song in left for tag, _ in board.tags[song])
    while len(board.slots) < board.size:
        if (song := board.fixed.get(len(board.slots))) is None:
            fitting = [song for song in left if board.fits(song)]
            if not fitting:
                return None
            song = max(
                fitting, key=lambda s: max(((counts[t] - 1) * (g + 1) for t, g in board.tags[s]), default=-1)
            )
            left.remove(song)
            counts.subtract(tag for tag, _ in board.tags[song])
        board.push(song)
    return list(board.slots)


def _search(loose: Sequence[int], board: Board) -> list[int] | None:
    """Depth first with the hurried songs first, for a bounded number of steps."""
    left, steps = list(loose), 0
    trail: list[list[int]] = []
    while len(board.slots) < board.size:
        steps += 1
        if steps > SEARCH_STEPS:
            return None
        trail.append(_choices(left, board))
        while not trail[-1]:
            trail.pop()
            if not trail:
                return None
            _undo(board, left)
        song = trail[-1].pop()
        if song in left:
            left.remove(song)
        board.push(song)
    return board.slots


def _choices(left: Sequence[int], board: Board) -> list[int]:
    """What may stand next, the best last; a fixed song is the only choice in its slot."""
    if (song := board.fixed.get(len(board.slots))) is not None:
        return [song]
    counts = Counter(tag for song in left for tag, _ in board.tags[song])
    fitting, seen = [], set()
    for song in left:
        kind = frozenset(board.tags[song])
        if kind not in seen and board.fits(song):
            seen.add(kind)
            fitting.append(song)
    return sorted(
        fitting, key=lambda s: max(((counts[t] - 1) * (g + 1) for t, g in board.tags[s]), default=-1)
    )


def _undo(board: Board, left: list[int]) -> None:
    song = board.pop()
    if song not in board.fixed.values():
        left.append(song)
