"""Sandboxes for the sandbox's own tests; nothing here needs Django or a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import server


@pytest.fixture
def sandbox() -> Iterator[Any]:
    """Sixty albums in extended mode: the odd ones are among them."""
    with server.serve(albums=60) as running:
        yield running


@pytest.fixture
def development() -> Iterator[Any]:
    with server.serve(albums=60, mode="development") as running:
        yield running
