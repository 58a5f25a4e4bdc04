"""Deals a policy's tracks into its playlists, so that every list holds its caps and its shares of the blend.

Tracks lie in runs of one artist and album and are dealt round robin: a run of at most cap x n tracks gives
each of n lists at most the cap, so the caps of main artists and albums hold by construction. What runs can
not show (featured artists, compilations, one recording on two albums) is put right by a swap. The runs' order
changes with the seed, so a track does not come back to the same list every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from curation.engine.allocation import Budget, Caps, Item
from curation.ordering import seeded


@dataclass
class PlaylistBin:
    """One playlist's list in the making: places open by slots, and what it holds."""

    playlist_id: int
    budget: Budget
    open: dict[int, int]
    held: list[tuple[int, int]] = field(default_factory=list)  # (item number, slots)

    def can_take(self, item: Item, slots: int) -> bool:
        return self.open.get(slots, 0) > 0 and self.budget.admits(item)

    def take(self, number: int, item: Item, slots: int) -> None:
        self.held.append((number, slots))
        self.open[slots] = self.open.get(slots, 0) - 1
        self.budget.add(item)

    def give(self, number: int, item: Item, slots: int) -> None:
        self.held.remove((number, slots))
        self.open[slots] += 1
        self.budget.remove(item)


def bins(playlists: Sequence[int], caps: Caps, places: dict[int, int]) -> list[PlaylistBin]:
    """Empty lists with `places` open by slots."""
    return [PlaylistBin(playlist, Budget(caps), dict(places)) for playlist in playlists]


def deal(
    bins: list[PlaylistBin], tracks: Sequence[tuple[int, int]], items: Sequence[Item], *, seed: int
) -> list[tuple[int, int]]:
    """Give each (item number, slots) to a playlist; what none can take, even by a swap, comes back."""
    left: list[tuple[int, int]] = []
    turn = seed % max(len(bins), 1)
    for number, slots in _runs(tracks, items, seed):
        for step in range(len(bins)):
            playlist_bin = bins[(turn + step) % len(bins)]
            if playlist_bin.can_take(items[number], slots):
                playlist_bin.take(number, items[number], slots)
                turn = (turn + step + 1) % len(bins)
                break
        else:
            left.append((number, slots))
    return [(number, slots) for number, slots in left if not swap_in(bins, number, slots, items)]


def swap_in(bins: Sequence[PlaylistBin], number: int, slots: int, items: Sequence[Item]) -> bool:
    """Place a track that no playlist can take directly: one takes it and gives another that fits where a
    place is."""
    for needy in bins:
        if needy.open.get(slots, 0) > 0:
            for giver in bins:
                if giver is not needy and _exchange(needy, giver, number, slots, items):
                    return True
    return False


def _exchange(needy: PlaylistBin, giver: PlaylistBin, number: int, slots: int, items: Sequence[Item]) -> bool:
    for other, its_cell in list(giver.held):
        if its_cell == slots and needy.budget.admits(items[other]):
            giver.give(other, items[other], slots)
            if giver.can_take(items[number], slots):
                giver.take(number, items[number], slots)
                needy.take(other, items[other], slots)
                return True
            giver.take(other, items[other], slots)
    return False


def _runs(tracks: Sequence[tuple[int, int]], items: Sequence[Item], seed: int) -> list[tuple[int, int]]:
    """Tracks sorted into runs of one artist and album; where each artist's run lies is up to the seed."""
    place: dict[str, int] = {}

    def key(track: tuple[int, int]) -> tuple[int, int, int]:
        item = items[track[0]]
        artist = item.artists[0] if item.artists else ""
        at = place.get(artist)
        if at is None:
            at = place[artist] = seeded.mix(len(place), seed)
        return at, item.album, seeded.mix(item.track_id, seed)

    return sorted(tracks, key=key)
