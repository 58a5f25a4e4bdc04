"""Where the real bodies are, if they are here at all, and the sandboxes that are held to them."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import server

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXTERNAL = ROOT.parent / "shared" / "reference" / "external"
REASON = (
    "the real bodies (../shared/reference/external) are not on this machine; tests/contract/shapes stands in"
)


@pytest.fixture(scope="session")
def external() -> pathlib.Path:
    if not EXTERNAL.is_dir():
        pytest.skip(REASON)
    return EXTERNAL


@pytest.fixture(scope="session")
def real(external: pathlib.Path) -> Callable[[str], Any]:
    """real("error_404") -> that captured body."""
    return lambda name: json.loads((external / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def extended() -> Iterator[Any]:
    with server.serve(albums=60, audio_features=True) as running:
        yield running


@pytest.fixture(scope="module")
def development() -> Iterator[Any]:
    with server.serve(albums=60, mode="development") as running:
        yield running
