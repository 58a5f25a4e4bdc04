"""Vibe's processes as children: they come back when they die, and none is left when we stop."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from devstack import reaper
from devstack.supervise import Program, Supervisor, pause_before_restart
from tests.devstack.waiting import until

# Writes its number, then waits; a grandchild waits with it.
WAITING = """
import os, subprocess, sys
subprocess.Popen(["sleep", "600"])
print(os.getpid(), flush=True)
sys.stdin = open("/dev/null")
import time; time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    """A supervisor that logs to files and leaves this process's own signals alone."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    supervisor = Supervisor([Program("it", [sys.executable, "-c", WAITING])], os.environ, logs=tmp_path)
    yield supervisor
    supervisor.stop()


def written(supervisor):
    log = supervisor.log_of("it")
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def group_lives(group):
    """Whether any process of the group runs; a zombie does not."""
    states = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in states.stdout.splitlines()]
    return any(int(pgid) == group and not state.startswith("Z") for pgid, state in rows)


@pytest.mark.parametrize("deaths,seconds", [(0, 0), (1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (50, 30)])
def test_each_death_in_a_row_doubles_the_pause_up_to_half_a_minute(deaths, seconds):
    assert pause_before_restart(deaths) == seconds


def test_a_program_killed_with_9_comes_back_and_its_own_children_do_not_linger(supervisor, capsys):
    supervisor.start()
    until(lambda: len(written(supervisor)) == 1)
    (first,) = written(supervisor)

    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + 60
    supervisor.run_until(lambda: len(written(supervisor)) > 1 or time.monotonic() > end)

    assert len(written(supervisor)) == 2, capsys.readouterr().err
    assert written(supervisor)[1] != first
    assert not group_lives(first)
    assert "it ended with exit code -9" in capsys.readouterr().err


def test_stopping_leaves_nothing_of_the_whole_process_group(supervisor):
    supervisor.start()
    until(lambda: len(written(supervisor)) == 1)

    supervisor.stop()

    assert not group_lives(written(supervisor)[0])


def test_being_asked_to_stop_ends_the_watch(supervisor):
    supervisor.start()
    supervisor._asked()

    supervisor.run_until(lambda: False)

    assert supervisor.asked_to_stop


SUPERVISOR = """
import os, sys
from pathlib import Path
from devstack.supervise import Program, Supervisor
stubborn = "trap '' TERM QUIT; echo $$; sleep 600 & wait; sleep 600"
supervisor = Supervisor([Program("it", ["/bin/sh", "-c", stubborn])], os.environ, Path(sys.argv[1]))
supervisor.start()
supervisor.run_until(lambda: False)
"""


@pytest.mark.crash
def test_a_supervisor_killed_with_9_leaves_nothing_even_of_a_stubborn_program(tmp_path, supervisor):
    running = subprocess.Popen([sys.executable, "-c", SUPERVISOR, tmp_path])
    until(lambda: len(written(supervisor)) == 1)
    (group,) = written(supervisor)
    assert group_lives(group)

    running.kill()
    running.wait()

    until(lambda: not group_lives(group))


def test_a_reaper_that_is_told_we_are_done_ends_nothing():
    process = subprocess.Popen(["sleep", "600"], process_group=0)

    assert reaper.reap([f"{process.pid}\n", "done\n"]) == 0

    assert process.poll() is None
    process.kill()
    process.wait()


def test_output_of_programs_is_named_line_by_line_and_json_stays_whole(capfd, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    talk = """echo '{"event": 1}'; echo said; sleep 600"""
    supervisor = Supervisor([Program("talker", ["/bin/sh", "-c", talk])], os.environ)
    supervisor.start()
    said = io.StringIO()

    until(lambda: bool(said.write(capfd.readouterr().out)) and "talker  | said" in said.getvalue())

    assert '{"event": 1}' in said.getvalue().splitlines()
    supervisor.stop()
