"""Start PostgreSQL and Redis before Django reads its settings, and keep a test run off the network."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from devstack import processes, servers

_running: list[servers.Server] = []
_folder: Path | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, Any, Any]:
    """The last moment before pytest-django imports the settings, which need the servers' addresses."""
    if not {"--help", "-h", "--version", "--markers", "--fixtures"} & set(args):
        if "PYTEST_XDIST_WORKER" not in os.environ:
            _start_servers()
        _choose_redis_database()
    return (yield)


def _start_servers() -> None:
    global _folder
    atexit.register(_stop_servers)  # pytest_unconfigure does not come when the settings cannot be imported
    try:
        _folder = Path(tempfile.mkdtemp(prefix="vibe-test-", dir=scratch()))
        _folder.chmod(0o711)  # the user who runs PostgreSQL for root must get through to its own folder
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = _started(servers.start_postgres(_folder / "pg", durable=False))
        if "REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = _started(servers.start_redis(_folder / "redis", durable=False))
        else:
            _refuse_used(os.environ["REDIS_URL"])
    except processes.ServerError as error:
        _stop_servers()
        raise pytest.UsageError(str(error)) from error


def _refuse_used(url: str) -> None:
    """The suite empties its Redis databases before each test: never one that holds anything."""
    import redis

    with redis.Redis.from_url(url) as connection:
        used = sorted(connection.info("keyspace"))
    if used:
        held = ", ".join(used)
        raise processes.ServerError(f"REDIS_URL names a server that holds data ({held}): use an empty one.")


def scratch() -> str:
    """Not TMPDIR: that may lie under a home which the user who runs PostgreSQL for root cannot enter."""
    return "/var/tmp" if os.geteuid() == 0 else tempfile.gettempdir()  # noqa: S108 - mkdtemp is private


def _started(server: servers.Server) -> str:
    _running.append(server)
    return server.url


def _stop_servers() -> None:
    while _running:
        servers.stop(_running.pop())
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


def _choose_redis_database() -> None:
    """Each xdist worker has its own Redis database number, as pytest-django gives it its own database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    number = int(worker.removeprefix("gw") or 0) + 1 if worker else 0
    server = os.environ["REDIS_URL"].rsplit("/", 1)[0]
    os.environ["REDIS_URL"] = f"{server}/{number}"


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _stop_servers()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name binary values by their size: some hold a time, and xdist wants the same names in every worker."""
    if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()):
        return f"{argname}-{len(val)}-bytes"
    return None


# --- no network: the suite talks to 127.0.0.1 or fails


class NetworkBlocked(RuntimeError):
    """A test reached for the network."""


_connect, _connect_ex = socket.socket.connect, socket.socket.connect_ex


def _refuse_far_away(sock: socket.socket, address: Any) -> None:
    if sock.family in {socket.AF_INET, socket.AF_INET6} and not _is_near(str(address[0])):
        raise NetworkBlocked(f"tests reach only the loopback address, not {address[0]}:{address[1]}")


def _is_near(host: str) -> bool:
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _near_connect(self: socket.socket, address: Any) -> None:
    _refuse_far_away(self, address)
    _connect(self, address)


def _near_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_far_away(self, address)
    return _connect_ex(self, address)


def pytest_configure() -> None:
    socket.socket.connect = _near_connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = _near_connect_ex  # type: ignore[method-assign, assignment]
