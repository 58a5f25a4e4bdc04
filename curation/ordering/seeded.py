"""Seeded chance without state: the same seed and number give the same value on every machine."""

from __future__ import annotations

import hashlib

_WORD = (1 << 64) - 1


def seed(*parts: object) -> int:
    """A 64-bit seed from anything that has a text, such as playlist, policy digest and date."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def mix(number: int, seed: int) -> int:
    """64 well-mixed bits of a number under a seed (splitmix64's finish)."""
    z = (number * 0x9E3779B97F4A7C15 + seed) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return z ^ (z >> 31)


def share(number: int, seed: int) -> float:
    """A value from 0 up to 1 for a number under a seed."""
    return mix(number, seed) / (_WORD + 1)
