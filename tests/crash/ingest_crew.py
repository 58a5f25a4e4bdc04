"""N processes that do nothing but the ingest task, each forked anew at once when it is killed."""

from __future__ import annotations

import os
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from catalog import ingest, tasks  # noqa: E402
from tests.crash import kill_points  # noqa: E402, F401


def work() -> None:
    while True:
        if ingest.due(timezone.now()):
            tasks.ingest_albums_from_sources()
        time.sleep(0.02)


def main(count: int) -> None:
    children: set[int] = set()
    while True:
        while len(children) < count:
            pid = os.fork()
            if not pid:
                try:
                    work()
                finally:
                    os._exit(1)
            children.add(pid)
        children.discard(os.wait()[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
