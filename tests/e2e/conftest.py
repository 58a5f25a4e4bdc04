"""A real worker and a small network for the walks through a whole day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import days

NETWORK = {"FLOOR_TOTAL_PLAYLISTS": 3, "MIN_REPEAT_GAP_DAYS": 7}


@pytest.fixture
def network(settings) -> None:
    for name, value in NETWORK.items():
        setattr(settings, name, value)


@pytest.fixture
def worker_environment(sandbox, child_environment) -> dict[str, str]:
    """For processes on this test's database, Redis and sandbox; a module may add to it."""
    return child_environment | {name: str(value) for name, value in NETWORK.items()}


@pytest.fixture
def worker(worker_environment, tmp_path) -> Iterator[Path]:
    """A real prefork worker; the path of its log."""
    log = tmp_path / "worker.log"
    with days.running_worker(worker_environment, log):
        yield log
