"""Spotify-like ids that need no table: an id is a scrambled (kind, number), to be read back or refused."""

import string

ALPHABET = string.digits + string.ascii_lowercase + string.ascii_uppercase
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
LENGTH = 22
# Two letters at a time: ids are most of what a body costs to make.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
LIMIT = 1 << 128

ALBUM, TRACK, ARTIST, PLAYLIST, USER = 1, 2, 3, 4, 5

_HALF = (1 << 64) - 1
# Marks a value as ours: hardly a random id passes by chance, so a made-up one is "unknown", as it should be.
_SIGNATURE = 0x5A17D
_KIND_SHIFT = 52


def encode(kind: int, number: int, *, seed: int) -> str:
    """The 22-character base62 id of `number` among the things of `kind` in the world of `seed`."""
    left, right = (kind << _KIND_SHIFT) | _SIGNATURE, number
    for step in range(4):
        left, right = right, left ^ _mix(right, seed, step)
    return _base62((left << 64) | right)


def decode(kind: int, spotify_id: str, *, seed: int) -> int | None:
    """The number behind an id of this kind; None where this world never made such an id."""
    if not well_formed(spotify_id):
        return None
    value = _value(spotify_id)
    left, right = value >> 64, value & _HALF
    for step in reversed(range(4)):
        left, right = right ^ _mix(left, seed, step), left
    return right if left == (kind << _KIND_SHIFT) | _SIGNATURE else None


def well_formed(spotify_id: str) -> bool:
    """Spotify refuses the whole call for an id that is not 22 base62 characters below 2**128."""
    return (
        len(spotify_id) == LENGTH
        and all(letter in VALUES for letter in spotify_id)
        and _value(spotify_id) < LIMIT
    )


def _mix(half: int, seed: int, step: int) -> int:
    """One Feistel round: splitmix64's finisher keyed by seed and step; hash() differs between processes."""
    value = (half + (seed * 4 + step + 1) * 0x9E3779B97F4A7C15) & _HALF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _HALF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _HALF
    return value ^ (value >> 31)


def _base62(value: int) -> str:
    pairs = []
    for _ in range(LENGTH // 2):
        value, pair = divmod(value, 62 * 62)
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs))


def _value(spotify_id: str) -> int:
    value = 0
    for letter in spotify_id:
        value = value * 62 + VALUES[letter]
    return value
