"""Deals a policy's tracks into its playlists, so that every list holds its caps and its shares of the blend.

Tracks lie in runs of one artist and album and are dealt round robin: a run of at most cap x n tracks gives
each of n lists at most the cap, so the caps of main artists and albums hold by construction. What runs can
not show (featured artists, compilations, one recording on two albums) is put right by a swap. The runs' order
changes with the seed, so a track does not come back to the same list every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from curation import chance
from curation.allocation import Budget, Caps, Item


@dataclass
class Hand:
    """One playlist's list in the making: places open by cell, and what it holds."""

    playlist_id: int
    budget: Budget
    open: dict[int, int]
    held: list[tuple[int, int]] = field(default_factory=list)  # (item number, cell)

    def can_take(self, item: Item, cell: int) -> bool:
        return self.open.get(cell, 0) > 0 and self.budget.admits(item)

    def take(self, number: int, item: Item, cell: int) -> None:
        self.held.append((number, cell))
        self.open[cell] = self.open.get(cell, 0) - 1
        self.budget.add(item)

    def give(self, number: int, item: Item, cell: int) -> None:
        self.held.remove((number, cell))
        self.open[cell] += 1
        self.budget.remove(item)


def hands(playlists: Sequence[int], caps: Caps, places: dict[int, int]) -> list[Hand]:
    """Empty lists with `places` open by cell."""
    return [Hand(playlist, Budget(caps), dict(places)) for playlist in playlists]


def deal(
    hands: list[Hand], tracks: Sequence[tuple[int, int]], items: Sequence[Item], *, seed: int
) -> list[tuple[int, int]]:
    """Give each (item number, cell) to a hand; what no hand can take, even by a swap, comes back."""
    left: list[tuple[int, int]] = []
    turn = seed % max(len(hands), 1)
    for number, cell in _runs(tracks, items, seed):
        for step in range(len(hands)):
            hand = hands[(turn + step) % len(hands)]
            if hand.can_take(items[number], cell):
                hand.take(number, items[number], cell)
                turn = (turn + step + 1) % len(hands)
                break
        else:
            left.append((number, cell))
    return [(number, cell) for number, cell in left if not swap_in(hands, number, cell, items)]


def swap_in(hands: Sequence[Hand], number: int, cell: int, items: Sequence[Item]) -> bool:
    """Place a track that no hand can take directly: some hand takes it and gives another that fits where a
    place is."""
    for needy in hands:
        if needy.open.get(cell, 0) > 0:
            for giver in hands:
                if giver is not needy and _exchange(needy, giver, number, cell, items):
                    return True
    return False


def _exchange(needy: Hand, giver: Hand, number: int, cell: int, items: Sequence[Item]) -> bool:
    for other, its_cell in list(giver.held):
        if its_cell == cell and needy.budget.admits(items[other]):
            giver.give(other, items[other], cell)
            if giver.can_take(items[number], cell):
                giver.take(number, items[number], cell)
                needy.take(other, items[other], cell)
                return True
            giver.take(other, items[other], cell)
    return False


def _runs(tracks: Sequence[tuple[int, int]], items: Sequence[Item], seed: int) -> list[tuple[int, int]]:
    """Tracks sorted into runs of one artist and album; where each artist's run lies is up to the seed."""
    place: dict[str, int] = {}

    def key(track: tuple[int, int]) -> tuple[int, int, int]:
        item = items[track[0]]
        artist = item.artists[0] if item.artists else ""
        at = place.get(artist)
        if at is None:
            at = place[artist] = chance.mix(len(place), seed)
        return at, item.album, chance.mix(item.track_id, seed)

    return sorted(tracks, key=key)
