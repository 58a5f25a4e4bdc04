"""Django's migrate, one at a time for a database: whoever comes second waits, then finds nothing to do."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOOK_AGAIN_SECONDS = 0.5


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with turn(options["database"], self.stderr.write):
            super().handle(*args, **options)


@contextlib.contextmanager
def turn(alias: str, tell: Callable[[str], Any]) -> Iterator[None]:
    """The database's advisory lock, which ends with this connection however this process ends. It is asked
    for again and again, since a statement that waits for it would hold up CREATE INDEX CONCURRENTLY."""
    is_told = False
    while not _ask(alias, "SELECT pg_try_advisory_lock(hashtext('vibe.migrate'))"):
        if not is_told:
            tell("Another host or command is migrating this database; waiting for it.")
            is_told = True
        time.sleep(LOOK_AGAIN_SECONDS)
    try:
        yield
    finally:
        _ask(alias, "SELECT pg_advisory_unlock(hashtext('vibe.migrate'))")


def _ask(alias: str, sql: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])
