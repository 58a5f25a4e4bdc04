"""The allocation reaches the exact bound of the day and never breaks a budget."""

from __future__ import annotations

from collections import Counter, deque

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.engine import allocation, augment
from curation.engine.allocation import FREE, Caps, SlotGroup
from tests.curation import catalogue


def run(items, needs, caps, admits, seed=1, tiers=None):
    slot_groups = [SlotGroup(number, number, need) for number, need in enumerate(needs)]
    tiers = tiers or [8] * len(items)
    allocated = allocation.allocate(items, slot_groups, caps, admits, tiers=tiers, seed=seed)
    augment.fill(allocated)
    return allocated


def filled(allocated):
    return sum(1 for owner in allocated.owner if owner != FREE)


def bound(items, needs, caps, admits):
    """The exact maximum with caps, by augmenting paths over artist and album nodes."""
    edges: dict[object, dict[object, int]] = {}

    def edge(a, b, capacity):
        edges.setdefault(a, {})[b] = edges.get(a, {}).get(b, 0) + capacity
        edges.setdefault(b, {}).setdefault(a, 0)

    for number, (item, mask) in enumerate(zip(items, admits, strict=True)):
        edge("source", ("track", number), 1)
        for slots in range(len(needs)):
            if mask >> slots & 1:
                album = (slots, "album", item.album)
                edge(("track", number), album, 1)
                edges[album][(slots, "artist", item.artists[0])] = caps[slots].album
                edges.setdefault((slots, "artist", item.artists[0]), {}).setdefault(album, 0)
                edges[(slots, "artist", item.artists[0])][("slots", slots)] = caps[slots].artist
                edges.setdefault(("slots", slots), {}).setdefault((slots, "artist", item.artists[0]), 0)
    for slots, need in enumerate(needs):
        edge(("slots", slots), "sink", need)
    flow = 0
    while True:
        came, queue = {"source": None}, deque(["source"])
        while queue and "sink" not in came:
            node = queue.popleft()
            for other, capacity in edges.get(node, {}).items():
                if capacity > 0 and other not in came:
                    came[other] = node
                    queue.append(other)
        if "sink" not in came:
            return flow
        node = "sink"
        while came[node] is not None:
            edges[came[node]][node] -= 1
            edges[node][came[node]] += 1
            node = came[node]
        flow += 1


@st.composite
def markets(draw, featured=False):
    """Up to 30 tracks by up to 6 artists, each album one artist's; up to 4 policies with needs and caps."""
    slot_groups = draw(st.integers(1, 4))
    size = draw(st.integers(0, 30))
    items, admits = [], []
    for number in range(size):
        artist = draw(st.integers(0, 5))
        names = (f"a{artist}",)
        if featured and draw(st.booleans()):
            names += (f"a{draw(st.integers(6, 9))}",)
        album = artist * 10 + draw(st.integers(0, 2))
        items.append(catalogue.item(number, artists=names, album=album))
        admits.append(draw(st.integers(0, (1 << slot_groups) - 1)))
    needs = draw(st.lists(st.integers(0, 10), min_size=slot_groups, max_size=slot_groups))
    caps = [Caps(draw(st.integers(1, 6)), draw(st.integers(1, 4))) for _ in range(slot_groups)]
    return items, needs, caps, admits


def assert_budgets_hold(allocated, caps, admits):
    by_cell = [[n for n, owner in enumerate(allocated.owner) if owner == slots] for slots in range(len(caps))]
    for slots, (numbers, cap) in enumerate(zip(by_cell, caps, strict=True)):
        assert all(admits[number] >> slots & 1 for number in numbers)
        artists = Counter(artist for number in numbers for artist in allocated.items[number].artists)
        albums = Counter(allocated.items[number].album for number in numbers)
        assert max(artists.values(), default=0) <= cap.artist
        assert max(albums.values(), default=0) <= cap.album
        assert len(numbers) + allocated.open[slots] == allocated.slot_groups[slots].need
        assert allocated.open[slots] >= 0


@settings(max_examples=300, deadline=None)
@given(markets(), st.integers(0, 2**32))
def test_as_many_slots_are_filled_as_any_allocation_could_where_a_track_has_one_artist(case, seed):
    items, needs, caps, admits = case

    allocated = run(items, needs, caps, admits, seed)

    assert_budgets_hold(allocated, caps, admits)
    assert filled(allocated) == bound(items, needs, caps, admits)


@settings(max_examples=200, deadline=None)
@given(markets(featured=True), st.integers(0, 2**32))
def test_featured_artists_count_and_no_budget_breaks(case, seed):
    items, needs, caps, admits = case

    assert_budgets_hold(run(items, needs, caps, admits, seed), caps, admits)


@settings(max_examples=50, deadline=None)
@given(markets(), st.integers(0, 2**32))
def test_equal_inputs_give_equal_allocations(case, seed):
    assert run(*case, seed).owner == run(*case, seed).owner


def test_the_longest_rested_go_first():
    items = [catalogue.item(number) for number in range(20)]
    tiers = [number % 4 for number in range(20)]

    allocated = run(items, [5], [Caps()], [1] * 20, tiers=tiers)

    assert sorted(number for number, owner in enumerate(allocated.owner) if owner != FREE) == [
        3,
        7,
        11,
        15,
        19,
    ]


def test_choosy_tracks_are_used_before_flexible_ones():
    items = [catalogue.item(number) for number in range(20)]
    admits = [0b01] * 10 + [0b11] * 10

    allocated = run(items, [10, 8], [Caps(), Caps()], admits)

    assert {number for number, owner in enumerate(allocated.owner) if owner == 0} == set(range(10))


def test_better_tracks_are_preferred_where_supply_is_ample():
    items = [catalogue.item(number) for number in range(100)]
    slot_groups = [SlotGroup(0, 0, 10)]

    allocated = allocation.allocate(
        items, slot_groups, [Caps()], [1] * 100, tiers=[8] * 100, prefer=lambda number, slots: number / 100
    )

    assert {number for number, owner in enumerate(allocated.owner) if owner == 0} == set(range(90, 100))


def test_tiers_follow_idle_days_against_the_rotation():
    assert [allocation.tier(days, 10) for days in (0, 4, 5, 10, 39, 40, 400, None)] == [
        0,
        0,
        1,
        2,
        7,
        8,
        8,
        8,
    ]
