"""bin/demo: a sandbox Spotify, fresh data, all of Vibe's processes, then one day by `manage.py demo`."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from devstack import environment, keeper, places, processes, programs, running
from devstack.supervise import Program, Supervisor, say

CALLS_PER_30S = 180  # what the sandbox allows; Vibe stays a hair below, as it should with the real one
MARK = "Vibe demo data: reset at every start of bin/demo"

# A catalogue of 300 albums fills this network: 6 playlists of 50 tracks that rest 7 days need 2,100 tracks.
DEFAULTS = {
    "FLOOR_TOTAL_PLAYLISTS": "6",
    "MIN_REPEAT_GAP_DAYS": "7",
    "PORT": "8000",
    "FLOWER_PORT": "5555",
    "LOG_LEVEL": "INFO",
}


def run(arguments: Sequence[str]) -> int:
    """Start everything, run the day, keep serving unless told to exit; the exit code is the day's."""
    options = _parser().parse_args(arguments)
    folder = places.data_folder() / "demo"
    folder.mkdir(exist_ok=True, mode=0o700)
    with open(folder / "demo.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise processes.ServerError("a demo of this clone is already running: stop it first.") from None
        return _run(options, folder)


def attached() -> dict[str, str]:
    """The environment of this clone's running demo, for `VIBE_DEMO=1 bin/manage ...`."""
    folder = places.data_folder() / "demo"
    try:
        with open(folder / "demo.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        env: dict[str, str] = json.loads((folder / "environment.json").read_text())
        return env
    except FileNotFoundError:
        pass
    raise processes.ServerError("no demo of this clone is running: start bin/demo first.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/demo", description="One whole day of Vibe against a local sandbox Spotify, on fresh data."
    )
    parser.add_argument("--albums", type=_count, default=300, help="albums in the catalogue (300)")
    parser.add_argument(
        "--mode", choices=("extended", "development"), default="extended", help="Spotify's API"
    )
    parser.add_argument("--exit", action="store_true", help="leave after the day; exit code 0 if all worked")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _run(options: argparse.Namespace, folder: Path) -> int:
    env = demo_environment(os.environ, folder, sandbox_port=processes.free_port(), mode=options.mode)
    say(f"starting PostgreSQL and Redis for the demo in {folder}")
    members = keeper.with_servers(env, "demo", durable=False)
    try:
        reset(env["DATABASE_URL"], env["REDIS_URL"])
        environment.write_private(folder / "environment.json", json.dumps(env))
        return _serve(options, env, _fresh_logs(folder))
    finally:
        for member in members:
            member.leave()


# --- its environment


def demo_environment(
    real: Mapping[str, str], folder: Path, *, sandbox_port: int, mode: str
) -> dict[str, str]:
    """No .env, no vendor but the sandbox; the sizes of the network and the ports may come from outside."""
    port = _port("PORT", "web", real)
    flower = _port("FLOWER_PORT", "Flower", real)
    sandbox = f"http://127.0.0.1:{sandbox_port}"
    env = {**DEFAULTS, **{name: value for name, value in real.items() if value}} | {
        "VIBE_ENV_FILE": os.devnull,
        "PORT": str(port),
        "FLOWER_PORT": str(flower),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DEBUG": "false",
        "CONSOLE_REQUIRE_OTP": "false",  # its login is printed for whoever tries it
        "SPOTIFY_API_URL": f"{sandbox}/v1",
        "SPOTIFY_ACCOUNTS_URL": f"{sandbox}/accounts",
        "SPOTIFY_APP_MODE": mode,
        "SPOTIFY_CLIENT_ID": "sandbox-client",
        "SPOTIFY_CLIENT_SECRET": "sandbox-secret",
        "SPOTIFY_CALLS_PER_30S": str(CALLS_PER_30S - 5),
        "SPOTIFY_ACCOUNT_CALLS_PER_30S": str(CALLS_PER_30S - 5),
        "SPOTIFY_DAILY_CALLS": "catalogue=0",  # the sandbox has no daily quota
        "AUDIO_FEATURES_SOURCE": "reccobeats",
        "RECCOBEATS_API_URL": f"{sandbox}/reccobeats/v1",
        "GENRE_SOURCES": "wikidata",
        "OPERATOR_CONTACT": "demo@localhost",  # the sandbox plays the sources; no other server is asked
        "WIKIDATA_SPARQL_URL": f"{sandbox}/wikidata/sparql",
        "MUSICBRAINZ_API_URL": f"{sandbox}/musicbrainz/ws/2",
        "LISTENBRAINZ_API_URL": f"{sandbox}/listenbrainz/1",
        "GEMINI_API_URL": f"{sandbox}/gemini",
        "GEMINI_API_KEY": "",  # the offline interpreter is the real thing; the sandbox only plays Gemini
        "VIBE_DEMO_SANDBOX_URL": sandbox,
        "VIBE_DEMO_USER": "demo",
        "VIBE_DEMO_LOGS": str(folder / "logs"),
    }
    for name in ("SECRET_KEY", "SPOTIFY_TOKEN_KEY", "ADMIN_API_KEY"):
        env.pop(name, None)
    env = environment.with_keys(env, folder / "keys.env")
    return env | {"VIBE_DEMO_PASSWORD": _password(folder / "password")}


def _port(variable: str, name: str, real: Mapping[str, str]) -> int:
    """The port asked for or refuse; the usual one, or another when a second demo has it already."""
    if real.get(variable):
        return programs.need_free(name, variable, real, 0)
    usual = int(DEFAULTS[variable])
    if processes.claim(usual):
        return usual
    while not processes.claim(port := processes.free_port()):
        pass
    say(f"port {usual} is already taken by another program, so {name} is at port {port} ({variable} chooses)")
    return port


def _password(file: Path) -> str:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(9))
    return file.read_text()


# --- fresh data


def reset(database_url: str, redis_url: str) -> None:
    """Empty the demo's database and Redis; ServerError when they hold anything that is not a demo's."""
    import psycopg
    import redis

    with psycopg.connect(database_url, autocommit=True, connect_timeout=30) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        mark = connection.execute("SELECT obj_description('public'::regnamespace)").fetchone()
        if tables and tables[0] and mark != (MARK,):
            raise processes.ServerError(
                "DATABASE_URL names a database with other data: the demo would delete it."
            )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")
    with redis.Redis.from_url(redis_url) as store:
        if store.dbsize() and not store.exists("vibe:demo"):
            raise processes.ServerError(
                "REDIS_URL names a database with other data: the demo would delete it."
            )
        store.flushdb()
        store.set("vibe:demo", MARK)


def _fresh_logs(folder: Path) -> Path:
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    for log in logs.glob("*.log"):
        log.unlink()
    return logs


# --- the processes


def _serve(options: argparse.Namespace, env: dict[str, str], logs: Path) -> int:
    say("starting the sandbox Spotify; migrating")
    supervisor = Supervisor([_sandbox(options, env)], env, logs)
    try:
        supervisor.start()
        running.prepare(env, log=logs / "migrate.log")
        _await_sandbox(supervisor, env)
        say(f"starting web, worker, beat and Flower (logs: {logs})")
        supervisor.add([programs.named(name, env) for name in programs.NAMES])
        running.await_web(supervisor, env)
        code = _day(supervisor, options, env)
        if not options.exit and not supervisor.asked_to_stop:
            say(_welcome(env))
            supervisor.run_until(lambda: False)
        return code
    finally:
        say("stopping")
        supervisor.stop()


def _sandbox(options: argparse.Namespace, env: Mapping[str, str]) -> Program:
    port = env["VIBE_DEMO_SANDBOX_URL"].rsplit(":", 1)[1]
    arguments = ["--port", port, "--albums", str(options.albums), "--mode", options.mode]
    return programs.named("sandbox", env, [*arguments, "--calls-per-30s", str(CALLS_PER_30S)])


def _await_sandbox(supervisor: Supervisor, env: Mapping[str, str]) -> None:
    port = int(env["VIBE_DEMO_SANDBOX_URL"].rsplit(":", 1)[1])
    running.await_port(supervisor, "sandbox", port)


def _day(supervisor: Supervisor, options: argparse.Namespace, env: Mapping[str, str]) -> int:
    """`manage.py demo` on our own terminal, while we watch over the processes it sends work to."""
    arguments = ["--albums", str(options.albums)]
    day = subprocess.Popen(
        processes.dying_with_us(programs.manage("demo", *arguments), signal.SIGTERM),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C reaches us alone, and does not end in a traceback of its own
    )
    supervisor.run_until(lambda: day.poll() is not None)
    if day.poll() is None:
        day.terminate()
        day.wait()
        return 130
    return day.returncode


def _welcome(env: Mapping[str, str]) -> str:
    keys = places.data_folder() / "demo" / "keys.env"
    return "\n".join(
        [
            f"serving {env['PUBLIC_BASE_URL']}/ until Ctrl-C",
            f"  console: {env['VIBE_DEMO_USER']} / {env['VIBE_DEMO_PASSWORD']}",
            f"  logs: {env['VIBE_DEMO_LOGS']}",
            f"  the sandbox: {env['VIBE_DEMO_SANDBOX_URL']} · the admin API key: in {keys}",
        ]
    )
