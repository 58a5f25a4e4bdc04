"""Spotify ids: twenty-two base62 characters below 2 to the 128; checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from accounts.spotify import errors

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(r"\A[0-9A-Za-z]{22}\Z")
_SAFE = re.compile(r"\A[0-9A-Za-z_-]{1,64}\Z")
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def is_id(text: object) -> bool:
    """True for what Spotify can decode; it answers 400 to a whole batch that holds one bad id."""
    if not isinstance(text, str) or not _SHAPE.match(text):
        return False
    number = 0
    for character in text:
        number = number * 62 + _VALUES[character]
    return number < 1 << 128


def is_safe(text: object) -> bool:
    """True for what may stand in a path: ids that Spotify itself told us are believed."""
    return isinstance(text, str) and bool(_SAFE.match(text))


def checked(ids: Iterable[str], *, at_most: int, strict: bool = False) -> list[str]:
    """The ids as a list; raises BadRequest for a bad one, ValueError for more than one call may carry.

    `strict`: they come from people, so that one wrong character would have the whole batch refused.
    """
    listed = list(ids)
    if len(listed) > at_most:
        raise ValueError(f"{len(listed)} ids in one call, at most {at_most}")
    for value in listed:
        if not (is_id(value) if strict else is_safe(value)):
            raise errors.BadRequest(f"Not a Spotify id: {str(value)[:40]!r}")
    return listed
