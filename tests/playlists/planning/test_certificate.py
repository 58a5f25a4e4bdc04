"""What the policies can rest together is what a minimum cut allows."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from playlists.planning import certificate

POLICIES = range(4)
CLASSES = st.dictionaries(
    st.frozensets(st.sampled_from(POLICIES), min_size=1), st.integers(0, 30), max_size=12
)
WANTED = st.dictionaries(st.sampled_from(POLICIES), st.integers(0, 40), max_size=4)


def most(classes, wanted):
    """Over every set of policies: all that those outside want, and all that those inside admit."""
    return min(
        sum(need for policy, need in wanted.items() if policy not in inside)
        + sum(count for one, count in classes.items() if one & set(inside))
        for size in range(len(wanted) + 1)
        for inside in itertools.combinations(wanted, size)
    )


@given(CLASSES, WANTED)
def test_it_is_a_maximum_flow(classes, wanted):
    got = certificate.filled(classes, wanted)

    assert sum(got.values()) == most(classes, wanted)
    assert all(0 <= got[policy] <= wanted[policy] for policy in wanted)


def test_a_choosy_policy_gets_the_tracks_that_others_can_do_without():
    classes = {frozenset({1, 2}): 100, frozenset({1}): 100}

    assert certificate.filled(classes, {1: 100, 2: 100}) == {1: 100, 2: 100}
    assert sum(certificate.filled(classes, {1: 150, 2: 100}).values()) == 200
