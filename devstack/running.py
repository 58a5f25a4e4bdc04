"""bin/run: the servers, the migrations, then web, worker, beat and Flower until Ctrl-C."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack import environment, keeper, places, processes, programs
from devstack.supervise import Supervisor, say

USAGE = "usage: bin/run [web|worker|beat|flower|sandbox [arguments for it]]"


def run(arguments: Sequence[str]) -> int:
    """Run everything, or the one program that is named."""
    if arguments and arguments[0] not in (*programs.NAMES, "sandbox"):
        print(USAGE)
        return 0 if arguments[0] in {"-h", "--help"} else 2
    env = environment.for_run()
    chosen, extra = (arguments[:1], arguments[1:]) if arguments else (programs.NAMES, ())
    _need_ports(chosen, env)
    members = [] if list(chosen) == ["sandbox"] else keeper.with_servers(env, "run")
    try:
        if list(chosen) != ["sandbox"]:
            prepare(env)
        return _serve([programs.named(name, env, extra) for name in chosen], env, members)
    finally:
        for member in members:
            member.leave()


def _need_ports(chosen: Sequence[str], env: Mapping[str, str]) -> None:
    if "web" in chosen:
        programs.need_free("web", "PORT", env, 8000)
    if "flower" in chosen:
        programs.need_free("Flower", "FLOWER_PORT", env, 5555)


def prepare(env: Mapping[str, str], *, log: Path | None = None) -> None:
    """Migrate and seed the schedule, one command of this clone at a time: both are safe to repeat."""
    (places.data_folder() / "static").mkdir(exist_ok=True)  # whitenoise warns where STATIC_ROOT is missing
    with open(places.data_folder() / "migrate.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for command in ("migrate", "seed_schedule"):
            _manage(command, env, log)


def _manage(command: str, env: Mapping[str, str], log: Path | None) -> None:
    done = subprocess.run(
        programs.manage(command, *(["--verbosity", "0"] if log is None else [])),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        capture_output=log is not None,
    )
    if log is not None:
        with log.open("a") as output:
            output.write(done.stdout + done.stderr)
    if done.returncode != 0:
        where = "the lines above say why." if log is None else f"\n{processes.tail(log)}"
        raise processes.ServerError(f"manage.py {command} failed: {where}")


def _serve(chosen: Sequence[programs.Program], env: dict[str, str], members: list[keeper.Membership]) -> int:
    supervisor = Supervisor(chosen, env)
    try:
        supervisor.start()
        names = [program.name for program in chosen]
        if "web" in names:
            await_web(supervisor, env)
        if not supervisor.asked_to_stop:
            say(welcome(names, env))
        supervisor.run_until(lambda: not all(member.is_kept() for member in members))
        return 0 if supervisor.asked_to_stop else _lost_server(members)
    finally:
        say("stopping")
        supervisor.stop()


def await_web(supervisor: Supervisor, env: Mapping[str, str]) -> None:
    """Return when web answers or we are asked to stop; ServerError after 120 s."""
    await_port(supervisor, "web", int(env.get("PORT") or 8000))


def await_port(supervisor: Supervisor, name: str, port: int) -> None:
    """Return when that program answers on its port or we are asked to stop; ServerError after 120 s."""
    log = supervisor.logs and supervisor.log_of(name)
    waiting = processes.Patience(f"{name} at 127.0.0.1:{port}", log=log)
    supervisor.run_until(lambda: processes.answers(port) or waiting.is_over())
    if not supervisor.asked_to_stop and not processes.answers(port):
        where = f"\n{processes.tail(log)}" if log else ""
        raise processes.ServerError(f"{waiting.what} was not ready after {processes.PATIENCE:.0f} s.{where}")


def welcome(names: Sequence[str], env: Mapping[str, str]) -> str:
    """What runs and where to look."""
    port, flower = env.get("PORT") or "8000", env.get("FLOWER_PORT") or "5555"
    lines = [f"running {', '.join(names)}. Ctrl-C stops."]
    if "web" in names:
        lines.append(f"  http://127.0.0.1:{port}/        a vibe from a sentence")
        lines.append(f"  http://127.0.0.1:{port}/admin/  the console (login: bin/manage createsuperuser)")
    if "flower" in names:
        lines.append(f"  http://127.0.0.1:{flower}/        Flower")
    return "\n".join(lines)


def _lost_server(members: Sequence[keeper.Membership]) -> int:
    for member in members:
        if not member.is_kept():
            say(f"an embedded server ended by itself.\n{processes.tail(member.folder / 'keeper.log')}")
    return 1
