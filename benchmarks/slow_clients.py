"""What slow clients do to the site: `.venv/bin/python -m benchmarks.slow_clients [--clients 200]`.

Claim: with 200 connections that drip headers, drip bodies, read slowly or say nothing, /healthz answers
within one second (p99), and a page about as fast as without them. The web process is the one that bin/run
starts; with `--web "-m gunicorn vibe_project.wsgi --bind 127.0.0.1:{port} --workers 2 --threads 8"` it is
another, where that is installed. It takes about a minute, and reaches nothing but 127.0.0.1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks import catalogues
from devstack import processes, programs

DRIP_SECONDS = 1.0
BIG = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
HEAD = "Host: 127.0.0.1\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--web", default="", help="arguments to python instead of ours; {port} is filled in")
    options = parser.parse_args()
    with catalogues.database(redis=True), web(options.web) as port:
        print(f"{'':36}{'requests/s':>11}{'p50 ms':>9}{'p99 ms':>9}{'worst ms':>10}{'failed':>8}")
        load(port, "/healthz", options.seconds / 3, "alone: /healthz, 16 callers")
        load(port, "/playlists/", options.seconds / 3, "alone: /playlists/, 16 callers")
        with slow_clients(port, options.clients):
            poll(port, options.seconds, f"/healthz among {options.clients} slow clients")
            load(port, "/playlists/", options.seconds / 3, "/playlists/, 16 callers, among them")


# --- the site


@contextlib.contextmanager
def web(line: str) -> Iterator[int]:
    port = processes.free_port()
    env = {**os.environ, "PORT": str(port), "DJANGO_SETTINGS_MODULE": "vibe_project.settings"}
    # A refused request would not have its body read, and nobody could drip one.
    env |= {"THROTTLE_PUBLIC": "1000000/min", "THROTTLE_SUBMIT_ONE": "1000000/min"}
    ours = programs.named("web", env).argv
    argv = [sys.executable, *line.format(port=port).split()] if line else list(ours)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(argv, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            while not processes.answers(port) or ask(port, "/healthz") != 200:
                assert process.poll() is None, "the web process ended"
                time.sleep(0.1)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


# --- who measures


@dataclass
class Figures:
    took: list[float] = field(default_factory=list)
    failed: int = 0

    def say(self, what: str, seconds: float) -> None:
        cuts = statistics.quantiles(self.took, n=100) if len(self.took) > 1 else [float("nan")] * 99
        p50, p99, worst = (1000 * value for value in (cuts[49], cuts[98], max(self.took, default=0)))
        figures = f"{len(self.took) / seconds:11.0f}{p50:9.1f}{p99:9.1f}{worst:10.1f}{self.failed:8}"
        print(f"{what:<36}{figures}", flush=True)


def load(port: int, path: str, seconds: float, what: str, *, callers: int = 16) -> None:
    """So many callers, each asking again as soon as it is answered."""
    measure(port, path, seconds, what, callers=callers, pause=0.0)


def poll(port: int, seconds: float, what: str) -> None:
    """A health check's look, ten times a second, each on a connection of its own."""
    measure(port, "/healthz", seconds, what, callers=1, pause=0.1)


def measure(port: int, path: str, seconds: float, what: str, *, callers: int, pause: float) -> None:
    found, end = Figures(), time.monotonic() + seconds

    def call() -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            answered = ask(port, path) == 200
            found.failed += not answered
            found.took.append(time.monotonic() - began)
            time.sleep(pause)

    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.say(what, seconds)


def ask(port: int, path: str) -> int:
    """The status, or 0 where there was no answer in ten seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


# --- who is slow


@contextlib.contextmanager
def slow_clients(port: int, count: int) -> Iterator[None]:
    """A quarter each; a connection that the server gives up is made anew, as an attacker would."""
    loop = asyncio.new_event_loop()
    kinds: list[Callable[[int], object]] = [drip_headers, drip_body, read_slowly, say_nothing]
    tasks = [loop.create_task(_for_ever(kinds[number % 4], port)) for number in range(count)]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    time.sleep(3)  # until all of them are connected and asking
    try:
        yield
    finally:
        for task in tasks:
            loop.call_soon_threadsafe(task.cancel)
        loop.call_soon_threadsafe(loop.call_later, 0.5, loop.stop)
        thread.join(timeout=5)


async def _for_ever(kind: Callable[[int], object], port: int) -> None:
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await kind(port)  # type: ignore[misc]
        await asyncio.sleep(0.1)


async def drip_headers(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    await _drip(writer, f"GET /healthz HTTP/1.1\r\n{HEAD}", "X-A: b\r\n" * 1000)


async def drip_body(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /api/v1/ingest/albums/submit-one HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\n"
    await _drip(writer, f"{head}Content-Length: 2000\r\n\r\n", '{"url": "' + "x" * 1000)


async def _drip(writer: asyncio.StreamWriter, at_once: str, slowly: str) -> None:
    try:
        writer.write(at_once.encode())
        for letter in slowly:
            writer.write(letter.encode())
            await writer.drain()
            await asyncio.sleep(DRIP_SECONDS)
    finally:
        writer.close()


async def read_slowly(port: int) -> None:
    """Asks for a megabyte and takes a kilobyte a second, through the smallest window there is."""
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.setblocking(False)
    await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=small, limit=1024)
    try:
        writer.write(f"GET {BIG} HTTP/1.1\r\n{HEAD}\r\n".encode())
        while await reader.read(1024):
            await asyncio.sleep(DRIP_SECONDS)
    finally:
        writer.close()


async def say_nothing(port: int) -> None:
    """Asks once, and keeps the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET /healthz HTTP/1.1\r\n{HEAD}\r\n".encode())
        while await reader.read(4096):
            pass
    finally:
        writer.close()


if __name__ == "__main__":
    main()
