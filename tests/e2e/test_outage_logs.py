"""Real processes while PostgreSQL and then Redis go away: their logs hold no secret and stay short."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from cryptography import fernet

from devstack import processes, programs, pytest_plugin, servers
from tests.devstack import waiting
from tests.e2e import days

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("worker")]
PROGRAMS = ("web", "worker", "beat", "flower")
CODE, STATE = "canary-code", "canary-state"
ADDRESSES = [
    f"/api/v1/admin/callback?code={CODE}&state={STATE}",
    f"/api/v1/playlist/callback?code={CODE}&state={STATE}",
    "/api/v1/public/playlists",
    "/playlists/",
]
# Two rings by hand: Celery's own client would keep a connection to a server that goes away.
RING = "from vibe_project.celery import app; [app.send_task(task) for task in ('sweep', 'refresh_tokens')]"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="vibe-outage-", dir=pytest_plugin.scratch()))
    folder.chmod(0o711)  # the user who runs PostgreSQL for root must get through to its own folder
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(home) -> Iterator[servers.Server]:
    """Empty: nothing is asked that would need a table before it goes away."""
    server = servers.start_postgres(home / "pg", durable=False)
    servers.ensure_database(server.url)
    yield server
    servers.stop(server)


@pytest.fixture
def own_redis(home) -> Iterator[servers.Server]:
    server = servers.start_redis(home / "redis", durable=False)
    yield server
    servers.stop(server)


@pytest.fixture
def canaries(postgres, own_redis) -> dict[str, str]:
    made = {
        name: f"canary{secrets.token_hex(16)}"
        for name in ("SECRET_KEY", "ADMIN_API_KEY", "SPOTIFY_CLIENT_SECRET", "GEMINI_API_KEY")
    }
    return made | {
        "SPOTIFY_TOKEN_KEY": fernet.Fernet.generate_key().decode(),
        "DATABASE_URL": postgres.url,
        "REDIS_URL": own_redis.url,
    }


def needles(canaries: Mapping[str, str]) -> dict[str, str]:
    """What must not be found, by what it is."""
    client = f"sandbox-client:{canaries['SPOTIFY_CLIENT_SECRET']}"
    urls = {name: canaries[name].split("@")[0].rpartition(":")[2] for name in ("DATABASE_URL", "REDIS_URL")}
    basic = base64.b64encode(client.encode()).decode()
    return {**canaries, **urls, "basic": basic, "code": CODE, "state": STATE}


@contextlib.contextmanager
def running(names: Iterable[str], env: Mapping[str, str], folder: Path) -> Iterator[None]:
    """These, each with a log of its own, until the block ends."""
    started = []
    for name in names:
        with (folder / f"{name}.log").open("wb") as output:
            argv = programs.named(name, env).argv
            started.append(
                subprocess.Popen(
                    argv, cwd=days.ROOT, env=dict(env), stdout=output, stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            )  # fmt: skip
    try:
        yield
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def status_of(port: int, address: str, **headers: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{address}", headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=60).status  # noqa: S310 - our own
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.mark.parametrize("format, names", [("text", PROGRAMS[:2]), ("json", PROGRAMS)], ids=["text", "json"])
def test_the_logs_of_an_outage_hold_no_secret_and_stay_short(
    format, names, home, postgres, own_redis, canaries
):
    port = processes.free_port()
    env = os.environ | canaries | {
        "PORT": str(port), "FLOWER_PORT": str(processes.free_port()), "LOG_FORMAT": format,
        "DJANGO_SETTINGS_MODULE": "vibe_project.settings",
    }  # fmt: skip
    log_of = {name: home / f"{name}.log" for name in names}

    with running(names, env, home):
        waiting.until(lambda: status_of(port, "/healthz") == 200)
        waiting.until(lambda: " ready." in log_of["worker"].read_text())
        servers.stop(postgres)
        for _ in range(10):
            for address in ADDRESSES:
                status_of(port, address)
        assert status_of(port, "/", Host="evil.example") == 400
        subprocess.run([sys.executable, "-c", RING], env=env, cwd=days.ROOT, check=True)
        waiting.until(lambda: "refresh_tokens[" in log_of["worker"].read_text())
        waiting.until(lambda: "OperationalError" in log_of["worker"].read_text())
        servers.stop(own_redis)
        waiting.until(lambda: "Connection to broker lost" in log_of["worker"].read_text())

    written = {name: path.read_text() for name, path in log_of.items()}
    assert "/api/v1/admin/callback" in written["web"]
    assert [
        (log, what) for what, secret in needles(canaries).items() for log in written if secret in written[log]
    ] == []
    assert len(written["web"].splitlines()) < 170  # forty requests: two lines each, and each traceback once
    assert sum("evil.example" in line for line in written["web"].splitlines()) == 1
    if format == "json":
        for text in written.values():
            assert all("timestamp" in json.loads(line) for line in text.splitlines())
