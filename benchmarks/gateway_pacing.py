"""How well the door is paced: `.venv/bin/python -m benchmarks.gateway_pacing [--calls 60] [--seconds 180]`.

Claim: 4 processes against a Spotify that admits N calls in any rolling 30 seconds meet no 429 and use at
least 95 % of N x time; also when Redis restarts empty in the middle (`--restart`); and with `--lanes` (one
listener, one sync, two ingests) whoever goes first gets all it can use while it works.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROCESSES = 4


def main(options: argparse.Namespace) -> int:
    lanes = ["listener", "sync", "ingest", "ingest"] if options.lanes else ["ingest"] * PROCESSES
    with stage(options.calls) as (sandbox, restart_redis):
        print(f"{options.calls} calls in any 30 s, for {options.seconds} s, by {', '.join(lanes)}")
        workers = [worker(lane, share(number, options), options.seconds) for number, lane in enumerate(lanes)]
        begin = start(workers)
        if options.restart:
            threading.Timer(begin + options.seconds / 2 - time.time(), restart_redis).start()
        told = [process.communicate()[0] for process in workers]
        return report(sandbox, options, begin, dict(zip(enumerate(lanes), told, strict=True)))


def start(workers: list[subprocess.Popen[str]]) -> float:
    """Wait until all are ready, then tell them the same moment to begin."""
    for process in workers:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    begin = time.time() + 1
    for process in workers:
        assert process.stdin is not None
        process.stdin.write(f"{begin}\n")
        process.stdin.flush()
    return begin


def share(number: int, options: argparse.Namespace) -> float:
    """The part of the time this process works: with --lanes the listener a third, the sync two thirds."""
    return (1 / 3, 2 / 3, 1.0, 1.0)[number] if options.lanes else 1.0


def report(sandbox: Any, options: argparse.Namespace, begin: float, told: dict[Any, str]) -> int:
    end = begin + options.seconds
    calls = [call for call in sandbox.calls if "/albums" in call.path and begin <= call.at < end]
    throttled = sum(call.status == 429 for call in calls)
    possible = options.calls * options.seconds / 30
    used = (len(calls) - throttled) / possible
    for (_, lane), out in told.items():
        print(f"  {lane:8} calls per sixth of the time: {out.strip()}")
    print(f"  {len(calls)} calls, {throttled} answered 429, fullest 30 s: {sandbox.world.window.fullest}")
    good = throttled == 0 and used >= 0.95
    print(
        f"{'OK' if good else 'NOT MET'}: {throttled} x 429, {used:.1%} of the possible calls (claim: 0, 95 %)"
    )
    return 0 if good else 1


# --- one worker, its own process


def work(lane: str, share: float, seconds: float) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from accounts.gateway_state import gateways
    from accounts.spotify import errors

    wanted = os.environ["BENCH_ALBUM"]
    seen: Counter[int] = Counter()
    gateway = gateways.for_app(lane=lane)
    print("ready", flush=True)
    begin = float(sys.stdin.readline())
    time.sleep(max(0.0, begin - time.time()))
    stop = begin + seconds * share
    gateway = gateways.for_app(lane=lane)
    while (now := time.time()) < stop:
        try:
            gateway.album_tracks(wanted, offset=0, limit=1)
            seen[min(5, int((now - begin) * 6 / seconds))] += 1
        except errors.Blocked as error:
            wait = (error.until - timezone.now()).total_seconds()
            time.sleep(max(0.0, min(wait, stop - time.time())))
        except errors.SpotifyError as error:
            print(type(error).__name__, error, file=sys.stderr)
    print(" ".join(f"{seen[part]:4}" for part in range(6)))


def worker(lane: str, share: float, seconds: float) -> subprocess.Popen[str]:
    arguments = ["-m", "benchmarks.gateway_pacing", "--worker", lane, str(share), str(seconds)]
    return subprocess.Popen(
        [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


# --- the stage: throwaway servers and a sandbox that counts


@contextlib.contextmanager
def stage(calls: int, **world: Any) -> Iterator[tuple[Any, Any]]:
    """(sandbox, restart_redis) with Django set up on throwaway servers."""
    from devstack import servers

    outside = "/var/tmp" if os.geteuid() == 0 else None  # noqa: S108 - where PostgreSQL's user can go, too
    folder = Path(tempfile.mkdtemp(prefix="vibe-bench-", dir=outside))
    folder.chmod(0o711)
    postgres = servers.start_postgres(folder / "pg", durable=False)
    redis = [servers.start_redis(folder / "redis", durable=False)]

    def restart_redis() -> None:
        """Killed and started again on the same port with nothing in it."""
        redis[0].process.kill()
        redis[0].process.wait()
        time.sleep(1)
        command = [str(servers.redis_binary()), str(folder / "redis" / "redis.conf")]
        again = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        redis[0] = servers.Server("Redis", redis[0].url, again, redis[0].log, redis[0].stop_with)
        print("  Redis was killed and is back, empty")

    try:
        servers.ensure_database(postgres.url)
        with sandbox_on(postgres.url, redis[0].url, calls, **world) as sandbox:
            yield sandbox, restart_redis
    finally:
        servers.stop(redis[0])
        servers.stop(postgres)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def sandbox_on(database_url: str, redis_url: str, calls: int, **world: Any) -> Iterator[Any]:
    from sandbox import server

    with server.serve(albums=40, calls_per_30s=calls, **world) as sandbox:
        os.environ |= {
            "VIBE_ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "vibe_project.settings",
            "SECRET_KEY": "b" * 50,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "LOG_LEVEL": "ERROR",
            "SPOTIFY_CLIENT_ID": "bench",
            "SPOTIFY_CLIENT_SECRET": "bench-secret",
            "SPOTIFY_TOKEN_KEY": "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmU=",
            "SPOTIFY_API_URL": sandbox.api_url,
            "SPOTIFY_ACCOUNTS_URL": sandbox.accounts_url,
            "SPOTIFY_CALLS_PER_30S": str(calls),
            "SPOTIFY_ACCOUNT_CALLS_PER_30S": str(calls),
            "BENCH_ALBUM": sandbox.album_links(1)[0].rsplit("/", 1)[1].split("?")[0],
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield sandbox


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(sys.argv[2], *map(float, sys.argv[3:5]))
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--calls", type=int, default=60)
        parser.add_argument("--seconds", type=int, default=180)
        parser.add_argument("--restart", action="store_true")
        parser.add_argument("--lanes", action="store_true")
        sys.exit(main(parser.parse_args()))
