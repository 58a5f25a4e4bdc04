"""Vendors that wait on the sandbox's clock instead of the wall's, and artists of a known kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.genres.vendor import Vendor
from sandbox import artist_genres

AGENT = "Vibe/0.1 (ops@example.org) requests/2"


@pytest.fixture
def waits() -> list[float]:
    """What the vendors slept."""
    return []


@pytest.fixture
def vendor(sandbox: Any, waits: list[float]) -> Callable[..., Vendor]:
    """vendor("Wikidata", gap): sleeping moves the sandbox's clock."""

    def make(name: str = "Vendor", gap: float = 0.0, agent: str = AGENT) -> Vendor:
        def sleep(seconds: float) -> None:
            waits.append(seconds)
            sandbox.clock.advance(seconds)

        return Vendor(name, agent, gap, sleep, sandbox.clock.now)

    return make


@pytest.fixture
def artists(sandbox: Any) -> list[Any]:
    """Every artist of the sandbox that has an album."""
    catalogue = sandbox.world.catalogue
    return [catalogue.artist(number) for number in catalogue.artist_numbers()]


@pytest.fixture
def with_items(sandbox: Any, artists: list[Any]) -> dict[str, list[Any]]:
    """{artist id: items} of those that Wikidata knows."""
    found = {each.spotify_id: artist_genres.items(sandbox.world.catalogue, each) for each in artists}
    return {artist_id: items for artist_id, items in found.items() if items}
