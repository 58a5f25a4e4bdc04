"""Keep Vibe's processes running as children: restart what dies, and leave nothing behind at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from devstack import processes, reaper

STEADY_AFTER = 60.0  # seconds: a process that lived so long has recovered
LONGEST_PAUSE = 30.0


@dataclass(frozen=True)
class Program:
    """One process: `orphaned` is the signal it gets from the kernel when the supervisor is killed."""

    name: str
    argv: Sequence[str]
    orphaned: signal.Signals = signal.SIGTERM


@dataclass
class Child:
    """A program's present process, and when it may start again after it died."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    due_at: float = 0.0


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait after so many deaths in a row: 0.5, 1, 2, 4 ... 30."""
    return min(LONGEST_PAUSE, 0.5 * 2 ** (deaths - 1)) if deaths > 0 else 0.0


@dataclass
class Supervisor:
    """Starts the programs with `env`; their output goes to `logs`/<name>.log, or line by line to our own."""

    programs: Sequence[Program]
    env: Mapping[str, str]
    logs: Path | None = None
    children: list[Child] = field(default_factory=list)
    asked_to_stop: bool = False
    impatient: bool = False
    _reaper: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything; from here on SIGINT, SIGTERM and SIGHUP ask us to stop, a second one at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        self._reaper = reaper.start()
        self.add(self.programs)

    def add(self, programs: Sequence[Program]) -> None:
        """Start these beside the others."""
        self.children.extend(Child(program) for program in programs)
        self.tick()

    def _asked(self, *_: object) -> None:
        self.impatient, self.asked_to_stop = self.asked_to_stop, True

    def tick(self) -> None:
        """Notice who died, start who is due."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._mourn(child, now)
            if child.process is None and now >= child.due_at and not self.asked_to_stop:
                self._spawn(child, now)

    def run_until(self, finished: Callable[[], bool]) -> None:
        """Watch over the children until `finished()` or until we are asked to stop."""
        while not self.asked_to_stop and not finished():
            self.tick()
            time.sleep(0.1)

    def _mourn(self, child: Child, now: float) -> None:
        assert child.process is not None
        code, name = child.process.returncode, child.program.name
        _kill_group(child.process)  # a worker killed by kill -9 leaves its pool behind
        child.process = None
        child.deaths = 1 if now - child.started_at > STEADY_AFTER else child.deaths + 1
        pause = pause_before_restart(child.deaths)
        child.due_at = now + pause
        if not self.asked_to_stop:
            say(f"{name} ended with exit code {code}; starting it again in {pause:g} s{self._where(name)}")

    def _spawn(self, child: Child, now: float) -> None:
        program = child.program
        output = subprocess.PIPE if self.logs is None else self.log_of(program.name).open("ab")
        child.process = subprocess.Popen(
            processes.dying_with_us(program.argv, program.orphaned),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(self.env),
            process_group=0,  # Ctrl-C reaches us alone, and we stop them in order
        )
        if self._reaper is not None:
            reaper.tell(self._reaper, str(child.process.pid))
        child.started_at = now
        if child.process.stdout is not None:
            named = (program.name, child.process.stdout)
            threading.Thread(target=_name_lines, args=named, daemon=True).start()
        elif not isinstance(output, int):
            output.close()

    def log_of(self, name: str) -> Path:
        """Where a program's output goes when there is a folder for logs."""
        assert self.logs is not None
        return self.logs / f"{name}.log"

    def _where(self, name: str) -> str:
        return "" if self.logs is None else f".\n{processes.tail(self.log_of(name))}"

    def stop(self) -> None:
        """Ask all to stop, ask harder, kill what is left of their process groups."""
        self.asked_to_stop = True
        processes = [child.process for child in self.children if child.process is not None]
        for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 14.0)):
            for process in processes:
                if process.poll() is None:
                    process.send_signal(number)
            self._await_end(processes, patience)
        for process in processes:
            _kill_group(process)
            process.wait()
        if self._reaper is not None:
            reaper.tell(self._reaper, "done")
            self._reaper.communicate()
            self._reaper = None

    def _await_end(self, processes: list[subprocess.Popen[bytes]], patience: float) -> None:
        deadline = time.monotonic() + patience
        while any(process.poll() is None for process in processes):
            if self.impatient or time.monotonic() > deadline:
                return
            time.sleep(0.05)


def say(text: str) -> None:
    """One line of our own, apart from the programs' output."""
    print(f"vibe: {text}", file=sys.stderr, flush=True)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _name_lines(name: str, output: IO[bytes]) -> None:
    with output:
        for line in output:
            # A line of JSON stays one; its `logger` says whose it is.
            named = "" if line.startswith(b"{") else f"{name:<7} | "
            sys.stdout.write(f"{named}{line.decode(errors='replace')}")
            sys.stdout.flush()
