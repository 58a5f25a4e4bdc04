"""N processes that do nothing but the ingest task, each forked anew at once when it is killed."""

from __future__ import annotations

import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from catalog import tasks  # noqa: E402
from catalog.ingest import ingest  # noqa: E402
from tests.crash import forking, kill_points  # noqa: E402, F401


def work() -> None:
    while True:
        if ingest.due(timezone.now()):
            tasks.ingest_albums_from_sources()
        time.sleep(0.02)


if __name__ == "__main__":
    forking.keep(int(sys.argv[1]), work)
