"""Keeps songs of one artist or album apart: an order close to a wished one, found whenever any order exists.

The wished order is walked slot by slot; a song may come next if its artists and album are far enough back and
the rest can still be laid out. Laying out "the artist with most songs left goes first" succeeds whenever
songs of one artist each can be separated at all, so it is both the test of the rest and the way out; with
several artists on a song or fixed places a search with a bounded number of steps comes last."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from curation.ordering import seeded

SEARCH_STEPS = 1500
ATTEMPTS = 20
_ROUGH = 8  # slots by which a later attempt may misjudge how much a song must hurry
Tag = tuple[Hashable, int]  # an artist or an album, and the gap that it wants
Kind = tuple[Tag, ...]  # all tags of a song: songs of one kind can stand for each other


@dataclass(frozen=True)
class Gaps:
    """Other songs wanted between two of one artist, and between two of one album."""

    artist: int = 0
    album: int = 0


class Board:
    """Songs as kinds (artists and album with the gap each wants), and the slots they are laid into."""

    def __init__(self, kinds: Sequence[Kind], fixed: Mapping[int, int]) -> None:
        self.kinds = kinds
        self.fixed = dict(fixed)  # slot -> song
        self.size = len(kinds)
        self.slots: list[int] = []
        self.gaps = {tag: gap for kind in kinds for tag, gap in kind}
        self.widest = max(self.gaps.values(), default=0)
        self.last: dict[Hashable, list[int]] = {}
        self.ahead: dict[Hashable, list[int]] = {}
        for slot, song in sorted(self.fixed.items()):
            for tag, _ in kinds[song]:
                self.ahead.setdefault(tag, []).append(slot)

    @property
    def room(self) -> int:
        return self.size - len(self.slots)

    def fits(self, kind: Kind) -> bool:
        """Whether a song of this kind may stand in the next slot."""
        slot = len(self.slots)
        for tag, gap in kind:
            places = self.last.get(tag)
            if places and slot - places[-1] <= gap:
                return False
            if tag in self.ahead and any(0 <= place - slot <= gap for place in self.ahead[tag]):
                return False
        return True

    def push(self, song: int) -> None:
        for tag, _ in self.kinds[song]:
            self.last.setdefault(tag, []).append(len(self.slots))
        self.slots.append(song)

    def pop(self) -> int:
        song = self.slots.pop()
        for tag, _ in self.kinds[song]:
            self.last[tag].pop()
        return song

    def ready(self, tag: Hashable) -> int:
        """The first slot from now on in which the tag may stand again."""
        places = self.last.get(tag)
        return max(len(self.slots), places[-1] + self.gaps[tag] + 1) if places else len(self.slots)

    def back_to(self, slots: int) -> None:
        while len(self.slots) > slots:
            self.pop()


class Rest:
    """Songs still to be laid out, by kind, and how many of them each tag stands on."""

    def __init__(self, songs: Sequence[int], kinds: Sequence[Kind]) -> None:
        self.kinds: dict[Kind, list[int]] = {}
        for song in reversed(songs):
            self.kinds.setdefault(kinds[song], []).append(song)
        self.counts = Counter(tag for song in songs for tag, _ in kinds[song])

    def take(self, kind: Kind) -> int:
        """The first wished song of the kind."""
        songs = self.kinds[kind]
        song = songs.pop()
        if not songs:
            del self.kinds[kind]
        for tag, _ in kind:
            self.counts[tag] -= 1
        return song

    def put_back(self, song: int, kind: Kind) -> None:
        self.kinds.setdefault(kind, []).append(song)
        for tag, _ in kind:
            self.counts[tag] += 1

    def hurry(self, kind: Kind) -> list[int]:
        """How many slots the songs of each of its tags still span, the longest first."""
        return sorted(((self.counts[tag] - 1) * (gap + 1) for tag, gap in kind), reverse=True)

    def is_too_late(self, board: Board) -> bool:
        """Whether some tag's songs no longer fit into the slots that are left, whatever the order."""
        return any(
            number and board.ready(tag) + (number - 1) * (board.gaps[tag] + 1) >= board.size
            for tag, number in self.counts.items()
        )


def tags(artists: Sequence[Sequence[str]], albums: Sequence[int], gaps: Gaps) -> list[Kind]:
    """Each song's tags with their gaps; only tags that stand on two songs or more can bind."""
    by_artist = Counter(itertools.chain.from_iterable(map(set, artists)))
    by_album = Counter(albums)
    found = []
    for names, album in zip(artists, albums, strict=True):
        mine: list[Tag] = []
        if gaps.artist:
            mine += [(name, gaps.artist) for name in dict.fromkeys(names) if by_artist[name] > 1]
        if gaps.album and by_album[album] > 1:
            mine.append((("album", album), gaps.album))
        found.append(tuple(mine))
    return found


def separate(
    wish: Sequence[int], kinds: Sequence[Kind], fixed: Mapping[int, int] | None = None
) -> list[int] | None:
    """The songs of `wish` in an order that keeps every gap, near the wished one; None if none was found.
    `fixed` is slot -> song, from 0."""
    fixed = fixed or {}
    held = set(fixed.values())
    loose = [song for song in wish if song not in held]
    if not any(kinds):
        return _merge(loose, fixed, len(kinds))
    if Rest(loose, kinds).is_too_late(Board(kinds, fixed)):
        return None
    return (
        _walk(loose, Board(kinds, fixed))
        or _most_first(loose, Board(kinds, fixed))
        or _search(loose, Board(kinds, fixed))
    )


def holds(order: Sequence[int], kinds: Sequence[Kind]) -> bool:
    """Whether an order keeps every gap."""
    last: dict[Hashable, int] = {}
    for slot, song in enumerate(order):
        for tag, gap in kinds[song]:
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
    rest = Rest(left, board.kinds)
    while board.room:
        song = board.fixed.get(len(board.slots))
        if song is None:
            if (song := _next(left, rest, board)) is None:
                return None
            left.remove(song)
            rest.take(board.kinds[song])
        board.push(song)
    return board.slots


def _next(left: Sequence[int], rest: Rest, board: Board) -> int | None:
    refused: set[Kind] = set()
    for song in left:
        kind = board.kinds[song]
        if kind in refused or not board.fits(kind):
            continue
        if _leaves_room(board, song, left, rest):
            return song
        refused.add(kind)
    return None


def _leaves_room(board: Board, song: int, left: Sequence[int], rest: Rest) -> bool:
    """Whether the others can still be laid out after this song. Looked at closely only where it is tight."""
    room = board.room
    if room > 8 and not _is_tight(rest.counts, board.gaps, room):
        return True
    others = [other for other in left if other != song]
    mark = len(board.slots)
    board.push(song)
    done = _as_wished(others, board)
    if not done:
        board.back_to(mark + 1)
        done = _most_first(others, board) is not None
    board.back_to(mark)
    return done


def _is_tight(counts: Mapping[Hashable, int], gaps: Mapping[Hashable, int], room: int) -> bool:
    return any(n > 1 and (n + 1) * (gaps[tag] + 1) + gaps[tag] >= room for tag, n in counts.items())


def _as_wished(loose: Sequence[int], board: Board) -> bool:
    """Lay out the rest just as it is wished, as far as it fits."""
    rest = iter(loose)
    while board.room:
        song = board.fixed.get(len(board.slots))
        if song is None:
            song = next(rest)
            if not board.fits(board.kinds[song]):
                return False
        board.push(song)
    return True


def _most_first(loose: Sequence[int], board: Board) -> list[int] | None:
    """Slot by slot, the fitting song whose tags must hurry most: most songs left times the gap."""
    rest = Rest(loose, board.kinds)
    while board.room:
        song = board.fixed.get(len(board.slots))
        if song is None:
            fitting = [kind for kind in rest.kinds if board.fits(kind)]
            if not fitting:
                return None
            song = rest.take(max(fitting, key=rest.hurry))
        board.push(song)
    return list(board.slots)


def _search(loose: Sequence[int], board: Board) -> list[int] | None:
    """Depth first with the hurried songs first; after a number of steps again, with dice mixed in: a wrong
    turn taken early is seldom taken twice."""
    for attempt in range(ATTEMPTS):
        board.back_to(0)
        found = _descend(Rest(loose, board.kinds), board, attempt)
        if found or found is None:
            return found
    return None


def _descend(rest: Rest, board: Board, attempt: int) -> list[int] | None:
    """An order; none if every order was tried; an empty one if the steps ran out before."""
    trail: list[list[Kind]] = []
    for _ in range(SEARCH_STEPS):
        if not board.room:
            return board.slots
        trail.append(_choices(rest, board, attempt))
        while not trail[-1]:
            trail.pop()
            if not trail:
                return None
            _undo(rest, board)
        kind = trail[-1].pop()
        song = board.fixed.get(len(board.slots))
        board.push(rest.take(kind) if song is None else song)
    return []


def _choices(rest: Rest, board: Board, attempt: int) -> list[Kind]:
    """What may stand next, the best last; a fixed song is the only choice in its slot."""
    if (song := board.fixed.get(len(board.slots))) is not None:
        return [board.kinds[song]]
    if rest.is_too_late(board):
        return []
    fitting = [kind for kind in rest.kinds if board.fits(kind)]
    if not attempt:
        return sorted(fitting, key=rest.hurry)
    slot = len(board.slots)

    def roughly(kind: Kind) -> float:
        return sum(rest.hurry(kind)[:2]) + _ROUGH * seeded.share(rest.kinds[kind][0] + 1000 * slot, attempt)

    return sorted(fitting, key=roughly)


def _undo(rest: Rest, board: Board) -> None:
    slot = len(board.slots) - 1
    song = board.pop()
    if slot not in board.fixed:
        rest.put_back(song, board.kinds[song])
