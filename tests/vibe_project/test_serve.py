"""The web server as bin/run starts it: slow clients, a stop meanwhile, a process that dies, its log."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack import processes, programs

ROOT = Path(__file__).resolve().parents[2]
HOST = "Host: 127.0.0.1\r\n"
BIG = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"


class Site:
    def __init__(self, log: Path) -> None:
        self.port, self.log = processes.free_port(), log
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "vibe_project.settings",
        }
        argv = programs.named("web", environment).argv
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                argv, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )
        processes.wait_for("web", lambda: processes.answers(self.port), process=self.process, log=log)

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def say(self, text: str) -> socket.socket:
        """A connection on which so much was said, and no more."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(20)
        sock.connect(("127.0.0.1", self.port))
        sock.sendall(text.encode())
        return sock

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory) -> Iterator[Site]:
    """One for the tests that leave it as it was."""
    running = Site(tmp_path_factory.mktemp("web") / "web.log")
    yield running
    running.stop()


@pytest.fixture
def site(tmp_path) -> Iterator[Site]:
    running = Site(tmp_path / "web.log")
    yield running
    running.stop()


def whole(sock: socket.socket) -> bytes:
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts)


SLOW = {
    "headers": f"GET /healthz HTTP/1.1\r\n{HOST}X-Slow: ",
    "body": f"POST /api/v1/ingest/albums/submit-one HTTP/1.1\r\n{HOST}Content-Type: application/json\r\n"
    'Content-Length: 2000\r\n\r\n{"url": "',
    "reading": f"GET {BIG} HTTP/1.1\r\n{HOST}\r\n",
    "silence": "",
}


@pytest.mark.parametrize("kind", SLOW)
def test_two_hundred_slow_clients_do_not_close_the_site(lasting, kind):
    assert lasting.get("/healthz") == 200
    slow = [lasting.say(SLOW[kind]) for _ in range(200)]

    took = []
    for _ in range(10):
        began = time.monotonic()
        assert lasting.get("/healthz") == 200
        took.append(time.monotonic() - began)

    assert sorted(took)[-2] < 1
    for sock in slow:
        sock.close()


def test_an_answer_that_was_begun_is_handed_over_before_the_server_stops(site):
    with site.say(f"GET {BIG} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n") as reading:
        begun = reading.recv(1000)

        site.process.send_signal(signal.SIGTERM)
        answer = begun + whole(reading)

    head, body = answer.split(b"\r\n\r\n", 1)
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line.lower()
    )
    assert len(body) == length
    assert site.process.wait(15) == 0


def test_a_process_that_dies_is_replaced(site):
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children")
    before = children.read_text().split()

    for pid in before:
        os.kill(int(pid), signal.SIGKILL)

    processes.wait_for("others", lambda: not set(children.read_text().split()) & set(before), log=site.log)
    assert site.get("/healthz") == 200


def test_the_access_log_has_no_query(site):
    site.get("/healthz?code=canary-code&state=canary-state")
    site.stop()

    written = site.log.read_text()
    assert "GET /healthz" in written
    assert "canary" not in written
