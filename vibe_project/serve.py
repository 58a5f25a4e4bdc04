"""The web server: `python -m vibe_project.serve --port 8000`; waitress in two processes on 127.0.0.1.

Waitress takes a request in whole before a thread works on it, and keeps an answer until it is fetched: slow
clients cost it a socket each, and no thread. A process that ends is started again.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import multiprocessing
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

import waitress

HOST = "127.0.0.1"
LIMITS = {
    "connection_limit": 4000,
    "channel_timeout": 60,  # seconds without a byte
    "max_request_body_size": 64 * 1024 * 1024,
    "max_request_header_size": 64 * 1024,
    # Who may be believed about these headers, NUM_PROXIES decides.
    "clear_untrusted_proxy_headers": False,
    "asyncore_use_poll": True,
    "ident": "",
}
SOCKETS = 8192
GRACE_SECONDS = 8.0
AGAIN_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=8, help="of each process")
    options = parser.parse_args(arguments)
    _allow_many_sockets()
    with socket.create_server((HOST, options.port), backlog=1024) as listening:
        return _watch_over(listening, options.processes, options.threads)


def _allow_many_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = SOCKETS if hard == resource.RLIM_INFINITY else min(SOCKETS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


# --- the parent


def _watch_over(listening: socket.socket, count: int, threads: int) -> int:
    """Keep so many processes until we are asked to stop; the exit code."""
    # Loaded once, and shared by the processes that fork from here.
    from vibe_project import access_log, wsgi

    application = access_log.logged(wsgi.application)
    fork = multiprocessing.get_context("fork")
    told = _told_to_stop(lambda: None)

    def start() -> Any:
        process = fork.Process(target=_serve, args=(application, listening, threads))
        process.start()
        return process

    running = [start() for _ in range(count)]
    while not told():
        wait([process.sentinel for process in running], timeout=0.5)
        for place, process in enumerate(running):
            if not process.is_alive() and not told():
                logging.getLogger(__name__).error("a web process ended with %s", process.exitcode)
                time.sleep(AGAIN_SECONDS)
                running[place] = start()
    _stop(running)
    return 0


def _told_to_stop(wake: Callable[[], None]) -> Callable[[], bool]:
    """Whether SIGTERM or SIGINT came; `wake` ends a wait when it comes."""
    came: list[int] = []

    def note(number: int, _: Any) -> None:
        came.append(number)
        wake()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return lambda: bool(came)


def _stop(running: list[Any]) -> None:
    for process in running:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS + 1
    for process in running:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()


# --- each process


def _serve(application: Any, listening: socket.socket, threads: int) -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits
    sockets: dict[int, Any] = {}
    server = waitress.create_server(application, map=sockets, sockets=[listening], threads=threads, **LIMITS)
    told = _told_to_stop(server.pull_trigger)
    while not told():
        server.asyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)
    server.accepting = False
    deadline = time.monotonic() + GRACE_SECONDS
    while _is_busy(server) and time.monotonic() < deadline:
        server.asyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
    with contextlib.suppress(OSError):
        server.task_dispatcher.shutdown(timeout=0.1)


def _is_busy(server: Any) -> bool:
    """Whether a request is being answered, or an answer is not fetched yet."""
    return any(channel.requests or channel.total_outbufs_len for channel in server.active_channels.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
