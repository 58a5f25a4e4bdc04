"""How many playlists the network should have, which guard decided, what to create and retire (pure).

T usable tracks, K tracks a playlist, R days of rest. The target is `P* = ceil(T / (K * R))`; any R
days hold at most T uses, so what the catalogue can really rest is the floor of the same fraction. Both are
shown.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts import plurals
from playlists.planning import certificate


@dataclass(frozen=True)
class Size:
    """The numbers of a plan, and sentences that say where they come from."""

    usable: int
    count: int
    gap_days: int
    floor: int
    capacity: int
    active_accounts: int
    p_target: int
    p_safe: int
    p_planned: int
    guard: str  # target | floor | capacity
    obtained_gap_days: int | None
    reasons: tuple[str, ...]

    @property
    def is_in_conflict(self) -> bool:
        return self.floor > self.capacity

    def stats(self) -> dict[str, Any]:
        return {
            "T": self.usable,
            "K": self.count,
            "R": self.gap_days,
            "p_target": self.p_target,
            "p_safe": self.p_safe,
            "p_planned": self.p_planned,
            "capacity": self.capacity,
            "active_accounts": self.active_accounts,
            "floor": self.floor,
            "obtained_gap_days": self.obtained_gap_days,
            "guard": self.guard,
            "conflict": self.is_in_conflict,
        }


@dataclass(frozen=True)
class Supply:
    """A policy and how many usable tracks it admits; its gap where that is longer than the network's."""

    policy_id: int
    name: str
    theme_tag: str
    usable: int
    gap_days: int
    is_active: bool = True

    def sustains(self, count: int) -> int:
        """How many playlists of this policy its own tracks can rest."""
        return self.usable // (count * self.gap_days)


@dataclass(frozen=True)
class Standing:
    """A playlist that exists and is not retired."""

    index: int
    name: str
    policy_id: int
    copies: int
    is_managed: bool
    importance: int = 0


# Which go first when there are too many: what operators hold least dear, and of those the newest, which have
# the fewest followers. A playlist that an operator made is never retired.
RETIRE_RULE = "the least important go first, and of those the newest"


@dataclass(frozen=True)
class Creation:
    index: int
    policy_id: int
    theme_tag: str
    reason: str


@dataclass(frozen=True)
class Retirement:
    index: int
    reason: str


@dataclass
class Changes:
    create: list[Creation] = field(default_factory=list)
    retire: list[Retirement] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """A worked-out plan: its figures, what it would do, why; `digest` names its content."""

    run_date: dt.date
    stats: Mapping[str, Any]
    actions: Sequence[Mapping[str, Any]]
    reasons: Sequence[str]
    overrides: Mapping[str, int] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        content = {"date": self.run_date.isoformat(), "stats": self.stats, "actions": list(self.actions)}
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def size(*, usable: int, count: int, gap_days: int, floor: int, capacity: int, active_accounts: int) -> Size:
    """`p_planned = min(max(P*, floor), capacity)`: the floor raises, the capacity limits, and neither is
    hidden."""
    target, safe = math.ceil(usable / (count * gap_days)), usable // (count * gap_days)
    planned = min(max(target, floor), capacity)
    guard = "capacity" if planned < max(target, floor) else "floor" if floor > target else "target"
    gap = usable // (count * planned) if planned else None
    made = Size(
        usable, count, gap_days, floor, capacity, active_accounts, target, safe, planned, guard, gap, ()
    )
    return Size(**{**made.__dict__, "reasons": tuple(_explain(made))})


def _explain(made: Size) -> Iterable[str]:
    yield (
        f"{plurals.counted(made.usable, 'usable track')}, {made.count} a playlist and "
        f"{plurals.counted(made.gap_days, 'day')} of rest make a target of "
        f"{plurals.counted(made.p_target, 'playlist')}; {made.p_safe} is what the catalogue can rest."
    )
    if not made.active_accounts:
        yield "No account is active, so nothing can be published: connect an account. All stays as it is."
        return
    accounts = plurals.counted(made.active_accounts, "active account")
    if made.is_in_conflict:
        yield (
            f"The floor of {made.floor} is above the capacity of {made.capacity} ({accounts} "
            "times their caps): the capacity holds. Connect accounts, raise caps or lower "
            "the floor."
        )
    elif made.guard == "capacity":
        yield f"The capacity of {accounts} limits the plan to {made.capacity}."
    elif made.guard == "floor":
        yield f"The floor of {plurals.counted(made.floor, 'playlist')} raises the plan above the target."
    if made.p_planned > made.p_safe:
        yield _overplanned(made)


def _overplanned(made: Size) -> str:
    uses, needed = made.usable // made.gap_days, made.p_planned * made.count
    held = math.ceil((needed - uses) / made.count)
    gap = made.obtained_gap_days or 0
    could = f"they could keep a gap of {plurals.counted(gap, 'day')}"
    kept = could if gap else "not even one day can be filled"
    want = plurals.verb(made.p_planned, "wants", "want")
    are = plurals.verb(made.gap_days, "is", "are")
    return (
        f"{plurals.counted(made.p_planned, 'playlist')} {want} {plurals.counted(needed, 'track')} a day and "
        f"the catalogue can rest {uses:,}: without repeats {kept}. The promised "
        f"{plurals.counted(made.gap_days, 'day')} {are} kept instead, so on average up to "
        f"{plurals.counted(held, 'list')} a day will be held and keep the day before's tracks."
    )


def changes(
    made: Size, supplies: Sequence[Supply], standing: Sequence[Standing], *, next_index: int
) -> Changes:
    """What to create and retire. Only managed playlists are touched, by RETIRE_RULE."""
    result = Changes()
    if not made.active_accounts:
        return result
    kept = _without_dead_policies(supplies, standing, result)
    wanted, why = _managed_wanted(made, kept)
    managed = sorted((one for one in kept if one.is_managed), key=lambda one: (-one.importance, one.index))
    for extra in reversed(managed[wanted:]):
        result.retire.append(
            Retirement(extra.index, f"{why}: {_wanted(wanted, 'managed playlist')}, and {RETIRE_RULE}.")
        )
    missing = wanted - len(managed)
    if missing > 0:
        _create(made, supplies, kept, missing, next_index, result)
    return result


def _wanted(count: int, noun: str) -> str:
    return f"{plurals.counted(count, noun)} {plurals.verb(count, 'is', 'are')} wanted"


def _without_dead_policies(
    supplies: Sequence[Supply], standing: Sequence[Standing], result: Changes
) -> Sequence[Standing]:
    active = {one.policy_id for one in supplies if one.is_active}
    orphans = [one for one in standing if one.is_managed and one.policy_id not in active]
    for one in sorted(orphans, key=lambda one: -one.index):
        result.retire.append(Retirement(one.index, f"The policy of {one.name} is no longer active."))
    return [one for one in standing if one not in orphans]


def _managed_wanted(made: Size, standing: Sequence[Standing]) -> tuple[int, str]:
    """How many managed playlists fit beside the operators' own, which come first; copies count against
    capacity."""
    own = [one for one in standing if not one.is_managed]
    room = max(0, made.capacity - sum(one.copies for one in own))
    wanted = max(0, made.p_planned - len(own))
    if wanted > room:
        return (
            room,
            f"The operators' {plurals.counted(len(own), 'playlist')} with their copies leave room for {room} "
            "on the accounts",
        )
    return (
        wanted,
        f"The plan is {plurals.counted(made.p_planned, 'playlist')}, {len(own)} of them made by operators",
    )


def _create(
    made: Size,
    supplies: Sequence[Supply],
    standing: Sequence[Standing],
    missing: int,
    next_index: int,
    result: Changes,
) -> None:
    usable = [one for one in supplies if one.is_active and one.usable >= made.count]
    if not usable:
        result.reasons.append(
            f"{_wanted(missing, 'more playlist')}, but no active policy admits "
            f"{plurals.counted(made.count, 'usable track')}: "
            "ingest albums, loosen a policy or add one."
        )
        return
    have = Counter(one.policy_id for one in standing)
    for number in range(missing):
        chosen = max(usable, key=lambda one: _claim(one, have[one.policy_id], made.count))
        have[chosen.policy_id] += 1
        rests = plurals.counted(chosen.sustains(made.count), "playlist")
        result.create.append(
            Creation(
                next_index + number,
                chosen.policy_id,
                chosen.theme_tag or chosen.name,
                f"{chosen.name} admits {plurals.counted(chosen.usable, 'track')} and can rest {rests}; "
                f"this is its number {have[chosen.policy_id]}.",
            )
        )


def _claim(supply: Supply, has: int, count: int) -> tuple[bool, float, int]:
    """Highest averages: the next playlist goes where each would have the most tracks per day of rest."""
    return has < supply.sustains(count), supply.usable / supply.gap_days / (has + 1), -supply.policy_id


def distribution(
    supplies: Sequence[Supply], standing: Iterable[Standing], count: int
) -> list[dict[str, Any]]:
    """Per policy: tracks, what they can rest, and how many playlists there are."""
    have = Counter(one.policy_id for one in standing)
    return [
        {
            "policy_id": one.policy_id,
            "policy": one.name,
            "usable": one.usable,
            "sustains": one.sustains(count),
            "playlists": have[one.policy_id],
        }
        for one in supplies
        if one.is_active or have[one.policy_id]
    ]


@dataclass(frozen=True)
class Mix:
    """How much of what the playlists want in R days their policies can rest together (1.0: all of it)."""

    fill: float
    reasons: tuple[str, ...]


def after(standing: Iterable[Standing], changes: Changes) -> Counter[int]:
    """{policy: playlists} once the changes are carried out."""
    gone = {one.index for one in changes.retire}
    have = Counter(one.policy_id for one in standing if one.index not in gone)
    have.update(one.policy_id for one in changes.create)
    return have


def mix(
    made: Size,
    classes: Mapping[frozenset[int], int],
    playlists: Mapping[int, int],
    supplies: Sequence[Supply],
) -> Mix:
    """A maximum flow of tracks to policies: the mix binds before the catalogue does where policies
    overlap."""
    known = {key for one in classes for key in one}
    uses = made.count * made.gap_days
    wanted = {key: count * uses for key, count in playlists.items() if key in known}
    total = sum(wanted.values())
    if not total:
        return Mix(1.0, ())
    got = certificate.filled(classes, wanted)
    short = {key: wanted[key] - got[key] for key in wanted if got[key] < wanted[key]}
    if not short:
        return Mix(1.0, ())
    names = {one.policy_id: one.name for one in supplies}
    fill = sum(got.values()) / total
    worst = ", ".join(names[key] for key in sorted(short, key=lambda key: -short[key])[:3])
    return Mix(
        round(fill, 4),
        (
            f"With this mix of policies {fill:.1%} of the places can be filled with rested tracks; "
            f"most are missing for {worst}.",
        ),
    )
