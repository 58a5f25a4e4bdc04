"""What the walks through a day share: a real worker, a command in its own process, stages, expiries."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.login import token_refresh
from accounts.models import Account
from tests.accounts import connecting
from tests.devstack import waiting
from vibe_project import demo

ROOT = Path(__file__).resolve().parents[2]
WORKER = ["-m", "celery", "-A", "vibe_project", "worker", "-c", "2", "-Q", "default,ingest,sync"]


@contextlib.contextmanager
def running_worker(environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A prefork worker for as long as the block lasts; its log is shown where the test fails."""
    # Celery sets the root's level from its own option, whatever LOG_LEVEL says.
    level = ["--loglevel", environment.get("LOG_LEVEL", "INFO")]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, *WORKER, *level],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        print(log.read_text()[-8000:])


def manage(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of manage.py, done, in a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sign_in(client: Client) -> None:
    """As a listener, whose tokens are secrets like an account's."""
    back = connecting.follow(client.get("/api/v1/playlist/connect")["Location"])
    assert client.get("/api/v1/playlist/callback", back).status_code == 302


def play(*names: str) -> None:
    """These stages through the worker, in the order in which an empty catalogue needs them."""
    for name in [one for one in demo.STAGES if one in names]:
        for _ in demo.run(name, today=timezone.now().date()):
            pass


def expire_and_refresh() -> None:
    """All tokens run out, and the worker renews them."""
    Account.objects.update(token_expires_at=timezone.now())
    tasks.refresh_tokens.delay()
    waiting.until(
        lambda: not Account.objects.expiring_before(timezone.now() + token_refresh.AHEAD).exists(), seconds=40
    )
