"""Exact maximum flow between classes of tracks and policies: a day's bound, a plan's certificate. Pure.

Tracks that the same policies admit are interchangeable, so a million tracks become some hundred classes and
the exact answer takes milliseconds. Caps per artist and album are left out, which makes the result an upper
bound."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from curation.engine import allocation, augment

# With more policies than this there are nearly as many classes as tracks, and tracks one by one are quicker.
CLASSES_UP_TO = 25


def max_flow(classes: Mapping[int, int], needs: Sequence[int]) -> list[int]:
    """How much of each need can be filled at once. `classes` counts tracks by mask; bit p of a mask is
    `needs[p]`. The total is the maximum; each part is at most its need."""
    if len(needs) > CLASSES_UP_TO:
        open_ = _allocated(classes, needs)
    else:
        network = _Network(classes, needs)
        network.run()
        open_ = network.open
    return [need - left for need, left in zip(needs, open_, strict=True)]


def certified(classes: Mapping[int, int], playlists: Sequence[int], *, count: int, gap: int) -> list[int]:
    """Playlists per policy, as near to those asked for as the classes can keep full for ever with `gap` days
    of rest: over `gap` days each track is used at most once. Policies that fight over too few tracks give
    way, the one with the most playlists first."""
    found, size = list(playlists), count * max(gap, 1)
    while sum(found):
        missing, tight = _lacking(classes, [number * size for number in found])
        if not missing:
            break
        for _ in range(max(missing // size, 1)):
            most = max((p for p in tight if found[p]), key=lambda p: (found[p], p), default=None)
            if most is not None:
                found[most] -= 1
    return found


def _lacking(classes: Mapping[int, int], needs: Sequence[int]) -> tuple[int, set[int]]:
    """The uses that can not be had, and the policies that compete for scarce tracks."""
    if len(needs) > CLASSES_UP_TO:
        open_ = _allocated(classes, needs)
        return sum(open_), {p for p, left in enumerate(open_) if left}
    network = _Network(classes, needs)
    network.run()
    return sum(network.open), network.tight


def _allocated(classes: Mapping[int, int], needs: Sequence[int]) -> list[int]:
    """What stays open of each need when the day's allocator deals the tracks out, one by one and without
    caps."""
    masks = [mask for mask, count in sorted(classes.items()) for _ in range(count)]
    items = [allocation.Item(number, mask, "", (), 0, "") for number, mask in enumerate(masks)]
    slot_groups = [allocation.SlotGroup(p, p, need) for p, need in enumerate(needs)]
    allocated = allocation.allocate(
        items,
        slot_groups,
        [allocation.Caps()] * len(slot_groups),
        masks,
        tiers=[allocation.TOP_TIER] * len(items),
    )
    augment.fill(allocated)
    return allocated.open


class _Network:
    """Classes on one side, policies on the other; what each class gives to each policy is kept, so it can be
    moved."""

    def __init__(self, classes: Mapping[int, int], needs: Sequence[int]) -> None:
        self.open = list(needs)
        self.free = {mask: count for mask, count in classes.items() if mask and count}
        self.gives: list[dict[int, int]] = [{} for _ in needs]  # policy -> class -> tracks given
        self.tight: set[int] = set()  # policies that compete for scarce tracks
        self.admitting: list[list[int]] = [
            [mask for mask in self.free if mask >> p & 1] for p in range(len(needs))
        ]

    def run(self) -> None:
        self.greedy()
        while self.augment():
            pass

    def greedy(self) -> None:
        """Scarce policies first, from the classes that serve the fewest others."""
        supply = [sum(self.free[mask] for mask in masks) for masks in self.admitting]
        by_scarcity = sorted(range(len(self.open)), key=lambda p: supply[p] / max(self.open[p], 1))
        for policy in by_scarcity:
            for mask in sorted(self.admitting[policy], key=lambda mask: (mask.bit_count(), mask)):
                self._give(policy, mask, min(self.open[policy], self.free[mask]))

    def augment(self) -> bool:
        """One more path from a free class to an open policy, carrying as much as its narrowest step."""
        for start in range(len(self.open)):
            if self.open[start] and start not in self.tight and (path := self._path(start)):
                self._shift(start, path)
                return True
        return False

    def _path(self, start: int) -> list[tuple[int, int]] | None:
        """Steps (class, policy that has it); the last step's class is free. Breadth first."""
        came: dict[int, tuple[int, int]] = {}
        queue, seen = deque([start]), {start}
        while queue:
            policy = queue.popleft()
            for mask in self.admitting[policy]:
                if self.free[mask]:
                    return self._back(policy, mask, came)
            for other, given in enumerate(self.gives):
                if other not in seen and (
                    mask := next((m for m, n in given.items() if n and m >> policy & 1), 0)
                ):
                    seen.add(other)
                    came[other] = (policy, mask)
                    queue.append(other)
        self.tight |= seen
        return None

    def _back(self, policy: int, mask: int, came: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
        steps = [(mask, policy)]
        while policy in came:
            taker, taken = came[policy]
            steps.append((taken, taker))
            policy = taker
        return steps

    def _shift(self, start: int, steps: list[tuple[int, int]]) -> None:
        owners = [policy for _, policy in steps]
        amount = min(self.open[start], self.free[steps[0][0]])
        for (mask, _), owner in zip(steps[1:], owners, strict=False):
            amount = min(amount, self.gives[owner][mask])
        for (mask, _), owner in zip(steps[1:], owners, strict=False):
            self.gives[owner][mask] -= amount
            self.free[mask] += amount
            self.open[owner] += amount
        for mask, policy in steps:
            self._give(policy, mask, amount)

    def _give(self, policy: int, mask: int, amount: int) -> None:
        if amount:
            self.free[mask] -= amount
            self.open[policy] -= amount
            self.gives[policy][mask] = self.gives[policy].get(mask, 0) + amount
