"""A list in the making: a playlist's picks, the rules they were picked under, and what may still come in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from curation.engine.allocation import Budget, Item
from curation.engine.demands import Bits, Demand, Rules


@dataclass(frozen=True)
class Pick:
    """Why a track is in the list."""

    pool: str
    steps: int = 0  # relax steps that were in force when it came
    position: int | None = None  # of a pin
    is_repeat: bool = False  # came back before its rest was over (on_shortfall: least_recent)


@dataclass
class Draft:
    """One demand's list so far."""

    demand: Demand
    bits: Bits
    rules: Rules
    budget: Budget
    picks: dict[int, Pick] = field(default_factory=dict)  # item number -> why
    is_released: bool = False
    found: int = 0  # what it had when it was released

    @property
    def missing(self) -> int:
        return self.rules.count - len(self.picks)

    @property
    def is_good(self) -> bool:
        return len(self.picks) >= self.rules.min_count

    def add(self, number: int, item: Item, pick: Pick) -> None:
        self.picks[number] = pick
        self.budget.add(item)

    def remove(self, number: int, item: Item) -> None:
        del self.picks[number]
        self.budget.remove(item)

    def relax(self, rules: Rules) -> None:
        """Go on under looser rules; what is in stays in."""
        self.rules = rules
        self.budget.caps = rules.caps

    def needs(self) -> list[tuple[str, int, int]]:
        """(pool, places still open, mask a track must have) under the present rules; shares come before the
        rest."""
        held: dict[str, int] = {}
        for pick in self.picks.values():
            held[pick.pool] = held.get(pick.pool, 0) + 1
        shares = [
            (name, max(places - held.get(name, 0), 0), mask) for name, places, mask in self.rules.quotas
        ]
        left = self.missing
        found = []
        for name, places, mask in shares:
            found.append((name, min(places, left), mask))
            left -= min(places, left)
        return [need for need in [*found, ("rest", left, self.rules.base)] if need[1] > 0]


def fill(
    draft: Draft, supply: Iterable[int], items: Sequence[Item], taken: set[int], *, is_repeat: bool = False
) -> None:
    """Take from `supply` (item numbers, the preferred first) what the draft still needs and its caps
    allow."""
    known = supply if isinstance(supply, list) else list(supply)
    for pool, places, mask in draft.needs():
        for number in known:
            if places == 0:
                break
            item = items[number]
            if number not in taken and item.mask & mask == mask and draft.budget.admits(item):
                draft.add(number, item, Pick(pool, draft.rules.steps, is_repeat=is_repeat))
                taken.add(number)
                places -= 1
