"""Outages under running processes: a PostgreSQL of the test's own that crashes and comes back."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import environ
from django.core import management
from django.db import connection

from devstack import pytest_plugin, servers


class Postgres:
    """Durable as in production: what was committed before a crash is there after it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = servers.start_postgres(folder, durable=True)
        self.url = self._server.url
        servers.ensure_database(self.url)

    def restart(self) -> None:
        """Crash at once (`pg_ctl stop -m immediate`), recover, and listen on the same port again."""
        self._server.process.send_signal(signal.SIGQUIT)
        self._server.process.wait(timeout=30)
        self._server = servers.start_postgres(self._folder, durable=True, url=self.url)
        connection.close()

    def stop(self) -> None:
        servers.stop(self._server)


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """A migrated one, on which this process's Django works as long as the block lasts: the suite's own
    PostgreSQL is other tests' too."""
    home = Path(tempfile.mkdtemp(prefix="vibe-outage-", dir=pytest_plugin.scratch()))
    home.chmod(0o711)  # the user who runs PostgreSQL for root must get through to its own folder
    running = Postgres(home / "pg")
    try:
        with _django_on(running.url):
            management.call_command("migrate", verbosity=0)
            yield running
    finally:
        running.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _django_on(url: str) -> Iterator[None]:
    before = dict(connection.settings_dict)
    there = environ.Env.db_url_config(url)
    connection.close()
    connection.settings_dict.update({key: there[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
