"""The processes of Vibe: how each is started, and the ports they need."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence

from devstack import places, processes
from devstack.supervise import Program

NAMES = ("web", "worker", "beat", "flower")
WEB = "-m vibe_project.serve"
CELERY = "-m celery --app vibe_project"
WORKER = "worker --pool prefork --concurrency 4 --queues default,ingest,sync --task-events"
# Without a pid file a killed beat does not hinder the next; its schedule is in the database.
BEAT = "beat --scheduler django_celery_beat.schedulers:DatabaseScheduler --pidfile="


def named(name: str, env: Mapping[str, str], extra: Sequence[str] = ()) -> Program:
    """The program of that name; `extra` arguments go to it."""
    if name == "web":
        return _python(name, WEB, "--port", env.get("PORT") or "8000", *extra)
    if name == "worker":
        # An orphan does not finish its task first: no parent is left to end it.
        return _python(name, f"{_celery(env)} {WORKER}", *_level(env), *extra, orphaned=signal.SIGQUIT)
    if name == "beat":
        return _python(name, f"{_celery(env)} {BEAT}", *_level(env), *extra)
    if name == "flower":  # it listens on every interface unless told otherwise
        port = env.get("FLOWER_PORT") or 5555
        return _python(name, f"{_celery(env)} flower --address=127.0.0.1", f"--port={port}", *extra)
    return Program(name, [*manage("spotify_sandbox"), *extra])


def _celery(env: Mapping[str, str]) -> str:
    """Where each line of a log is JSON, Celery's banners have no place in it."""
    return f"{CELERY} --quiet" if env.get("LOG_FORMAT") == "json" else CELERY


def _level(env: Mapping[str, str]) -> list[str]:
    """Celery sets the level of its logs from its own option alone."""
    return ["--loglevel", env.get("LOG_LEVEL") or "INFO"]


def _python(name: str, line: str, *extra: str, orphaned: signal.Signals = signal.SIGTERM) -> Program:
    return Program(name, [sys.executable, *line.split(), *extra], orphaned)


def manage(*arguments: str) -> list[str]:
    """manage.py with these arguments."""
    return [sys.executable, str(places.ROOT / "manage.py"), *arguments]


def need_free(name: str, variable: str, env: Mapping[str, str], default: int) -> int:
    """The port of a program, or ServerError with what to do about it."""
    text = env.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise processes.ServerError(f"{variable}={text} is not a port.")
    if not processes.claim(int(text)):
        raise processes.ServerError(
            f"port {text} of 127.0.0.1, which {name} needs, is already taken by another program. "
            f"Stop that one, or choose another port: {variable}={int(text) + 1}"
        )
    return int(text)
