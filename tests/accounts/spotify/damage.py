"""Damage to JSON: any place of a body dropped or replaced by anything."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path into a JSON value."""
    yield path
    entries = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def damaged(body: Any, *, junk: Any, drop: bool, times: int, rng: random.Random) -> Any:
    """The body after so many blows, each at a place of the dice's choice."""
    for _ in range(times):
        body = _struck(body, rng.choice(list(places(body))), junk, drop)
    return body


def _struck(body: Any, path: tuple[Any, ...], junk: Any, drop: bool) -> Any:
    if not path:
        return junk
    body = copy.deepcopy(body)
    parent = body
    for key in path[:-1]:
        parent = parent[key]
    if drop and isinstance(parent, dict):
        del parent[path[-1]]
    else:
        parent[path[-1]] = junk
    return body
