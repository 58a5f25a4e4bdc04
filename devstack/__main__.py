"""The commands behind bin/: manage, run and demo, and the keeper of an embedded server."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from devstack import demo, environment, keeper, leftovers, processes, programs, reaper, running


def main(argv: Sequence[str]) -> int:
    command, arguments = argv[0], argv[1:]
    if command == "keep":
        kind, folder, locks, durable = arguments
        return keeper.keep(kind, Path(folder), Path(locks), durable=durable == "1")
    if command == "reap":
        return reaper.reap(sys.stdin)
    leftovers.note_and_clear()
    try:
        return {"manage": manage, "run": running.run, "demo": demo.run}[command](arguments)
    except processes.ServerError as error:
        print(f"vibe: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def manage(arguments: Sequence[str]) -> int:
    """Become manage.py, with the servers of bin/run: those that run, or our own until we end."""
    env = demo.attached() if os.environ.get("VIBE_DEMO") else environment.for_run()
    members = keeper.with_servers(env, "run")  # kept until exec: a collected one gives its right back
    for member in members:
        member.survive_exec()
    os.execve(sys.executable, programs.manage(*arguments), env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
