"""Fills slots that the greedy pass left open, by shifting one track per step along a chain of slot groups
(augmenting paths).

An open slot of group c may take a free track; or a track of group d, which then needs another; and so on
until a free track ends the chain. Groups are searched breadth first, so chains are short. Where an artist's
or album's budget is used up, a track may still come if one that shares it leaves by the same chain; that
search looks at single tracks and runs only when the one over slot groups finds nothing. What an exhausted
search has seen can never be filled and is left alone."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

from curation.engine import masks
from curation.engine.allocation import FREE, UNLIMITED, Allocation, Caps, Item

# Budget-bound tracks looked at per pair of slot groups before the search by track has to do it.
_PEEK = 40


def fill(allocated: Allocation) -> int:
    """Fill what can be filled; the number of slots gained."""
    search = _Search(allocated)
    gained = 0
    for slots in sorted(range(len(allocated.open)), key=lambda c: -allocated.open[c]):
        while allocated.open[slots] > 0 and slots not in search.dead:
            if not (search.by_group(slots) or (search.is_capped and search.by_track(slots))):
                break
            gained += 1
    return gained


class _Search:
    def __init__(self, allocated: Allocation) -> None:
        self.allocated = allocated
        self.dead: set[int] = set()  # slot groups that no chain fills any more
        self.spent: set[int] = set()  # tracks that no chain can pass through any more
        self.wanted: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in allocated.slot_groups]
        self.sharing: defaultdict[object, list[int]] = defaultdict(list)
        self.is_indexed = False
        self.is_capped = any(budget.caps != Caps() for budget in allocated.budgets)
        if any(need > 0 for need in allocated.open):
            for item in reversed(
                allocated.order
            ):  # lists are read from their end: the preferred tracks first
                self._note(item)

    def _note(self, item: int) -> None:
        owner = self.allocated.owner[item]
        for slots in masks.bits(self.allocated.admits[item]):
            if slots != owner:
                self.wanted[slots][owner].append(item)

    def _move(self, item: int, slots: int) -> None:
        if self.allocated.owner[item] != FREE:
            self.allocated.drop(item)
        self.allocated.take(item, slots)
        self._note(item)

    def _fits(self, item: int, slots: int) -> bool:
        allocated = self.allocated
        group, owner = allocated.slot_groups[slots].group, allocated.owner[item]
        if owner != FREE and allocated.slot_groups[owner].group == group:
            return True
        return allocated.budgets[group].admits(allocated.items[item])

    # --- over slot groups

    def by_group(self, start: int) -> bool:
        """One more track for `start` by a chain of slot groups, if budgets let each step pass as they are."""
        came: dict[int, tuple[int, int]] = {}  # slots -> (who takes from it, the track taken)
        queue, seen = deque([start]), {start}
        while queue:
            slots = queue.popleft()
            if (item := self._peek(slots, FREE)) is not None:
                return self._shift(item, slots, came)
            for owner in list(self.wanted[slots]):
                if owner in seen or owner == FREE or (item := self._peek(slots, owner)) is None:
                    continue
                seen.add(owner)
                came[owner] = (slots, item)
                queue.append(owner)
        return False

    def _peek(self, slots: int, owner: int) -> int | None:
        """A track of `owner` that `slots` can take as things stand; entries that moved on are dropped."""
        found = self.wanted[slots].get(owner, [])
        kept: list[int] = []
        item = None
        while found and len(kept) < _PEEK:
            last = found.pop()
            if self.allocated.owner[last] != owner:
                continue
            kept.append(last)
            if self._fits(last, slots):
                item = last
                break
        found.extend(reversed(kept))
        return item

    def _shift(self, item: int, slots: int, came: dict[int, tuple[int, int]]) -> bool:
        chain = [(item, slots)]
        while slots in came:
            taker, item = came[slots]
            chain.append((item, taker))
            slots = taker
        return self._carry_out(chain)

    # --- over single tracks

    def by_track(self, start: int) -> bool:
        """One more track for `start`, also where a budget is used up. Marks what it saw as dead if there is
        none."""
        self._index()
        came: dict[int, tuple[int, int | None]] = {}  # track -> (the slots it goes to, the track it replaces)
        queue: deque[tuple[int, int | None]] = deque([(start, None)])
        done: set[tuple[int, object]] = set()
        while queue:
            slots, lost = queue.popleft()
            for item in self._options(slots, lost, done):
                if item in came or item in self.spent:
                    continue
                came[item] = (slots, lost)
                if self.allocated.owner[item] != FREE:
                    queue.append((self.allocated.owner[item], item))
                elif self._replace(item, came):
                    return True
        self.dead |= {slots for slots, key in done if key is None}
        self.spent |= came.keys()
        return False

    def _index(self) -> None:
        if not self.is_indexed:
            self.is_indexed = True
            for item in self.allocated.order:
                for key in _keys(self.allocated.items[item], _ALL):
                    self.sharing[key].append(item)

    def _options(self, slots: int, lost: int | None, done: set[tuple[int, object]]) -> Iterator[int]:
        """Tracks that `slots` could take once `lost` has left. What a group was asked once is not asked
        again: all that its budgets allow anyway, and all that share an artist, album or recording with what
        left."""
        allocated, bit = self.allocated, 1 << slots
        budget = allocated.budgets[allocated.slot_groups[slots].group]
        if lost is not None:
            gone = allocated.items[lost]
            for key in _keys(gone, budget.caps):
                if (slots, key) in done:
                    continue
                done.add((slots, key))
                for item in self.sharing[key]:
                    if not allocated.admits[item] & bit or allocated.owner[item] == slots:
                        continue
                    if self._fits(item, slots) or budget.admits_instead(allocated.items[item], gone):
                        yield item
        if (slots, None) not in done and slots not in self.dead:
            done.add((slots, None))
            for owner in sorted(self.wanted[slots]):
                for item in self.wanted[slots][owner]:
                    if allocated.owner[item] == owner and self._fits(item, slots):
                        yield item

    def _replace(self, item: int, came: dict[int, tuple[int, int | None]]) -> bool:
        chain: list[tuple[int, int]] = []
        step: int | None = item
        while step is not None:
            slots, lost = came[step]
            chain.append((step, slots))
            step = lost
        return self._carry_out(chain)

    def _carry_out(self, chain: list[tuple[int, int]]) -> bool:
        """Move each track of the chain to its slots, or nothing if a budget would not stand it in the end."""
        if len(chain) > 1 and not self._allowed(chain):
            return False
        for item, slots in chain:
            self._move(item, slots)
        return True

    def _allowed(self, chain: list[tuple[int, int]]) -> bool:
        allocated = self.allocated
        before = [(item, allocated.owner[item]) for item, _ in chain]
        for item, owner in before:
            if owner != FREE:
                allocated.drop(item)
        done: list[int] = []
        for item, slots in chain:
            if not allocated.budgets[allocated.slot_groups[slots].group].admits(allocated.items[item]):
                break
            allocated.take(item, slots)
            done.append(item)
        for item in done:
            allocated.drop(item)
        for item, owner in before:
            if owner != FREE:
                allocated.take(item, owner)
        return len(done) == len(chain)


_ALL = Caps(0, 0, 0)


def _keys(item: Item, caps: Caps) -> list[object]:
    """What two tracks may have in common that one of the caps counts."""
    found: list[object] = [*item.artists] if caps.artist < UNLIMITED else []
    if caps.album < UNLIMITED:
        found.append(item.album)
    if caps.recording < UNLIMITED:
        found.append(("recording", item.recording))
    return found
