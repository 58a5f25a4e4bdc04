"""How few copies move when accounts come and go: `.venv/bin/python -m benchmarks.placing [--playlists 1000]`.

Claim: with two copies of every playlist on 20 accounts, an account that leaves moves only its own copies and
one that joins takes only its share; no account goes over its cap, and the copies of a playlist stay on
different accounts. With a limit of moves a day, an account that leaves is empty as soon as the limit allows.
The last line is the worse of the two: moves beside the fewest that there can be.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence

from playlists.planning import placing

ACCOUNTS = 20
COPIES = 2
LIMIT = 10


def main(options: argparse.Namespace) -> int:
    cap = math.ceil(options.playlists * COPIES / ACCOUNTS * 1.2)
    nodes = [placing.Node(number, cap) for number in range(1, ACCOUNTS + 1)]
    items = [placing.Item(key, COPIES) for key in range(1, options.playlists + 1)]
    began = time.process_time()
    items = carried_out(items, placing.place(items, nodes))
    print(f"{options.playlists:,} playlists x {COPIES} on {ACCOUNTS} accounts, {cap} at most on each")
    print(f"placed: {spread(items)}; {time.process_time() - began:.2f} CPU s")

    leaving = [placing.Node(node.id, cap, "leaves" if node.id == 7 else "") for node in nodes]
    after, left = changed("one leaves", items, leaving, fewest=loads(items)[7])
    staying = [node for node in nodes if node.id != 7]
    joining = [*staying, placing.Node(ACCOUNTS + 1, cap)]
    share = options.playlists * COPIES // len(joining)
    after, joined = changed("one joins", after, joining, fewest=share)
    days = by_the_day(items, leaving)
    needed = math.ceil(loads(items)[7] / LIMIT)
    print(f"one leaves, {LIMIT} moves an account and day: empty after {days} days (at best {needed})")
    good = all(rules_hold(one, cap) for one in (items, after)) and days == needed
    print(f"moves / fewest there can be: {max(left, joined):.3f}")
    return 0 if good and max(left, joined) <= 1.1 else 1


def changed(
    what: str, items: Sequence[placing.Item], nodes: Sequence[placing.Node], *, fewest: int
) -> tuple[list[placing.Item], float]:
    """Places anew, says what moved, and how that stands to the fewest moves."""
    began = time.process_time()
    result = placing.place(items, nodes)
    seconds = time.process_time() - began
    after = carried_out(items, result)
    ratio = len(result.moved) / fewest
    print(
        f"{what}: {len(result.moved)} moves, at least {fewest} needed ({ratio:.3f}); {spread(after)}; "
        f"{seconds:.2f} CPU s"
    )
    return after, ratio


def carried_out(items: Sequence[placing.Item], result: placing.Placing) -> list[placing.Item]:
    on = {item.key: set(item.on) for item in items}
    for key, account in result.removed:
        on[key].discard(account)
    for key, source, target, _ in result.moved:
        on[key].discard(source)
        on[key].add(target)
    for key, account in result.placed:
        on[key].add(account)
    return [placing.Item(item.key, item.copies, frozenset(on[item.key])) for item in items]


def loads(items: Sequence[placing.Item]) -> Counter[int]:
    return Counter(account for item in items for account in item.on)


def spread(items: Sequence[placing.Item]) -> str:
    load = [count for count in loads(items).values() if count]
    return f"{min(load)} to {max(load)} copies an account"


def rules_hold(items: Sequence[placing.Item], cap: int) -> bool:
    """No account over its cap, and every playlist on as many different accounts as it has copies."""
    return max(loads(items).values()) <= cap and all(len(item.on) == item.copies for item in items)


def by_the_day(items: Sequence[placing.Item], nodes: Sequence[placing.Node]) -> int:
    """Days until the account that leaves is empty, where each account moves so many copies a day."""
    days = 0
    while loads(items)[7] and days < 1000:
        items = carried_out(items, placing.place(items, nodes, move_limit=LIMIT))
        days += 1
    return days


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--playlists", type=int, default=1000)
    sys.exit(main(parser.parse_args()))
