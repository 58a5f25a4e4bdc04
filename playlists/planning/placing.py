"""Which accounts carry which playlist: weighted rendezvous hashing with bounded loads, and few moves (pure).

Every (playlist, account) pair has a cost drawn from a hash, so all processes agree without talking. A copy
goes to the cheapest account with room and then stays there: it moves only when its account leaves, drains or
is over its cap, or when an account has far less than its share. A move is made in two steps by the caller:
new copy first, old one after.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# An account takes up to this much of its share before a dearer one is tried; below the other it pulls copies.
SLACK = 1.10
UNDER = 0.80
ROUNDS = 5


@dataclass(frozen=True)
class Node:
    """An account: `cap` copies at most; a draining one gives its copies away and takes none."""

    id: int
    cap: int
    drains: str = ""  # why, in words; empty: it does not
    busy: int = 0  # room taken by copies that are on their way out
    name: str = ""  # for people

    def __str__(self) -> str:
        return self.name or f"account {self.id}"


@dataclass(frozen=True)
class Item:
    """A playlist by its number, how many copies it wants, and the accounts that have one now."""

    key: int
    copies: int
    on: frozenset[int] = frozenset()


@dataclass
class Placing:
    """What changes; `short` says how many copies of a playlist found no account."""

    placed: list[tuple[int, int]] = field(default_factory=list)
    moved: list[tuple[int, int, int, str]] = field(default_factory=list)
    removed: list[tuple[int, int]] = field(default_factory=list)
    short: dict[int, int] = field(default_factory=dict)
    put_off: int = 0  # moves that the limit left for another day


def cost(key: int, node: Node) -> float:
    """An exponential draw with the account's cap as rate: the cheapest of many is each with odds of its
    cap."""
    drawn = int.from_bytes(hashlib.blake2b(f"{key}:{node.id}".encode(), digest_size=8).digest(), "big")
    return -math.log((drawn + 0.5) / 2**64) / max(node.cap, 1)


def place(
    items: Iterable[Item],
    nodes: Iterable[Node],
    *,
    move_limit: int | None = None,
    moved_today: Mapping[int, int] | None = None,
) -> Placing:
    """The changes from now to wanted. `move_limit` holds per account and day, counted where a copy leaves and
    where it arrives; copies that are new are not moves. `moved_today` is what each account has had of it
    already."""
    return _Board(items, nodes, move_limit, moved_today or {}).settle()


class _Board:
    """The copies as they stand while the changes are worked out."""

    def __init__(
        self, items: Iterable[Item], nodes: Iterable[Node], limit: int | None, moved_today: Mapping[int, int]
    ) -> None:
        self.items = sorted(items, key=lambda item: item.key)
        self.nodes = {node.id: node for node in sorted(nodes, key=lambda node: node.id)}
        self.open = [node for node in self.nodes.values() if not node.drains and node.cap > 0]
        self.on = {item.key: set(item.on) for item in self.items}
        self.was = {item.key: item.on for item in self.items}
        self.load = Counter({node.id: node.busy for node in self.nodes.values()})
        self.load.update(account for accounts in self.on.values() for account in accounts)
        self.limit = limit
        self.moves = Counter(moved_today)
        self.result = Placing()
        room = sum(node.cap for node in self.open) or 1
        wanted = sum(min(item.copies, len(self.open)) for item in self.items)
        self.fair = {node.id: min(node.cap, wanted * node.cap / room) for node in self.open}
        self.costs: dict[tuple[int, int], float] = {}
        # What the limit left for another day: copies that must leave, and how many an account did not get.
        self.kept_back: set[tuple[int, int]] = set()
        self.underfed: dict[int, int] = {}

    def settle(self) -> Placing:
        self.drop_surplus()
        self.leave_closed_accounts()
        self.fill_missing()
        # Feeding makes room where there was none, for copies that are missing or must leave.
        for _ in range(ROUNDS):
            before = {key: frozenset(accounts) for key, accounts in self.on.items()}
            self.feed_the_underloaded()
            self.leave_closed_accounts()
            self.fill_missing()
            if before == self.on:
                break
        self.result.put_off = len(self.kept_back) + sum(self.underfed.values())
        self.result.placed = [
            (key, account)
            for key in sorted(self.on)
            for account in sorted(self.new_on(key))
            if account in self.nodes
        ]
        return self.result

    def new_on(self, key: int) -> set[int]:
        arrived = {to for moved, _, to, _ in self.result.moved if moved == key}
        return self.on[key] - self.was[key] - arrived

    def drop_surplus(self) -> None:
        for item in self.items:
            for _ in range(len(self.on[item.key]) - item.copies):
                worst = max(self.on[item.key], key=lambda account: self.worth(item.key, account))
                self.take_off(item.key, worst)
                self.result.removed.append((item.key, worst))

    def worth(self, key: int, account: int) -> tuple[bool, float]:
        node = self.nodes.get(account)
        return (True, 0.0) if node is None or node.drains else (False, self.price(key, node))

    def leave_closed_accounts(self) -> None:
        """Away from accounts that drain or are gone, then from those over their cap, dearest copies first."""
        for node in sorted(self.nodes.values(), key=lambda node: not node.drains):
            held = [item.key for item in self.items if node.id in self.on[item.key]]
            held.sort(key=lambda key: (-self.price(key, node), key))
            surplus = len(held) if node.drains else max(0, self.load[node.id] - node.cap)
            for key in held[:surplus]:
                self.move(key, node.id, node.drains or f"{node} is over its cap of {node.cap}")
        for item in self.items:
            for account in self.on[item.key] - self.nodes.keys():
                self.on[item.key].discard(account)

    def move(self, key: int, source: int, why: str) -> None:
        if not self.may_move(source):
            self.kept_back.add((key, source))
            return
        target = self.cheapest(key, moving=True)
        if target is not None:
            self.shift(key, source, target.id, why)

    def shift(self, key: int, source: int, target: int, why: str) -> None:
        self.take_off(key, source)
        self.put_on(key, target)
        earlier = self.arriving(key, source)
        if earlier is not None:  # on its way already: only its end changes
            self.result.moved.remove(earlier)
            self.moves[source] -= 1
            self.moves[target] += 1
            if earlier[1] != target:
                self.result.moved.append((key, earlier[1], target, earlier[3]))
        elif source in self.was[key]:
            self.result.moved.append((key, source, target, why))
            self.moves[source] += 1
            self.moves[target] += 1

    def arriving(self, key: int, account: int) -> tuple[int, int, int, str] | None:
        """The move that brings a copy of this playlist to the account, if there is one."""
        return next((move for move in self.result.moved if move[0] == key and move[2] == account), None)

    def may_move(self, account: int) -> bool:
        return self.limit is None or self.moves[account] < self.limit

    def fill_missing(self) -> None:
        self.result.short.clear()
        for item in self.items:
            while len(self.on[item.key]) < item.copies:
                target = self.cheapest(item.key)
                if target is None:
                    self.result.short[item.key] = item.copies - len(self.on[item.key])
                    break
                self.stay_after_all(item.key, target.id)
                self.put_on(item.key, target.id)

    def stay_after_all(self, key: int, account: int) -> None:
        """A copy comes where one was about to leave: that one stays, and where it went is a new copy."""
        left = next((move for move in self.result.moved if move[0] == key and move[1] == account), None)
        if left is not None:
            self.result.moved.remove(left)
            self.moves[account] -= 1
            self.moves[left[2]] -= 1

    def cheapest(self, key: int, *, moving: bool = False) -> Node | None:
        """Within the slack of the fair shares first; up to the caps where that finds none."""
        fit = [
            node
            for node in self.open
            if node.id not in self.on[key]
            and self.load[node.id] < node.cap
            and (not moving or self.may_move(node.id))
        ]
        within = [node for node in fit if self.load[node.id] < math.ceil(self.fair[node.id] * SLACK - 1e-9)]
        return min(within or fit, key=lambda node: (self.price(key, node), node.id), default=None)

    def feed_the_underloaded(self) -> None:
        """An account far below its share (one that just joined) takes copies from those above theirs."""
        for node in self.open:
            if self.load[node.id] >= math.floor(self.fair[node.id] * UNDER):
                continue
            offers = sorted(
                (self.price(item.key, node), item.key)
                for item in self.items
                if node.id not in self.on[item.key]
            )
            held_back = False
            for _, key in offers:
                if self.load[node.id] >= math.floor(self.fair[node.id]):
                    break
                held_back |= self.pull(key, node)
            if held_back:
                self.underfed[node.id] = max(0, math.floor(self.fair[node.id]) - self.load[node.id])

    def pull(self, key: int, node: Node) -> bool:
        """Take one copy from the account most above its share; true where only the limit forbade it."""
        donor = max(
            (
                account
                for account in self.on[key]
                if account in self.fair and self.load[account] > self.fair[account]
            ),
            key=lambda account: (self.load[account] - self.fair[account], account),
            default=None,
        )
        if donor is None:
            return False
        is_on_its_way = self.arriving(key, donor) is not None
        if donor in self.was[key] and not is_on_its_way and not self.may_move(donor):
            return True
        if (donor in self.was[key] or is_on_its_way) and not self.may_move(node.id):
            return True
        self.shift(key, donor, node.id, f"{node} has less than its share")
        return False

    def price(self, key: int, node: Node) -> float:
        if (key, node.id) not in self.costs:
            self.costs[key, node.id] = cost(key, node)
        return self.costs[key, node.id]

    def take_off(self, key: int, account: int) -> None:
        self.on[key].discard(account)
        self.load[account] -= 1

    def put_on(self, key: int, account: int) -> None:
        self.on[key].add(account)
        self.load[account] += 1
