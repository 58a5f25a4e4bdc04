"""What every endpoint answers while Redis or PostgreSQL is away: `.venv/bin/python -m benchmarks.outages`.

Claim: with 24 clients at once, without Redis (gone or frozen) everything answers as usual within a second or
two; without PostgreSQL everything that needs it answers 503 within five seconds; /readyz within three, and
/healthz always; no secret of the run's is in its logs, and what was handed in meanwhile is worked off.
It starts the product's own processes against the sandbox, plays a small day, then the four outages: about
five minutes. `--log-format json` and `--only "PostgreSQL frozen"` choose.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from devstack import demo, processes, programs, running, servers
from devstack.supervise import Supervisor

CLIENTS = 24
RECOVERY_SECONDS = 120
SECRETS = ("SECRET_KEY", "ADMIN_API_KEY", "SPOTIFY_TOKEN_KEY", "SPOTIFY_CLIENT_SECRET", "VIBE_DEMO_PASSWORD")
OUTAGES = {"Redis gone": 15, "Redis frozen": 15, "PostgreSQL gone": 20, "PostgreSQL frozen": 20}


@dataclass
class Stage:
    """The running product, its two servers, and its logs."""

    env: dict[str, str]
    folder: Path
    stores: dict[str, servers.Server]
    links: list[str] = field(default_factory=list)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.env['PORT']}"

    def written(self) -> tuple[int, int]:
        """Lines and bytes in the programs' logs."""
        texts = [log.read_bytes() for log in self.folder.glob("*.log")]
        return sum(text.count(b"\n") for text in texts), sum(map(len, texts))


def main(options: argparse.Namespace) -> int:
    with stage(options.log_format) as here:
        here.links = _links(here, 400)
        tables = {"all there": _asked(here, _endpoints(here), 10)}
        for name, seconds in OUTAGES.items():
            if options.only in name:
                tables[name] = _outage(here, name, seconds)
        _show(tables)
        print(f"what was handed in meanwhile: {_worked_off(here)}")
        found = _canaries(here)
        print(f"secrets of this run found in its logs: {sum(found.values())} {found or ''}")
        return 1 if found else 0


# --- the outages


def _outage(here: Stage, name: str, seconds: float) -> Table:
    store, how = name.split()
    lines, size = here.written()
    away, back = (_freeze, _thaw) if how == "frozen" else (_end, _start_again)
    endpoints = _endpoints(here)  # a login needs both stores
    away(here, store)
    table = _asked(here, endpoints, seconds)
    back(here, store)
    began = time.monotonic()
    while _status(f"{here.site}/readyz") != 200 and time.monotonic() - began < RECOVERY_SECONDS:
        time.sleep(0.1)
    took = time.monotonic() - began
    more_lines, more_size = (
        after - before for after, before in zip(here.written(), (lines, size), strict=True)
    )
    asked = sum(len(answers) for answers in table.values())
    print(
        f"{name}, {seconds} s: {asked} requests, {more_lines} lines and {more_size / 1000:.0f} kB of log;"
        f" ready {took:.1f} s after",
        flush=True,
    )
    return table


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _tree(int(child)))]


def _freeze(here: Stage, store: str) -> None:
    for pid in _tree(here.stores[store].process.pid):
        os.kill(pid, signal.SIGSTOP)


def _thaw(here: Stage, store: str) -> None:
    for pid in _tree(here.stores[store].process.pid):
        os.kill(pid, signal.SIGCONT)


def _end(here: Stage, store: str) -> None:
    servers.stop(here.stores[store])


def _start_again(here: Stage, store: str) -> None:
    start = servers.start_postgres if store == "PostgreSQL" else servers.start_redis
    folder = here.folder / ("pg" if store == "PostgreSQL" else "redis")
    here.stores[store] = start(folder, durable=False, url=here.stores[store].url)


# --- asking


Ask = Callable[[], requests.Response]
Table = dict[str, list[tuple[int, float]]]


def _endpoints(here: Stage) -> dict[str, Ask]:
    """One of every kind, by name."""
    key = {"X-ADMIN-API-KEY": here.env["ADMIN_API_KEY"]}
    first = requests.get(f"{here.site}/api/v1/public/playlists", timeout=30).json()["results"][0]["id"]
    console, links = _logged_in(here), iter(here.links)

    def get(path: str, by: Any = requests, **how: Any) -> Ask:
        return lambda: by.get(f"{here.site}{path}", timeout=60, **how)

    def post(path: str, body: Callable[[], Any], **how: Any) -> Ask:
        return lambda: requests.post(f"{here.site}/api/v1/{path}", json=body(), timeout=60, **how)

    return {
        "GET  /healthz": get("/healthz"),
        "GET  /readyz": get("/readyz"),
        "GET  /api public/playlists": get("/api/v1/public/playlists"),
        "GET  /api public/…/tracks": get(f"/api/v1/public/playlists/{first}/tracks"),
        "GET  /api ingest/status": get("/api/v1/ingest/status", headers=key),
        "GET  /api manager/plan": get("/api/v1/manager/plan", headers=key),
        "GET  /api manager/health": get("/api/v1/manager/health", headers=key),
        "GET  /api admin/accounts": get("/api/v1/admin/accounts", headers=key),
        "POST /api submit-one": post("ingest/albums/submit-one", lambda: {"url": next(links)}),
        "POST /api submit": post("ingest/albums/submit", lambda: {"urls": [next(links)]}, headers=key),
        "POST /api playlists/sync": post("playlists/sync", dict, headers=key),
        "POST /api playlist/generate": post("playlist/generate", lambda: {"vibe": "a calm rainy evening"}),
        "GET  / (page)": get("/"),
        "GET  /playlists/ (page)": get("/playlists/"),
        "GET  /admin/ (console)": get("/admin/", console),
    }


def _logged_in(here: Stage) -> requests.Session:
    session, login = requests.Session(), f"{here.site}/admin/login/"
    session.get(login, timeout=30)
    who = {"username": here.env["VIBE_DEMO_USER"], "password": here.env["VIBE_DEMO_PASSWORD"]}
    form = {**who, "csrfmiddlewaretoken": session.cookies["csrftoken"], "next": "/admin/"}
    session.post(login, data=form, headers={"Referer": login}, timeout=30).raise_for_status()
    return session


def _asked(here: Stage, endpoints: dict[str, Ask], seconds: float) -> Table:
    """By endpoint (status, seconds) of each answer, from 24 clients that ask one endpoint after the other."""
    found: Table = defaultdict(list)
    names, end = itertools.cycle(endpoints), time.monotonic() + seconds

    def ask() -> None:
        while time.monotonic() < end:
            name, began = next(names), time.monotonic()
            try:
                status = endpoints[name]().status_code
            except requests.RequestException:
                status = 0
            found[name].append((status, time.monotonic() - began))
            time.sleep(0.2)

    callers = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return found


def _status(url: str) -> int:
    try:
        return requests.get(url, timeout=10).status_code
    except requests.RequestException:
        return 0


# --- what came of it


def _show(tables: dict[str, Table]) -> None:
    print(f"\n{'status, slowest seconds':30}" + "".join(f"{name:>20}" for name in tables))
    for endpoint in next(iter(tables.values())):
        cells = [_cell(table[endpoint]) for table in tables.values()]
        print(f"{endpoint:30}" + "".join(f"{cell:>20}" for cell in cells))
    print(flush=True)


def _cell(answers: list[tuple[int, float]]) -> str:
    statuses = "/".join(str(code) for code in sorted({code for code, _ in answers}))
    return f"{statuses} {max((took for _, took in answers), default=0):.1f}"


def _worked_off(here: Stage) -> dict[str, Any]:
    """Albums by status, once none waits or after two minutes."""
    key = {"X-ADMIN-API-KEY": here.env["ADMIN_API_KEY"]}
    began, counts = time.monotonic(), {"queued": 1}
    while (counts.get("queued") or counts.get("fetching")) and time.monotonic() - began < RECOVERY_SECONDS:
        time.sleep(1)
        answer = requests.get(f"{here.site}/api/v1/ingest/status", headers=key, timeout=30).json()
        counts = {name: count for name, count in answer.items() if isinstance(count, int)}
    return {**counts, "after_seconds": round(time.monotonic() - began)}


def _canaries(here: Stage) -> dict[str, int]:
    """How often each secret stands in the logs of the product's processes."""
    secrets = {name: here.env[name] for name in SECRETS if len(here.env.get(name, "")) > 8}
    secrets |= {
        f"password of {name}": urllib.parse.urlsplit(store.url).password or ""
        for name, store in here.stores.items()
    }
    text = "".join(log.read_text(errors="replace") for log in here.folder.glob("*.log"))
    # Some renderers break long values over two lines.
    flat = "".join(text.split())
    counts = {name: max(text.count(value), flat.count(value)) for name, value in secrets.items()}
    return {name: count for name, count in counts.items() if count}


# --- the stage


@contextlib.contextmanager
def stage(log_format: str) -> Iterator[Stage]:
    outside = "/var/tmp" if os.geteuid() == 0 else None  # noqa: S108 - where PostgreSQL's user can go, too
    folder = Path(tempfile.mkdtemp(prefix="vibe-bench-", dir=outside))
    folder.chmod(0o711)
    ports = {name: str(processes.free_port()) for name in ("PORT", "FLOWER_PORT")}
    sandbox_port = processes.free_port()
    env = demo.demo_environment({**os.environ, **ports}, folder, sandbox_port=sandbox_port, mode="extended")
    # Every request is counted, and none is refused.
    env |= dict.fromkeys(("THROTTLE_PUBLIC", "THROTTLE_GENERATE", "THROTTLE_SUBMIT_ONE"), "1000000/min")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stores = {
            "PostgreSQL": servers.start_postgres(folder / "pg", durable=False),
            "Redis": servers.start_redis(folder / "redis", durable=False),
        }
        here = Stage(env, folder, stores)
        stack.callback(lambda: [servers.stop(store) for store in here.stores.values()])
        servers.ensure_database(stores["PostgreSQL"].url)
        env |= {"DATABASE_URL": stores["PostgreSQL"].url, "REDIS_URL": stores["Redis"].url}
        env |= {"LOG_FORMAT": log_format}
        supervisor = _started(here, sandbox_port)
        stack.callback(supervisor.stop)
        _play_a_day(env)
        threading.Thread(target=supervisor.run_until, args=[lambda: False], daemon=True).start()
        yield here


def _started(here: Stage, sandbox_port: int) -> Supervisor:
    arguments = ["--port", str(sandbox_port), "--albums", "1000"]
    supervisor = Supervisor([programs.named("sandbox", here.env, arguments)], here.env, here.folder)
    supervisor.start()
    running.prepare(here.env, log=here.folder / "migrate.log")
    running.await_port(supervisor, "sandbox", sandbox_port)
    supervisor.add([programs.named(name, here.env) for name in programs.NAMES])
    running.await_web(supervisor, here.env)
    return supervisor


def _play_a_day(env: dict[str, str]) -> None:
    subprocess.run(programs.manage("demo", "--albums", "60"), env=env, check=False, stdout=subprocess.DEVNULL)


def _links(here: Stage, count: int) -> list[str]:
    """Albums that the day did not have."""
    root = here.env["VIBE_DEMO_SANDBOX_URL"]
    return requests.get(f"{root}/_sandbox/links?count={count}", timeout=30).text.split()[60:]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log-format", choices=("text", "json"), default="text")
    parser.add_argument("--only", default="", help="outages whose name holds this")
    sys.exit(main(parser.parse_args()))
