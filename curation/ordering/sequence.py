"""The order of one list: by score, arc, clock, release or chance, with artists and albums kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from curation.ordering import seeded, spacing, transitions
from curation.ordering.spacing import Gaps as Gaps

if TYPE_CHECKING:
    from curation.policy.language import Order


class Song(NamedTuple):
    """What an order looks at; None is unknown, and unknown is neutral."""

    track_id: int
    artists: Sequence[str]
    album: int
    pool: str = "rest"
    score: float = 0.5
    released: int | None = None  # day number
    energy: float | None = None
    valence: float | None = None
    tempo: float | None = None
    danceability: float | None = None
    key: int | None = None
    is_major: bool | None = None


@dataclass(frozen=True)
class Sequenced:
    """Songs by their index, and the gaps that hold between them: narrower than wished if nothing else
    exists."""

    order: list[int]
    gaps: Gaps

    def keeps(self, wished: Gaps) -> bool:
        return self.gaps == wished


def sequence(
    songs: Sequence[Song], order: Order, *, seed: int, fixed: Mapping[int, int] | None = None
) -> Sequenced:
    """A permutation of the songs. `fixed` holds slot (from 0) -> song index. Where no order keeps the wished
    gaps, the widest narrower ones are kept and named."""
    fixed = {slot: song for slot, song in (fixed or {}).items() if slot < len(songs)}
    wish, cost = _wish(songs, order, seed)
    for gaps in _narrowing(Gaps(order.artist_gap, order.album_gap)):
        kinds = spacing.tags([song.artists for song in songs], [song.album for song in songs], gaps)
        found = spacing.separate(wish, kinds, fixed)
        if found is not None:
            return Sequenced(transitions.improve(found, cost, kinds, fixed) if cost else found, gaps)
    raise AssertionError("without gaps every order holds")


def _narrowing(gaps: Gaps) -> list[Gaps]:
    """The wished gaps, then smaller ones: the album's first, the artist's last."""
    found = [Gaps(gaps.artist, album) for album in range(gaps.album, -1, -1)]
    return found + [Gaps(artist, 0) for artist in range(gaps.artist - 1, -1, -1)]


def _wish(songs: Sequence[Song], order: Order, seed: int) -> tuple[list[int], transitions.Cost | None]:
    """The order that would be, if nothing had to be kept apart, and what departing from it costs."""
    if order.by == "arc":
        cost = transitions.Cost(songs, order)
        return transitions.wish(songs, cost, seed), cost if transitions.counts(order) else None
    wished = _plain_wish(songs, order, seed)
    return wished, transitions.Cost(songs, order, wished) if transitions.counts(order) else None


def _plain_wish(songs: Sequence[Song], order: Order, seed: int) -> list[int]:
    numbers = range(len(songs))
    by_score = sorted(numbers, key=lambda i: (-songs[i].score, songs[i].track_id))
    match order.by:
        case "shuffle":
            return sorted(numbers, key=lambda i: seeded.mix(songs[i].track_id, seed))
        case "release":
            return sorted(by_score, key=lambda i: -(songs[i].released or 0))
        case "clock":
            return _by_clock(songs, order.clock, by_score)
    return by_score


def _by_clock(songs: Sequence[Song], clock: Sequence[str], by_score: Sequence[int]) -> list[int]:
    """The clock's pools in turn, the best of each first; an empty pool's turn goes to the fullest."""
    pools: dict[str, list[int]] = {}
    for number in reversed(by_score):
        pools.setdefault(songs[number].pool, []).append(number)
    found: list[int] = []
    turn = 0
    while len(found) < len(songs):
        pool = pools.get(clock[turn % len(clock)]) or max(pools.values(), key=len)
        found.append(pool.pop())
        turn += 1
    return found
