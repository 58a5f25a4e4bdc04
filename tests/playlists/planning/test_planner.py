"""How many playlists: the formula, its guards, and what is created and retired for it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlists.planning import planner
from playlists.rotation import snapshots
from tests.playlists import worlds

ROOMY = {"floor": 0, "capacity": 10_000, "active_accounts": 3}


def size(usable, count=50, gap_days=10, **given):
    return planner.size(usable=usable, count=count, gap_days=gap_days, **(ROOMY | given))


@pytest.mark.parametrize(
    "usable, count, gap, target, safe, obtained",
    [
        (10_000, 50, 7, 29, 28, 6),  # why 28 and not 29: 29 x 50 x 7 = 10,150 uses of 10,000 tracks
        (9_800, 50, 7, 28, 28, 7),
        (50, 50, 10, 1, 0, 1),
        (500, 50, 10, 1, 1, 10),
        (501, 50, 10, 2, 1, 5),
        (118_204, 50, 10, 237, 236, 9),
    ],
)
def test_target_safe_and_obtained_gap(usable, count, gap, target, safe, obtained):
    made = size(usable, count, gap)

    assert (made.p_target, made.p_safe, made.obtained_gap_days) == (target, safe, obtained)
    assert made.p_planned == target


def rotated(usable, places, days=60):
    """The rests, in days, where the longest rested go first: the best that any rotation can do."""
    last, rests = {}, Counter()
    for slot in range(places * days):
        track, day = slot % usable, slot // places
        if track in last:
            rests[day - last[track]] += 1
        last[track] = day
    return rests


@pytest.mark.parametrize(
    "playlists, shortest, early",
    [(27, 7, 0.0), (28, 7, 0.0), (29, 6, 0.104), (30, 6, 0.333)],
)
def test_ten_thousand_tracks_with_a_week_of_rest_carry_28_playlists_and_not_29(playlists, shortest, early):
    rests = rotated(10_000, playlists * 50)

    assert min(rests) == shortest
    share = sum(count for rest, count in rests.items() if rest < 7) / rests.total()
    assert share == pytest.approx(early, abs=0.005)


@hypothesis.settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 20), st.integers(1, 12), st.integers(0, 40))
def test_the_gap_that_a_plan_promises_is_the_one_a_rotation_obtains(usable, count, gap, floor):
    made = size(usable, count, gap, floor=floor)
    places = made.p_planned * count
    if not places or places > usable:
        assert not made.obtained_gap_days
        return

    assert min(rotated(usable, places, days=usable + 2)) == made.obtained_gap_days


@pytest.mark.django_db
@pytest.mark.parametrize("playlists, held", [(3, 0), (4, 6)])
def test_the_real_allocator_fills_p_safe_every_day_and_holds_what_is_more(settings, playlists, held):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    made = size(100, 10, 3)
    assert (made.p_target, made.p_safe) == (4, 3)
    worlds.tracks(100)
    for _ in range(playlists):
        worlds.playlist()

    nights = [snapshots.build(worlds.TODAY + dt.timedelta(days=day), now=worlds.NOW) for day in range(9)]

    assert sum(len(night.held) for night in nights) == held
    assert held <= 9 * (playlists - made.p_safe)  # "up to 1 list a day", as the plan says
    assert any("up to 1 list a day will be held" in reason for reason in made.reasons)


@pytest.mark.parametrize(
    "usable, floor, capacity, planned, guard",
    [
        (10_000, 5, 100, 20, "target"),
        (10_000, 40, 100, 40, "floor"),
        (10_000, 5, 12, 12, "capacity"),
        (10_000, 40, 30, 30, "capacity"),
        (0, 40, 0, 0, "capacity"),
        (0, 0, 100, 0, "target"),
    ],
)
def test_the_floor_raises_and_the_capacity_limits(usable, floor, capacity, planned, guard):
    made = size(usable, floor=floor, capacity=capacity)

    assert (made.p_planned, made.guard) == (planned, guard)


@given(
    *[st.integers(0, 10**6)] * 1,
    st.integers(1, 100),
    st.integers(1, 60),
    st.integers(0, 999),
    st.integers(0, 999),
)
def test_the_plan_keeps_to_its_bounds_for_any_input(usable, count, gap, floor, capacity):
    made = size(usable, count, gap, floor=floor, capacity=capacity)

    assert min(floor, capacity) <= made.p_planned <= capacity
    assert made.p_safe <= made.p_target <= made.p_safe + 1
    if made.obtained_gap_days:
        assert made.obtained_gap_days * made.p_planned * count <= usable


def test_a_conflict_of_floor_and_capacity_is_shown():
    made = size(10_000, floor=40, capacity=30)

    assert made.stats()["conflict"]
    assert any("floor of 40 is above the capacity of 30" in reason for reason in made.reasons)


def test_a_plan_that_the_catalogue_can_not_rest_says_so_with_the_gap_it_could_keep():
    made = size(3_300, floor=40)

    assert any("could keep a gap of 1 day" in reason for reason in made.reasons)
    assert made.obtained_gap_days == 1


def test_without_accounts_everything_stays_as_it_is():
    made = size(10_000, capacity=0, active_accounts=0)
    standing = [planner.Standing(1, "One", 1, 1, is_managed=True)]

    changes = planner.changes(made, [planner.Supply(1, "A", "A", 900, 10)], standing, next_index=2)

    assert not changes.create
    assert not changes.retire
    assert any("connect an account" in reason for reason in made.reasons)


SUPPLIES = [planner.Supply(1, "Wide", "Wide", 8_000, 10), planner.Supply(2, "Narrow", "Narrow", 2_000, 10)]


def test_new_playlists_go_to_policies_by_what_they_can_sustain():
    changes = planner.changes(size(10_000), SUPPLIES, [], next_index=1)

    share = [sum(one.policy_id == policy for one in changes.create) for policy in (1, 2)]
    assert share == [16, 4]
    assert [one.index for one in changes.create] == list(range(1, 21))
    assert all(one.reason for one in changes.create)


def test_a_policy_that_could_not_fill_one_list_gets_no_playlist():
    thin = planner.Supply(3, "Thin", "Thin", 49, 10)

    changes = planner.changes(size(10_000), [*SUPPLIES, thin], [], next_index=1)

    assert 3 not in {one.policy_id for one in changes.create}


def test_the_newest_managed_playlists_are_retired_and_never_an_operators():
    standing = [planner.Standing(index, str(index), 1, 1, is_managed=index != 9) for index in range(1, 10)]

    changes = planner.changes(size(1_500), SUPPLIES, standing, next_index=10)

    assert [one.index for one in changes.retire] == [8, 7, 6, 5, 4, 3]
    assert not changes.create


def test_a_playlist_that_operators_hold_dear_is_kept_before_newer_and_older_ones():
    dear = {8: 5, 3: 1}
    standing = [
        planner.Standing(index, str(index), 1, 1, True, importance=dear.get(index, 0))
        for index in range(1, 9)
    ]

    changes = planner.changes(size(1_500), SUPPLIES, standing, next_index=9)

    assert [one.index for one in changes.retire] == [7, 6, 5, 4, 2]
    assert all(planner.RETIRE_RULE in one.reason for one in changes.retire)


def test_operators_copies_count_against_the_capacity():
    own = [planner.Standing(1, "Own", 1, 8, is_managed=False)]

    changes = planner.changes(size(10_000, capacity=10), SUPPLIES, own, next_index=2)

    assert len(changes.create) == 2


def test_managed_playlists_of_a_dead_policy_are_retired():
    dead = planner.Supply(2, "Narrow", "Narrow", 0, 10, is_active=False)
    standing = [planner.Standing(1, "One", 2, 1, True), planner.Standing(2, "Two", 2, 1, False)]

    changes = planner.changes(size(500), [SUPPLIES[0], dead], standing, next_index=3)

    assert [one.index for one in changes.retire] == [1]


@given(st.integers(0, 200_000), st.integers(0, 60), st.integers(0, 80))
def test_planning_again_after_carrying_out_changes_nothing(usable, floor, capacity):
    made = size(usable, floor=floor, capacity=capacity)
    first = planner.changes(made, SUPPLIES, [], next_index=1)
    standing = [planner.Standing(one.index, "x", one.policy_id, 1, True) for one in first.create]

    again = planner.changes(made, SUPPLIES, standing, next_index=1 + len(standing))

    assert not again.create
    assert not again.retire


def test_of_a_mix_that_cannot_rest_the_policies_that_miss_most_are_named_first():
    supplies = [planner.Supply(key, name, name, 10, 1, True) for key, name in enumerate("ABCD", start=1)]
    classes = {frozenset({key}): 10 for key in range(1, 5)}

    found = planner.mix(size(40, count=1, gap_days=1), classes, {1: 11, 2: 14, 3: 12, 4: 13}, supplies)

    assert "most are missing for B, D, C." in found.reasons[0]
