"""What the policies can rest together: a maximum flow from classes of tracks to policies (pure).

Tracks that the same policies admit are interchangeable, so a million of them are a few hundred classes. Over
R days each track can be used once; a policy with n playlists wants n x K x R uses in them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

Class = frozenset[int]


def filled(classes: Mapping[Class, int], wanted: Mapping[int, int]) -> dict[int, int]:
    """{policy: the uses it gets} where all together get as many as there can be."""
    left = {one: count for one, count in classes.items() if one & wanted.keys() and count > 0}
    given: dict[tuple[Class, int], int] = {}
    got = dict.fromkeys(wanted, 0)
    for policy in sorted(wanted):
        while got[policy] < wanted[policy]:
            moved = _augment(policy, wanted[policy] - got[policy], left, given)
            if not moved:
                break
            got[policy] += moved
    return got


def _augment(policy: int, need: int, left: dict[Class, int], given: dict[tuple[Class, int], int]) -> int:
    """Bring up to `need` uses to the policy along one shortest chain of classes; how many. Policies on the
    way give a class up and take another, so what they have stays the same."""
    came_from: dict[int, tuple[Class, int] | None] = {policy: None}
    waiting = deque([policy])
    while waiting:
        taker = waiting.popleft()
        for one in left:
            if taker not in one:
                continue
            if left[one] > 0:
                return _shift(one, taker, need, came_from, left, given)
            for giver in sorted(one):
                if giver not in came_from and given.get((one, giver), 0) > 0:
                    came_from[giver] = (one, taker)
                    waiting.append(giver)
    return 0


def _shift(
    free: Class,
    taker: int,
    need: int,
    came_from: Mapping[int, tuple[Class, int] | None],
    left: dict[Class, int],
    given: dict[tuple[Class, int], int],
) -> int:
    chain, giver, amount = [], taker, min(need, left[free])
    while (step := came_from[giver]) is not None:
        one, receiver = step
        chain.append((one, giver, receiver))
        amount = min(amount, given[one, giver])
        giver = receiver
    left[free] -= amount
    given[free, taker] = given.get((free, taker), 0) + amount
    for one, source, receiver in chain:
        given[one, source] -= amount
        given[one, receiver] = given.get((one, receiver), 0) + amount
    return amount
