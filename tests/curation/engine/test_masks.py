"""Masks: set bits and counts by bit agree with a plain loop over the bits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from curation.engine import masks

MASKS = st.integers(0, 1 << 130)


def plainly(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


@given(MASKS)
def test_the_set_bits_of_a_mask_come_from_the_lowest(mask):
    assert list(masks.bits(mask)) == plainly(mask)


@given(st.dictionaries(MASKS, st.integers(1, 1000), max_size=30))
def test_counts_by_mask_become_counts_by_bit(counts):
    found = masks.count(counts)

    for place in range(132):
        assert found[1 << place] == sum(n for mask, n in counts.items() if place in plainly(mask))


def test_more_masks_than_are_taken_at_once_are_all_counted():
    assert masks.count(dict.fromkeys(range(25001), 2))[1] == 25_000


def test_nothing_counts_nothing():
    assert not +masks.count({})
    assert not +masks.count({0: 5})
