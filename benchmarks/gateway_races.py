"""What 8 processes do at once: `.venv/bin/python -m benchmarks.gateway_races [--expiries 1000]`.

Claim: a thousand token expiries with rotating refresh tokens are a thousand refreshes, no invalid_grant and
no account lost; and of 8 processes that meet a half-open circuit exactly one sends a request, every time.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import random
import subprocess
import sys
import time
from typing import Any

from benchmarks import gateway_pacing

PROCESSES = 8
ACCOUNTS = 5


def main(options: argparse.Namespace) -> int:
    with gateway_pacing.stage(100_000, rotate_refresh_tokens=True) as (sandbox, _):
        connect()
        good = expiries(sandbox, options.expiries)
        good = windows(sandbox, options.windows) and good
        return 0 if good else 1


def connect() -> None:
    """Sandbox users as accounts, logged in as a browser would."""
    from urllib.parse import parse_qs, urlsplit

    import requests
    from django.utils import timezone

    from accounts.login import onboarding

    for _ in range(ACCOUNTS):
        url, state = onboarding.begin(label="", begun_by=onboarding.COMMAND, now=timezone.now())
        back = requests.get(url, allow_redirects=False, timeout=10).headers["Location"]
        code = parse_qs(urlsplit(back).query)["code"][0]
        onboarding.finish(code=code, state=state, begun_by=onboarding.COMMAND, now=timezone.now())


# --- expiries


def expiries(sandbox: Any, wanted: int) -> bool:
    """Expire one account's token after another while all processes ask for tokens all the time."""
    from accounts.models import Account

    workers = [worker("tokens") for _ in range(PROCESSES)]
    gateway_pacing.start(workers)
    before = len(sandbox.calls)
    began = time.monotonic()
    for number in range(wanted):
        expire(1 + number % ACCOUNTS)
    seconds = time.monotonic() - began
    for process in workers:
        process.communicate("stop\n")
    answered = [call.status for call in sandbox.calls[before:] if call.path.endswith("/api/token")]
    active = Account.objects.active().count()
    refreshes, refused = answered.count(200), len(answered) - answered.count(200)
    good = refreshes == wanted and not refused and active == ACCOUNTS
    print(
        f"{'OK' if good else 'NOT MET'}: {wanted} expiries, {refreshes} refreshes, {refused} refused, "
        f"{ACCOUNTS - active} accounts lost, {PROCESSES} processes, {seconds:.0f} s"
    )
    return good


def expire(position: int) -> None:
    """Let a token run out and wait until somebody has renewed it."""
    from django.utils import timezone

    from accounts.models import Account

    account = Account.objects.order_by("id")[position - 1]
    now = timezone.now()
    Account.objects.filter(pk=account.pk).update(token_expires_at=now)
    patience = time.monotonic() + 60
    while Account.objects.filter(pk=account.pk, token_expires_at__lte=now).exists():
        assert time.monotonic() < patience, "nobody renews the token"
        time.sleep(0.002)


def ask_for_tokens() -> None:
    from django.utils import timezone

    from accounts.gateway_state import tokens
    from accounts.models import Account

    ids = list(Account.objects.values_list("pk", flat=True))
    stopped = stdin_watch()
    while not stopped():
        tokens.fresh_access_token(random.choice(ids), now=timezone.now())
        time.sleep(0.005)


# --- half-open


def windows(sandbox: Any, wanted: int) -> bool:
    """Let the circuit's time run out again and again; all processes come at once and Spotify still fails."""
    probes = [one_window(sandbox) for _ in range(wanted)]
    good = probes == [1] * wanted
    print(
        f"{'OK' if good else 'NOT MET'}: requests per half-open window with {PROCESSES} processes: {probes}"
    )
    return good


def one_window(sandbox: Any) -> int:
    from django.utils import timezone

    from accounts.models import Circuit

    sandbox.faults.clear()
    sandbox.faults.add(do="status", path="/v1/albums", status=503, text="busy", times=0)
    over = timezone.now() - dt.timedelta(seconds=1)
    Circuit.objects.update_or_create(
        app="bench",
        bucket="catalogue",
        defaults={"state": "open", "reason": "test", "open_until": over, "probe_until": None},
    )
    workers = [worker("probe") for _ in range(PROCESSES)]
    before = len(sandbox.calls)
    gateway_pacing.start(workers)
    for process in workers:
        process.communicate()
    return sum("/albums" in call.path for call in sandbox.calls[before:])


def probe() -> None:
    from accounts.gateway_state import gateways
    from accounts.spotify import errors

    gateway = gateways.for_app()
    with contextlib.suppress(errors.Blocked):
        gateway.album_tracks(os.environ["BENCH_ALBUM"], offset=0, limit=1)


# --- processes


def worker(what: str) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-m", "benchmarks.gateway_races", "--worker", what]
    return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def stdin_watch() -> Any:
    """A function that says whether the parent has written or gone."""
    import select

    return lambda: bool(select.select([sys.stdin], [], [], 0)[0])


def work(what: str) -> None:
    import django

    django.setup()
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    time.sleep(max(0.0, begin - time.time()))
    {"tokens": ask_for_tokens, "probe": probe}[what]()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2])
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--expiries", type=int, default=1000)
        parser.add_argument("--windows", type=int, default=10)
        sys.exit(main(parser.parse_args()))
