"""Fills slots that the greedy pass left open, by shifting one track per step along a chain of cells
(augmenting paths).

A slot of cell c may take a free track; or a track of cell d, which then needs another; and so on until a free
track ends the chain. Cells are searched breadth first, so chains are short. Where an artist's or album's
budget is used up, a track may still come if one that shares it leaves by the same chain; that search looks at
single tracks and runs only when the quick one over cells finds nothing. What an exhausted search has seen can
never be filled and is left alone."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator

from curation import masks
from curation.allocation import FREE, UNLIMITED, Caps, Item, Market

# Budget-bound tracks looked at per pair of cells before the thorough search has to do it.
_PEEK = 40


def fill(market: Market) -> int:
    """Fill what can be filled; the number of slots gained."""
    search = _Search(market)
    gained = 0
    for cell in sorted(range(len(market.open)), key=lambda c: -market.open[c]):
        while market.open[cell] > 0 and cell not in search.dead:
            if not (search.quick(cell) or (search.is_capped and search.thorough(cell))):
                break
            gained += 1
    return gained


class _Search:
    def __init__(self, market: Market) -> None:
        self.market = market
        self.dead: set[int] = set()  # cells that no chain fills any more
        self.spent: set[int] = set()  # tracks that no chain can pass through any more
        self.wanted: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in market.cells]
        self.sharing: defaultdict[object, list[int]] = defaultdict(list)
        self.is_indexed = False
        self.is_capped = any(budget.caps != Caps() for budget in market.budgets)
        if any(need > 0 for need in market.open):
            for item in reversed(market.order):  # lists are read from their end: the preferred tracks first
                self._note(item)

    def _note(self, item: int) -> None:
        owner = self.market.owner[item]
        for cell in masks.bits(self.market.admits[item]):
            if cell != owner:
                self.wanted[cell][owner].append(item)

    def _move(self, item: int, cell: int) -> None:
        if self.market.owner[item] != FREE:
            self.market.drop(item)
        self.market.take(item, cell)
        self._note(item)

    def _fits(self, item: int, cell: int) -> bool:
        market = self.market
        group, owner = market.cells[cell].group, market.owner[item]
        if owner != FREE and market.cells[owner].group == group:
            return True
        return market.budgets[group].admits(market.items[item])

    # --- over cells

    def quick(self, start: int) -> bool:
        """One more track for `start` by a chain of cells, if budgets let each step pass as they stand."""
        came: dict[int, tuple[int, int]] = {}  # cell -> (the cell that takes from it, the track taken)
        queue, seen = deque([start]), {start}
        while queue:
            cell = queue.popleft()
            if (item := self._peek(cell, FREE)) is not None:
                return self._shift(item, cell, came)
            for owner in list(self.wanted[cell]):
                if owner in seen or owner == FREE or (item := self._peek(cell, owner)) is None:
                    continue
                seen.add(owner)
                came[owner] = (cell, item)
                queue.append(owner)
        return False

    def _peek(self, cell: int, owner: int) -> int | None:
        """A track of `owner` that `cell` can take as things stand; entries that moved on are dropped."""
        found = self.wanted[cell].get(owner, [])
        kept: list[int] = []
        item = None
        while found and len(kept) < _PEEK:
            last = found.pop()
            if self.market.owner[last] != owner:
                continue
            kept.append(last)
            if self._fits(last, cell):
                item = last
                break
        found.extend(reversed(kept))
        return item

    def _shift(self, item: int, cell: int, came: dict[int, tuple[int, int]]) -> bool:
        chain = [(item, cell)]
        while cell in came:
            taker, item = came[cell]
            chain.append((item, taker))
            cell = taker
        return self._carry_out(chain)

    # --- over single tracks

    def thorough(self, start: int) -> bool:
        """One more track for `start`, also where a budget is used up. Marks what it saw as dead if there is
        none."""
        self._index()
        came: dict[int, tuple[int, int | None]] = {}  # track -> (the cell it goes to, the track it replaces)
        queue: deque[tuple[int, int | None]] = deque([(start, None)])
        done: set[tuple[int, object]] = set()
        while queue:
            cell, lost = queue.popleft()
            for item in self._options(cell, lost, done):
                if item in came or item in self.spent:
                    continue
                came[item] = (cell, lost)
                if self.market.owner[item] != FREE:
                    queue.append((self.market.owner[item], item))
                elif self._replace(item, came):
                    return True
        self.dead |= {cell for cell, key in done if key is None}
        self.spent |= came.keys()
        return False

    def _index(self) -> None:
        if not self.is_indexed:
            self.is_indexed = True
            for item in self.market.order:
                for key in _keys(self.market.items[item], _ALL):
                    self.sharing[key].append(item)

    def _options(self, cell: int, lost: int | None, done: set[tuple[int, object]]) -> Iterator[int]:
        """Tracks that `cell` could take once `lost` has left. What a cell was asked once is not asked again:
        all that its budgets allow anyway, and all that share an artist, album or recording with what left."""
        market, bit = self.market, 1 << cell
        budget = market.budgets[market.cells[cell].group]
        if lost is not None:
            gone = market.items[lost]
            for key in _keys(gone, budget.caps):
                if (cell, key) in done:
                    continue
                done.add((cell, key))
                for item in self.sharing[key]:
                    if not market.admits[item] & bit or market.owner[item] == cell:
                        continue
                    if self._fits(item, cell) or budget.admits_instead(market.items[item], gone):
                        yield item
        if (cell, None) not in done and cell not in self.dead:
            done.add((cell, None))
            for owner in sorted(self.wanted[cell]):
                for item in self.wanted[cell][owner]:
                    if market.owner[item] == owner and self._fits(item, cell):
                        yield item

    def _replace(self, item: int, came: dict[int, tuple[int, int | None]]) -> bool:
        chain: list[tuple[int, int]] = []
        step: int | None = item
        while step is not None:
            cell, lost = came[step]
            chain.append((step, cell))
            step = lost
        return self._carry_out(chain)

    def _carry_out(self, chain: list[tuple[int, int]]) -> bool:
        """Move each track of the chain to its cell, or nothing if a budget would not stand it in the end."""
        if len(chain) > 1 and not self._allowed(chain):
            return False
        for item, cell in chain:
            self._move(item, cell)
        return True

    def _allowed(self, chain: list[tuple[int, int]]) -> bool:
        market = self.market
        before = [(item, market.owner[item]) for item, _ in chain]
        for item, owner in before:
            if owner != FREE:
                market.drop(item)
        done: list[int] = []
        for item, cell in chain:
            if not market.budgets[market.cells[cell].group].admits(market.items[item]):
                break
            market.take(item, cell)
            done.append(item)
        for item in done:
            market.drop(item)
        for item, owner in before:
            if owner != FREE:
                market.take(item, owner)
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
