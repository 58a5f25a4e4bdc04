"""Child processes that die with us, waiting that says what it waits for, and ports of 127.0.0.1."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PATIENCE = 120.0  # seconds: a loaded machine needs 30 for what takes one on a quiet machine
PR_SET_PDEATHSIG = 1
# Loaded before any fork: importing in the child of a threaded process may deadlock.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServerError(RuntimeError):
    """A server cannot start; the text says what was awaited and ends with the log's last lines."""


def dies_with_parent(stop_with: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child `stop_with` when this process dies, even by kill -9."""
    parent = os.getpid()

    def arm() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, int(stop_with))
            if os.getppid() != parent:  # the parent died between fork and here: no signal will come
                os.kill(os.getpid(), signal.SIGKILL)

    return arm


def dying_with_us(argv: Sequence[str], stop_with: signal.Signals) -> list[str]:
    """The command that runs `argv` and has it sent `stop_with` when this process dies: for parents that have
    threads, which `preexec_fn` does not stand."""
    if sys.platform != "linux":
        return list(argv)
    launcher = str(Path(__file__).with_name("dying.py"))
    return [sys.executable, "-I", "-S", launcher, str(os.getpid()), str(int(stop_with)), *argv]


class Patience:
    """Two minutes of waiting for `what`, announced on stderr every ten seconds."""

    def __init__(self, what: str, *, log: Path | None = None) -> None:
        self.what = what
        self.log = log
        self._started = time.monotonic()
        self._announced = self._started

    def is_over(self) -> bool:
        """Whether 120 s have passed."""
        now = time.monotonic()
        if now - self._announced > 10:
            self._announced = now
            where = f", log: {self.log}" if self.log else ""
            waited = f"{now - self._started:.0f} s"
            print(f"vibe: waiting for {self.what} ({waited}{where})", file=sys.stderr, flush=True)
        return now - self._started > PATIENCE


def wait_for(
    what: str, ready: Callable[[], bool], *, process: subprocess.Popen[bytes] | None = None, log: Path
) -> None:
    """Return when `ready()`; ServerError with the log's last lines when the process ends or 120 s pass."""
    waiting = Patience(what, log=log)
    while not ready():
        if process is not None and process.poll() is not None:
            raise ServerError(f"{what} stopped with exit code {process.returncode}.\n{tail(log)}")
        if waiting.is_over():
            raise ServerError(f"{what} was not ready after {PATIENCE:.0f} s.\n{tail(log)}")
        time.sleep(0.03)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, under its path."""
    try:
        text = log.read_text(errors="replace")
    except OSError as error:
        return f"(no log: {error})"
    return "\n".join([f"last lines of {log}:", *(f"  {line}" for line in text.splitlines()[-lines:])])


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether somebody already listens on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


_claims: list[socket.socket] = []


def claim(port: int) -> bool:
    """Take the port for this process, before the program that listens there starts; False if it is taken.

    Two demos that start in the same second both find port 8000 free. A name in Linux's abstract namespace
    can be bound once, by any user, and is free again when its process ends, however it ends.
    """
    if is_taken(port):
        return False
    if sys.platform != "linux":
        return True
    claimed = socket.socket(socket.AF_UNIX)
    try:
        claimed.bind(f"\0vibe-port-{port}")
    except OSError:
        claimed.close()
        return False
    _claims.append(claimed)
    return True


def answers(port: int) -> bool:
    """Whether a connection to that port of 127.0.0.1 is accepted."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
