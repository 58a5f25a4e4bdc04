"""Which account carries which playlist: few moves, caps kept, copies apart."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlists.planning import placing
from playlists.planning.placing import Item, Node


def carried_out(items, result):
    on = {item.key: set(item.on) for item in items}
    for key, account in result.removed:
        on[key].discard(account)
    for key, source, target, _ in result.moved:
        on[key].discard(source)
        on[key].add(target)
    for key, account in result.placed:
        on[key].add(account)
    return [Item(item.key, item.copies, frozenset(on[item.key])) for item in items]


def loads(items):
    return Counter(account for item in items for account in item.on)


def network(count, accounts, cap=60, copies=1):
    nodes = [Node(number, cap) for number in range(1, accounts + 1)]
    items = [Item(key, copies) for key in range(1, count + 1)]
    return carried_out(items, placing.place(items, nodes)), nodes


def test_a_thousand_playlists_spread_evenly_over_twenty_accounts():
    items, _ = network(1_000, 20)

    assert all(len(item.on) == 1 for item in items)
    assert max(loads(items).values()) <= 55
    assert min(loads(items).values()) >= 40


def test_when_an_account_leaves_only_its_playlists_move():
    items, nodes = network(1_000, 20)
    leaving = [Node(node.id, node.cap, "leaves" if node.id == 7 else "") for node in nodes]

    result = placing.place(items, leaving)

    assert len(result.moved) <= 1.1 * loads(items)[7]
    assert {source for _, source, _, _ in result.moved} == {7}
    assert max(loads(carried_out(items, result)).values()) <= 60


def test_when_an_account_joins_it_gets_its_share_and_nothing_else_moves():
    items, nodes = network(1_000, 20)

    result = placing.place(items, [*nodes, Node(21, 60)])

    assert len(result.moved) <= 1.1 * (1_000 / 21)
    assert {target for _, _, target, _ in result.moved} == {21}
    assert loads(carried_out(items, result))[21] >= 38


def test_placing_again_changes_nothing():
    items, nodes = network(300, 7, cap=100, copies=2)

    again = placing.place(items, nodes)

    assert again == placing.Placing()


def test_the_daily_limit_holds_where_copies_leave_and_where_they_arrive():
    items, nodes = network(200, 4)
    leaving = [Node(node.id, 200, "leaves" if node.id == 1 else "") for node in nodes]

    result = placing.place(items, leaving, move_limit=10, moved_today={2: 9})

    out = Counter(source for _, source, _, _ in result.moved)
    arrived = Counter(target for _, _, target, _ in result.moved)
    assert out[1] == 10
    assert arrived[2] <= 1
    assert result.put_off > 0


def test_accounts_that_fall_silent_drain_before_full_ones_are_relieved():
    items = [Item(key, 1, frozenset({1})) for key in range(1, 5)]
    items += [Item(key, 1, frozenset({2})) for key in range(5, 9)]
    nodes = [Node(1, 2), Node(2, 10, "needs a new login"), Node(3, 10)]

    result = placing.place(items, nodes, move_limit=3)

    assert {source for _, source, _, _ in result.moved} == {2}
    assert len(result.moved) == 3


@pytest.mark.parametrize("change", ["leaves", "joins"])
def test_with_two_copies_each_the_copies_stay_apart_and_only_what_must_moves(change):
    items, nodes = network(1_000, 20, cap=120, copies=2)
    fewest = loads(items)[7] if change == "leaves" else 2_000 // 21
    leaving = [Node(node.id, node.cap, "leaves" if node.id == 7 else "") for node in nodes]

    result = placing.place(items, leaving if change == "leaves" else [*nodes, Node(21, 120)])
    after = carried_out(items, result)

    assert len(result.moved) <= 1.1 * fewest
    assert all(len(item.on) == 2 for item in after)
    assert max(loads(after).values()) <= 120


def test_larger_accounts_get_more():
    nodes = [Node(1, 100), Node(2, 25)]
    items = [Item(key, 1) for key in range(100)]

    load = loads(carried_out(items, placing.place(items, nodes)))

    assert load[1] > 2.5 * load[2]


def test_more_copies_than_accounts_are_told_short():
    items = [Item(1, 5)]

    result = placing.place(items, [Node(1, 10), Node(2, 10)])

    assert len(result.placed) == 2
    assert result.short == {1: 3}


def test_surplus_copies_go():
    items = [Item(1, 1, frozenset({1, 2}))]

    result = placing.place(items, [Node(1, 10), Node(2, 10)])

    assert len(result.removed) == 1


NODES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["", "", "", "paused"])), max_size=8)
ITEMS = st.lists(st.tuples(st.integers(1, 4), st.sets(st.integers(1, 9), max_size=3)), max_size=25)


@settings(max_examples=150, deadline=None)
@given(NODES, ITEMS, st.none() | st.integers(0, 5))
def test_no_account_goes_over_its_cap_and_copies_stay_apart(nodes, items, limit):
    nodes = [Node(number, cap, drains) for number, (cap, drains) in enumerate(nodes, start=1)]
    items = [Item(key, copies, frozenset(on)) for key, (copies, on) in enumerate(items, start=1)]
    before = loads(items)

    result = placing.place(items, nodes, move_limit=limit)
    after = carried_out(items, result)

    for node in nodes:
        assert loads(after)[node.id] <= max(node.cap, before[node.id])
        if node.drains:
            assert loads(after)[node.id] <= before[node.id]
    for item, then in zip(after, items, strict=True):
        live = {account for account in item.on if account in {node.id for node in nodes}}
        assert len(live) <= max(item.copies, len(then.on))
    if limit is not None:
        moves = Counter(account for _, source, target, _ in result.moved for account in (source, target))
        assert max(moves.values(), default=0) <= limit


@settings(max_examples=60, deadline=None)
@given(NODES, ITEMS)
def test_what_is_settled_stays_settled(nodes, items):
    nodes = [Node(number, cap, drains) for number, (cap, drains) in enumerate(nodes, start=1)]
    known = {node.id for node in nodes}
    items = [Item(key, copies, frozenset(on & known)) for key, (copies, on) in enumerate(items, start=1)]
    after = carried_out(items, placing.place(items, nodes))

    again = placing.place(after, nodes)

    assert not again.moved
    assert not again.placed
    assert not again.removed
