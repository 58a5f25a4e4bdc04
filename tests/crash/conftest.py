"""What the outage tests share: a PostgreSQL that may crash, and the environment of processes that use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash import outages


@pytest.fixture
def own_postgres(transactional_db) -> Iterator[outages.Postgres]:
    """This test's own, with this process's Django on it; `own_postgres.restart()` crashes it."""
    with outages.postgres() as running:
        yield running


@pytest.fixture
def outage_environment(own_postgres, sandbox, child_environment) -> dict[str, str]:
    """For real processes on that PostgreSQL, this test's Redis and its sandbox."""
    return child_environment | {"DATABASE_URL": own_postgres.url}
