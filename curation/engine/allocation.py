"""Which of today's tracks go to which policy: as many slots filled as a maximum flow allows, longest rested
first.

Pure: lists and dicts in, lists out. The way from here to a day's lists:

    day                   reads candidates, calls the pure parts below, bins lists to playlists.rotation
    allocation.allocate   tracks -> slot groups (a policy's blend pool over all its playlists)
    augment.fill          what the greedy pass left open: shifts tracks along a chain of slot groups
    distribute.deal       a policy's tracks -> its playlists, caps held in each
    shortfall.settle      relax steps, consolidation, hold | least_recent | short
    sequence.sequence     one list's order

Tracks are taken in the order (idle tier, flexibility, preference, seeded chance): the longest idle first, and
among those the choosy before the flexible, so that today does not spend what tomorrow needs. Each goes to the
admitting slots with the largest remaining need per remaining supply whose artist and album budgets (cap x
playlists) have room."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curation.engine import masks
from curation.ordering import seeded

TOP_TIER = 8
FREE = -1
UNLIMITED = 10**9


class Item(NamedTuple):
    """A candidate track. `mask` has one bit per condition asked, `values` the score fields asked for."""

    track_id: int
    mask: int
    spotify_id: str
    artists: Sequence[str]
    album: int
    recording: str
    values: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Caps:
    """What one list may hold of one artist, album and recording."""

    artist: int = UNLIMITED
    album: int = UNLIMITED
    recording: int = UNLIMITED

    def times(self, lists: int) -> Caps:
        return Caps(self.artist * lists, self.album * lists, self.recording * lists)


@dataclass(frozen=True)
class SlotGroup:
    """Slots of one kind: a policy's pool over all the policy's playlists. `group` shares one budget."""

    index: int
    group: int
    need: int
    pool: str = "rest"


class Budget:
    """What a group (or a single list) holds so far of each artist, album and recording, against its caps.

    Every artist on a track counts.
    """

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.artists: defaultdict[str, int] = defaultdict(int)
        self.albums: defaultdict[int, int] = defaultdict(int)
        self.recordings: defaultdict[str, int] = defaultdict(int)

    def admits(self, item: Item) -> bool:
        caps, artists = self.caps, self.artists
        for artist in item.artists:
            if artists[artist] >= caps.artist:
                return False
        return self.albums[item.album] < caps.album and self.recordings[item.recording] < caps.recording

    def admits_instead(self, item: Item, gone: Item) -> bool:
        """Whether the track fits once `gone` has left."""
        self.remove(gone)
        fits = self.admits(item)
        self.add(gone)
        return fits

    def add(self, item: Item, by: int = 1) -> None:
        for artist in item.artists:
            self.artists[artist] += by
        self.albums[item.album] += by
        self.recordings[item.recording] += by

    def remove(self, item: Item) -> None:
        self.add(item, -1)


@dataclass
class Allocation:
    """The state of one allocation: who may have what, who has what, and what is still open."""

    items: Sequence[Item]
    slot_groups: Sequence[SlotGroup]
    budgets: list[Budget]
    admits: list[int]  # per item: one bit per slots that may have it
    owner: list[int] = field(default_factory=list)
    open: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owner = self.owner or [FREE] * len(self.items)
        self.open = self.open or [slots.need for slots in self.slot_groups]

    def take(self, item: int, slots: int) -> None:
        self.owner[item] = slots
        self.open[slots] -= 1
        self.budgets[self.slot_groups[slots].group].add(self.items[item])

    def drop(self, item: int) -> None:
        slots = self.owner[item]
        self.owner[item] = FREE
        self.open[slots] += 1
        self.budgets[self.slot_groups[slots].group].remove(self.items[item])

    def lists(self) -> list[list[int]]:
        """Per slots, the item numbers it owns, in the order in which they were preferred."""
        found: list[list[int]] = [[] for _ in self.slot_groups]
        for item in self.order:
            if self.owner[item] != FREE:
                found[self.owner[item]].append(item)
        return found


def allocate(
    items: Sequence[Item],
    slot_groups: Sequence[SlotGroup],
    caps: Sequence[Caps],
    admits: Sequence[int],
    *,
    tiers: Sequence[int],
    prefer: Callable[[int, int], float] | None = None,
    seed: int = 0,
    held: Sequence[Sequence[Item]] = (),
) -> Allocation:
    """The greedy pass. `caps` are per group (already times its playlists), `admits` and `tiers` per item
    (a higher tier rested longer), `prefer(item, slots)` is a score from 0 to 1, `held` is what groups have
    already."""
    allocated = Allocation(items, slot_groups, [Budget(cap) for cap in caps], list(admits))
    for budget, already in zip(allocated.budgets, held, strict=False):
        for item in already:
            budget.add(item)
    supply = _supply(allocated.admits, len(slot_groups))
    bits = _Bits()
    allocated.order = _order(allocated, supply, tiers, prefer, seed, bits)
    _greedy(allocated, supply, bits)
    return allocated


def tier(idle_days: int | None, rotation_days: float) -> int:
    """0 to 8: how long a track has rested against the days the network needs for all; None is never used."""
    if idle_days is None:
        return TOP_TIER
    return min(int(2 * idle_days / max(rotation_days, 1.0)), TOP_TIER)


class _Bits(dict[int, tuple[int, ...]]):
    """A mask's set bits, remembered: many tracks share few masks."""

    def __missing__(self, mask: int) -> tuple[int, ...]:
        self[mask] = masks.bits(mask)
        return self[mask]


def _supply(admits: Sequence[int], slot_groups: int) -> list[int]:
    counted = masks.count(Counter(admits))
    return [counted[1 << slots] for slots in range(slot_groups)]


def _order(
    allocated: Allocation,
    supply: Sequence[int],
    tiers: Sequence[int],
    prefer: Callable[[int, int], float] | None,
    seed: int,
    bits: _Bits,
) -> list[int]:
    """Item numbers, first to be placed first. One integer per item, so that sorting is cheap."""
    pressure = [
        min(slots.need / supply[slots.index], 1.0) if supply[slots.index] else 0.0
        for slots in allocated.slot_groups
    ]
    # Where supply is ample, all tracks are nearly alike in flexibility and preference may speak.
    step = 1024 if max(pressure, default=0.0) > 0.5 else 8
    flexible = _remember(lambda mask: min(int(step * sum(map(pressure.__getitem__, bits[mask]))), 0xFFFF))
    keys: dict[int, int] = {}
    for number, mask in enumerate(allocated.admits):
        if mask:
            wish = 0
            if prefer is not None:
                wish = 1023 - int(1023 * max(prefer(number, slots) for slots in bits[mask]))
            mixed = seeded.mix(allocated.items[number].track_id, seed) >> 32
            keys[number] = ((TOP_TIER - tiers[number]) << 58) | (flexible[mask] << 42) | (wish << 32) | mixed
    return sorted(keys, key=keys.__getitem__)


class _remember(dict[int, int]):
    """A function of a mask, computed once for each."""

    def __init__(self, compute: Callable[[int], int]) -> None:
        self.compute = compute

    def __missing__(self, mask: int) -> int:
        self[mask] = self.compute(mask)
        return self[mask]


def _greedy(allocated: Allocation, supply: list[int], bits: _Bits) -> None:
    left, open_ = sum(allocated.open), allocated.open
    for number in allocated.order:
        if not left:
            return
        slot_groups = bits[allocated.admits[number]]
        best, most = FREE, -1.0
        for slots in slot_groups:
            need = open_[slots]
            if need > 0 and need > most * supply[slots]:
                best, most = slots, need / supply[slots]
        if best != FREE and not _fits(allocated, number, best):
            best = _neediest(allocated, number, slot_groups, supply)
        for slots in slot_groups:
            supply[slots] -= 1
        if best != FREE:
            allocated.take(number, best)
            left -= 1


def _neediest(allocated: Allocation, number: int, slot_groups: Sequence[int], supply: Sequence[int]) -> int:
    """The slots with the largest need per supply among those whose budgets have room: looked for only where
    the first choice has none."""
    open_ = allocated.open
    fitting = [slots for slots in slot_groups if open_[slots] > 0 and _fits(allocated, number, slots)]
    return max(fitting, key=lambda slots: open_[slots] / supply[slots], default=FREE)


def _fits(allocated: Allocation, number: int, slots: int) -> bool:
    return allocated.budgets[allocated.slot_groups[slots].group].admits(allocated.items[number])
