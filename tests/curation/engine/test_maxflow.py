"""The exact maximum flow between classes of tracks and policies."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.engine import maxflow


def by_min_cut(classes, needs):
    """Hall's bound: a set of policies gets at most what admits one of them, the others what they need."""
    best = None
    for chosen in range(1 << len(needs)):
        supply = sum(count for mask, count in classes.items() if mask & chosen)
        others = sum(need for p, need in enumerate(needs) if not chosen >> p & 1)
        best = supply + others if best is None else min(best, supply + others)
    return best


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.integers(0, 31), st.integers(0, 20), max_size=12),
    st.lists(st.integers(0, 30), min_size=5, max_size=5),
)
def test_the_flow_is_the_minimum_cut(classes, needs):
    filled = maxflow.max_flow(classes, needs)

    assert sum(filled) == by_min_cut(classes, needs)
    assert all(0 <= got <= need for got, need in zip(filled, needs, strict=True))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.integers(0, 31), st.integers(0, 20), max_size=12),
    st.lists(st.integers(0, 30), min_size=5, max_size=5),
)
def test_many_policies_get_as_much_by_another_way(classes, needs):
    many = needs + [0] * maxflow.CLASSES_UP_TO

    assert sum(maxflow.max_flow(classes, many)) == by_min_cut(classes, needs)


def test_a_certificate_of_many_policies_can_be_kept():
    """Forty policies of which each pair of neighbours shares 500 tracks want far more than there is."""
    classes = {0b11 << p: 500 for p in range(39)}

    found = maxflow.certified(classes, [9] * 40, count=50, gap=7)

    needs = [number * 350 for number in found]
    assert maxflow.max_flow(classes, needs) == needs
    assert min(found) == 1


def test_a_certificate_lowers_what_can_not_be_kept_full():
    """1,000 tracks for both, 100 for the second: ten days of rest leave room for two lists of 50 a day."""
    assert maxflow.certified({0b11: 1000, 0b10: 100}, [1, 5], count=50, gap=10) == [1, 1]


def test_what_fits_is_certified_unchanged():
    assert maxflow.certified({0b1: 1000, 0b10: 1000}, [2, 2], count=50, gap=10) == [2, 2]


def test_nothing_certifies_nothing():
    assert maxflow.certified({}, [3], count=50, gap=10) == [0]
