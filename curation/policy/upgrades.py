"""Brings policies written in an older version of the language up to the newest, one after another (pure).

A version is left behind by adding its name and a function that returns the same document in the next. Stored
bodies and immutable revisions stay as they were written: they are brought up each time they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = dict[str, Any]
# {"vibe.policy/N": how such a document is said in vibe.policy/N+1}; there is one version so far.
UPGRADERS: Mapping[str, Callable[[Document], Document]] = {}


def newest(
    document: Document, upgraders: Mapping[str, Callable[[Document], Document]] = UPGRADERS
) -> Document:
    """The document in the newest version that can be reached from its own; its own where none leads on."""
    seen: set[str] = set()
    while isinstance(name := document.get("schema"), str) and name in upgraders and name not in seen:
        seen.add(name)
        document = upgraders[name](dict(document))
    return document
