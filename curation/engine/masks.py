"""Masks of answers, a bit for each question: their set bits, and counts by bit. Pure.

With hundreds of policies nearly every track has a mask of its own, so nothing here loops over bits in Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import compress, islice

_DIGITS = bytes.maketrans(b"01", b"\0\1")
_AT_ONCE = 10_000


def bits(mask: int) -> tuple[int, ...]:
    """The places of the set bits, from 0 upwards."""
    digits = _digits(mask)
    return tuple(compress(range(len(digits)), digits))


def count(counts: Mapping[int, int]) -> Counter[int]:
    """Counts by mask as counts by single bit: how many have each."""
    found: Counter[int] = Counter()
    rest = iter(counts.items())
    while some := list(islice(rest, _AT_ONCE)):
        weights = [number for _, number in some]
        width = max(mask.bit_length() for mask, _ in some)
        columns = zip(*(_digits(mask, width) for mask, _ in some), strict=True)
        found.update({1 << place: sum(compress(weights, column)) for place, column in enumerate(columns)})
    return found


def _digits(mask: int, width: int = 0) -> bytes:
    """The mask's bits from the lowest, a byte 0 or 1 each."""
    return f"{mask:0{width}b}"[::-1].encode().translate(_DIGITS)
