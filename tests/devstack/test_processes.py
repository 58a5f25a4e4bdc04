"""Ports, waiting, and children that do not outlive a killed parent."""

import os
import socket
import subprocess
import sys

import pytest

from devstack import processes
from tests.devstack.waiting import until


def test_a_free_port_is_not_taken_and_a_listening_one_is():
    port = processes.free_port()
    assert not processes.is_taken(port)

    with socket.create_server(("127.0.0.1", port)):
        assert processes.is_taken(port)
        assert processes.answers(port)


def test_a_port_can_be_claimed_once_before_anybody_listens_there():
    port = processes.free_port()

    assert processes.claim(port)
    assert not processes.claim(port)

    processes._claims.pop().close()
    assert processes.claim(port)
    processes._claims.pop().close()


def test_a_process_that_ends_while_we_wait_is_reported_with_the_last_lines_of_its_log(tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", "print('the reason'); exit(3)"], stdout=output)

    with pytest.raises(processes.ServerError, match="exit code 3") as caught:
        processes.wait_for("the thing", lambda: False, process=process, log=log)

    assert "the reason" in str(caught.value)
    assert str(log) in str(caught.value)


def test_a_wait_that_takes_too_long_stops_and_says_for_what(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE", 0.0)
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    with pytest.raises(processes.ServerError, match="the thing was not ready"):
        processes.wait_for("the thing", lambda: False, process=process, log=tmp_path / "none")

    process.communicate(b"\n")


PARENT = """
import signal, subprocess, sys
from devstack import processes
program = ["sleep", "600"]
child = subprocess.Popen({how})
print(child.pid, flush=True)
sys.stdin.read()
"""
WAYS = (
    "program, preexec_fn=processes.dies_with_parent(signal.SIGTERM)",
    "processes.dying_with_us(program, signal.SIGTERM)",
)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")
@pytest.mark.parametrize("how", WAYS)
def test_a_child_dies_when_its_parent_is_killed(how):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(how=how)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())

    parent.kill()
    parent.communicate()

    until(lambda: not alive(child))


def alive(pid):
    """Whether the process exists and is no zombie that nobody has buried yet."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_last_lines_of_a_log_stand_under_its_path(tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))

    assert processes.tail(log, lines=2).splitlines() == [f"last lines of {log}:", "  line 98", "  line 99"]
