"""Ingest by real workers at Spotify's pace: `.venv/bin/python -m benchmarks.ingest_day [ALBUMS]`.

Claim: taking the links in until every album is stored takes at most 5 % longer than fetching the same bodies
through the same door at the same pace and throwing them away; the calls are at most 1.02 times the fewest
possible; no worker needs 300 MiB. The workers are those of bin/demo, and the sandbox enforces the pace. Takes
about 3 minutes for 1,000 albums and 20 for 10,000, nearly all of it standing in line.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_RATIO, MOST_CALLS, MOST_MIB = 1.05, 1.02, 300
WINDOW_SECONDS = 32  # after so long the door has forgotten every earlier call
STALLED_SECONDS = 180


@dataclass(frozen=True)
class Part:
    """One of the two ways: what it took and what it cost."""

    seconds: float
    calls: int
    throttled: int


def main(options: argparse.Namespace) -> int:
    with stage(options.albums, options.calls):
        from vibe_project import cost

        lines = links(options.albums)
        ingest = timed(lambda: ingested(lines))
        memory = cost.workers()
        report("ingest", ingest)
        told = outcome()
        fewest = cost.fewest_calls()
        ids = claimable()
        fetch = timed(lambda: fetched_alone(ids))
        report("fetch alone", fetch)
        print(f"{told}; calls {ingest.calls}, fewest {fewest}, ratio {cost.ratio(ingest.calls, fewest)}")
        bound = paced_seconds(ingest.calls)
        print(f"the pace alone lets {ingest.calls} calls through in {bound:.1f} s")
        print(f"the workers' peak memory: {cost.in_mib(memory)}")
        print(f"ingest / fetch alone: {ingest.seconds / fetch.seconds:.3f}")
        is_small = max(memory.values(), default=0) < MOST_MIB * 1024
        is_fast = ingest.seconds <= MOST_RATIO * fetch.seconds
        return 0 if is_small and is_fast and ingest.calls <= MOST_CALLS * fewest else 1


def report(name: str, part: Part) -> None:
    print(f"{name:<12}{part.seconds:8.1f} s, {part.calls} calls, {part.throttled} x 429", flush=True)


def timed(work: Any) -> Part:
    """The work, begun when the door owes nothing to earlier calls."""
    from accounts.gateway_state import gateways
    from catalog.intake import links
    from vibe_project import demo

    known = links.parse(demo.sandbox("links?count=1").decode().strip())
    gateways.for_app().albums([known.spotify_id or ""])  # a token is there, and Redis knows the pace
    time.sleep(WINDOW_SECONDS)
    before, started = traffic(), time.perf_counter()
    work()
    seconds, after = time.perf_counter() - started, traffic()
    return Part(seconds, after[0] - before[0], after[1] - before[1])


def traffic() -> tuple[int, int]:
    """Calls about albums and tracks so far, and 429s, as the sandbox counts them."""
    import json

    from vibe_project import cost, demo

    stats = json.loads(demo.sandbox("stats"))
    return cost.catalogue_calls(stats["by_endpoint"]), stats["throttled"]


def paced_seconds(calls: int) -> float:
    """How long so many calls take at the configured pace, the first few of them at once."""
    from accounts.gateway_state import gateways

    pace = gateways.pace()
    return max(0, calls - pace.burst) * pace.window_seconds / pace.calls_per_30s


# --- ingest, as it is


def links(albums: int) -> list[str]:
    from vibe_project import demo

    return demo.sandbox(f"links?count={albums}&odd=1").decode().splitlines()


def ingested(lines: Sequence[str]) -> None:
    """Queue the links, ring, and wait until every one has come to its end."""
    from django.utils import timezone

    from catalog.intake import batches
    from catalog.models import AlbumSource
    from catalog.tasks import ingest_albums_from_sources

    for start in range(0, len(lines), 10_000):
        batches.enqueue("\n".join(lines[start : start + 10_000]), by="bench", now=timezone.now(), ring=False)
    ingest_albums_from_sources.delay()
    left, since = -1, time.monotonic()
    while now_left := AlbumSource.objects.unfinished().count():
        if now_left != left:
            left, since = now_left, time.monotonic()
        elif time.monotonic() - since > STALLED_SECONDS:
            raise SystemExit(f"ingest stood still with {left} albums to go")
        time.sleep(0.25)


def claimable() -> list[str]:
    """The ids in the order in which they were claimed."""
    from catalog.models import AlbumSource

    return list(AlbumSource.objects.order_by("id").values_list("spotify_album_id", flat=True))


def outcome() -> str:
    from catalog.models import AlbumSource, Track
    from playlists.console import status

    by_status = status.by_status(AlbumSource.objects.all())
    counts = ", ".join(f"{name} {count}" for name, count in by_status.items() if count)
    return f"{counts}, tracks {Track.objects.count()}"


# --- the same bodies, and nothing else


def fetched_alone(ids: Sequence[str]) -> None:
    """As many readers as ingest has places, each with every other twenty of the albums."""
    from catalog.tasks import AT_ONCE

    twenties = [ids[start : start + 20] for start in range(0, len(ids), 20)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as readers:
        for done in [readers.submit(read, twenties[one::AT_ONCE]) for one in range(AT_ONCE)]:
            done.result()


def read(twenties: Sequence[Sequence[str]]) -> None:
    """Albums with all their tracks, and each track's details in full calls, as ingest asks for them."""
    from django.db import connection

    from accounts.gateway_state import gateways
    from catalog.ingest import fetching
    from catalog.ingest.queue import Claimed

    gateway = gateways.for_app(lane="ingest")
    known: fetching.Details = {}
    waiting: list[fetching.Fetched] = []
    for some in twenties:
        claimed = [Claimed(number, album_id, 1) for number, album_id in enumerate(some)]
        answers = patiently(fetching.albums, gateway, claimed)
        waiting += [one for one in answers if isinstance(one, fetching.Fetched)]
        patiently(fetching.details, gateway, waiting, known, last=some is twenties[-1])
        waiting = [one for one in waiting if not known.keys() >= set(fetching.track_ids([one]))]
        wanted = set(fetching.track_ids(waiting))
        known = {track_id: track for track_id, track in known.items() if track_id in wanted}
    connection.close()


def patiently(ask: Any, *given: Any, **named: Any) -> Any:
    """Ask, and stand in line again where the line was too long for one call."""
    from django.utils import timezone

    from accounts.spotify import errors

    while True:
        try:
            return ask(*given, **named)
        except errors.Blocked as blocked:
            time.sleep(max(0.0, (blocked.until - timezone.now()).total_seconds()))


# --- the stage: throwaway servers, the sandbox and the workers of bin/demo


@contextlib.contextmanager
def stage(albums: int, calls: int) -> Iterator[None]:
    from devstack import demo, processes, programs, running, servers
    from devstack.supervise import Supervisor

    outside = "/var/tmp" if os.geteuid() == 0 else None  # noqa: S108 - where PostgreSQL's user can go, too
    folder = Path(tempfile.mkdtemp(prefix="vibe-bench-", dir=outside))
    folder.chmod(0o711)
    port = processes.free_port()
    env = demo.demo_environment(os.environ, folder, sandbox_port=port, mode="extended")
    env["SPOTIFY_CALLS_PER_30S"] = env["SPOTIFY_ACCOUNT_CALLS_PER_30S"] = str(calls - 5)
    sandbox = ["--port", str(port), "--albums", str(albums), "--calls-per-30s", str(calls)]
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = servers.start_postgres(folder / "pg", durable=False)
        stack.callback(servers.stop, postgres)
        redis = servers.start_redis(folder / "redis", durable=False)
        stack.callback(servers.stop, redis)
        servers.ensure_database(postgres.url)
        env |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "LOG_LEVEL": "WARNING"}
        supervisor = Supervisor([programs.named("sandbox", env, sandbox)], env, folder)
        stack.callback(supervisor.stop)
        supervisor.start()
        running.prepare(env, log=folder / "migrate.log")
        running.await_port(supervisor, "sandbox", port)
        supervisor.add([programs.named(name, env) for name in ("worker", "beat")])
        _enter(env)
        yield


def _enter(env: dict[str, str]) -> None:
    """This process becomes one of the stage's."""
    os.environ |= env | {"DJANGO_SETTINGS_MODULE": "vibe_project.settings"}
    import django

    django.setup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("albums", type=int, nargs="?", default=1000)
    parser.add_argument("--calls", type=int, default=180, help="what the sandbox allows in 30 seconds")
    sys.exit(main(parser.parse_args()))
