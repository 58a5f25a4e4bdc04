"""N processes that do nothing but sync, each forked anew when it ends; says on stdout how each ended."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from accounts.spotify import breaker  # noqa: E402
from playlists.nightly import canary  # noqa: E402
from playlists.sync import drain, steps  # noqa: E402
from tests.crash import forking, sync_points  # noqa: E402, F401

# A lost create may take effect this long afterwards here, where the sandbox is a millisecond away; and the
# drill cuts so many answers that the circuit may open by chance.
steps.SETTLE = dt.timedelta(seconds=2)
steps.BACKOFF_TOP = dt.timedelta(seconds=1)
breaker.OPEN_SECONDS = 2


def work() -> None:
    while True:
        waiting = drain.due(timezone.now()).order_by("?").values_list("account_id", flat=True)[:1]
        if not waiting:
            time.sleep(0.05)
            continue
        drained = drain.account(
            waiting[0], clock=timezone.now, date=timezone.now().date(), allowance=canary.check
        )
        if drained.states["busy"]:
            say("busy")
            time.sleep(0.02)


def say(word: str) -> None:
    os.write(1, f"{word}\n".encode())


def ended(status: int) -> None:
    say("killed" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else "ended")


if __name__ == "__main__":
    forking.keep(int(sys.argv[1]), work, ended=ended)
