"""The command: one line when it is ready, quiet after that, gone at SIGTERM, clear about a taken port."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
import requests
from django.core.management import CommandError, call_command

from sandbox import server

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def start():
    running = []

    def begin(*arguments):
        command = [sys.executable, "manage.py", "spotify_sandbox", "--port", "0", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        running.append(process)
        return process, process.stdout.readline()

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def test_it_says_where_it_is_and_stops_at_sigterm(start):
    process, line = start("--albums", "20", "--mode", "development", "--seed", "7", "--calls-per-30s", "9")
    url = line.split()[-1]
    health = requests.get(f"{url}/_sandbox/health", timeout=5).json()
    before = time.monotonic()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=10)

    assert line.startswith("Spotify sandbox ready at http://127.0.0.1:")
    assert (health["albums"], health["mode"], health["seed"]) == (20, "development", 7)
    assert health["calls_per_30s"] == 9
    assert process.returncode == 0
    assert time.monotonic() - before < 5
    assert (out, err) == ("", "")


def test_it_logs_requests_only_when_asked_to(start):
    process, line = start("--albums", "5", "-v", "2")
    requests.get(f"{line.split()[-1]}/v1/me", timeout=5)
    process.send_signal(signal.SIGTERM)

    assert "GET /v1/me 401" in process.communicate(timeout=10)[1]


def test_a_port_that_is_taken_is_said_clearly():
    with server.serve(albums=5) as sandbox, pytest.raises(CommandError, match="cannot be used"):
        call_command("spotify_sandbox", port=sandbox.port, albums=5)
