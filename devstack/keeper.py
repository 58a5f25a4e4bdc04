"""Share one embedded server among the commands of a clone: the first starts it, the last one stops it.

A command that uses the server holds a shared lock on `users.lock`. The kernel drops it however the command
ends, kill -9 included, and the keeper, which is the server's parent, stops the server when nobody holds it.
The server in turn dies with its keeper; one that dies alone is started again where it was. `start.lock`
orders starting and stopping, `keeper.lock` says that a keeper lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devstack import places, processes, servers
from devstack.supervise import STEADY_AFTER, pause_before_restart


@dataclass(frozen=True)
class Membership:
    """The right to use a server; closing `users` (or dying) gives it back."""

    url: str
    folder: Path
    users: IO[str]

    def survive_exec(self) -> None:
        """Keep the right when this process becomes another program."""
        os.set_inheritable(self.users.fileno(), True)

    def is_kept(self) -> bool:
        """Whether the keeper, and so the server, still lives."""
        return not _is_free(self.folder / "keeper.lock")

    def leave(self, *, patience: float = 30.0) -> None:
        """Give the right back; as the last user also wait until the server is gone."""
        self.users.close()
        deadline = time.monotonic() + patience
        while self.is_kept() and _is_free(self.folder / "users.lock") and time.monotonic() < deadline:
            time.sleep(0.05)


def join(kind: str, folder: Path, *, durable: bool = True) -> Membership:
    """Use the server `kind` ("postgres" or "redis") of that folder, starting it if it is not running."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    locks = _locks_folder(kind, folder)
    with _locked(locks / "start.lock"), contextlib.ExitStack() as undo:
        users = undo.enter_context(_open(locks / "users.lock"))
        fcntl.flock(users, fcntl.LOCK_SH)
        if not _is_running(kind, locks):
            _start_keeper(kind, folder, locks, durable=durable)
        url = json.loads((locks / "state.json").read_text())["url"]
        undo.pop_all()
        return Membership(url, locks, users)


def with_servers(env: dict[str, str], purpose: str, *, durable: bool = True) -> list[Membership]:
    """Set DATABASE_URL and REDIS_URL in `env` where they are not; each may be somebody else's server."""
    members = []
    if not env.get("DATABASE_URL"):
        members.append(join("postgres", places.postgres_folder(purpose), durable=durable))
        env["DATABASE_URL"] = members[-1].url
    if not env.get("REDIS_URL"):
        members.append(join("redis", places.redis_folder(purpose), durable=durable))
        env["REDIS_URL"] = members[-1].url
    return members


def _locks_folder(kind: str, folder: Path) -> Path:
    """Beside the server's own folder when that belongs to another user (PostgreSQL's, for root)."""
    locks = folder.parent / f"{folder.name}.{kind}"
    locks.mkdir(exist_ok=True, mode=0o700)
    if locks.lstat().st_uid != os.geteuid():
        raise processes.ServerError(f"{locks} belongs to somebody else: remove it and start again.")
    return locks


def _is_running(kind: str, locks: Path) -> bool:
    """Whether a keeper has a server up; one that lives without saying where comes up or goes away: wait."""
    state = locks / "state.json"
    processes.wait_for(
        f"the embedded {kind} of the command before",
        lambda: state.exists() or _is_free(locks / "keeper.lock"),
        log=locks / "keeper.log",
    )
    return not _is_free(locks / "keeper.lock")


def _start_keeper(kind: str, folder: Path, locks: Path, *, durable: bool) -> None:
    state, log = locks / "state.json", locks / "keeper.log"
    state.unlink(missing_ok=True)
    argv = [sys.executable, "-m", "devstack", "keep", kind, str(folder), str(locks), "1" if durable else "0"]
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(places.ROOT)},
        )
    processes.wait_for(f"the embedded {kind}", state.exists, process=keeper, log=log)
    # The keeper outlives us on purpose; without this, Popen warns that it is still running.
    keeper.returncode = 0


def keep(kind: str, folder: Path, locks: Path, *, durable: bool) -> int:
    """Be the keeper: start the server, publish its address, stop it when the last user has left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A bare descriptor, which only the end of this process closes: a free lock means that we are gone.
    fcntl.flock(os.open(locks / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_EX)
    start = servers.start_postgres if kind == "postgres" else servers.start_redis
    try:
        server = start(folder, durable=durable)
    except processes.ServerError as error:
        print(error, file=sys.stderr)
        return 1
    deaths = 0
    try:
        if kind == "postgres":
            servers.ensure_database(server.url)
        while True:
            _publish(locks / "state.json", server)
            began = time.monotonic()
            if not _watch(server, locks):
                return 0
            deaths = 1 if time.monotonic() - began > STEADY_AFTER else deaths + 1
            time.sleep(pause_before_restart(deaths))
            try:
                server = start(folder, durable=durable, url=server.url)
            except processes.ServerError as error:
                print(error, file=sys.stderr, flush=True)
    finally:
        servers.stop(server)


def _publish(state: Path, server: servers.Server) -> None:
    building = state.with_suffix(".new")
    with os.fdopen(os.open(building, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump({"url": server.url, "pid": server.process.pid}, handle)
    building.replace(state)


def _watch(server: servers.Server, locks: Path) -> bool:
    """Whether the server ended by itself while somebody used it; else it was stopped after its last user."""
    while True:
        with contextlib.suppress(BlockingIOError), _locked(locks / "start.lock", wait=False):
            if _is_free(locks / "users.lock"):
                (locks / "state.json").unlink(missing_ok=True)
                servers.stop(server)  # under start.lock: the next user starts a new one only after this
                return False
        if server.process.poll() is not None:
            told = f"{server.name} ended by itself and is started again.\n{processes.tail(server.log)}"
            print(told, file=sys.stderr, flush=True)
            return True
        time.sleep(0.15)


# --- locks


def _open(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


@contextlib.contextmanager
def _locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock; without `wait` raise BlockingIOError when somebody else holds it."""
    with _open(path) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def _is_free(path: Path) -> bool:
    try:
        with _locked(path, wait=False):
            return True
    except BlockingIOError:
        return False
