"""N processes that do nothing but sync, each forked anew when it is killed."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from playlists import copies, draining  # noqa: E402

# A lost create may take effect this long afterwards here, where the sandbox is a millisecond away.
copies.SETTLE = dt.timedelta(seconds=2)
copies.BACKOFF_TOP = dt.timedelta(seconds=1)


def work() -> None:
    while True:
        waiting = draining.due(timezone.now()).order_by("?").values_list("account_id", flat=True)[:1]
        if waiting:
            draining.account(waiting[0], clock=timezone.now, date=timezone.now().date())
        else:
            time.sleep(0.05)


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
