"""Sync workers are killed at random and at the worst moments: never a second playlist, never a wrong list."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from playlists import rotation
from playlists.models import HistoryEntry, Placement, Playlist, Snapshot
from tests.playlists import worlds

ROOT = Path(__file__).resolve().parents[2]
PLAYLISTS, DAYS, KILLS = int(os.environ.get("DRILL_PLAYLISTS", 60)), 3, int(os.environ.get("DRILL_KILLS", 60))
SEED = int(os.environ.get("DRILL_SEED", 20261125))
CUT = 0.1
pytestmark = [
    pytest.mark.crash,
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox(albums=4 * PLAYLISTS),
    pytest.mark.xdist_group("crash"),
]


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, DAYS


@pytest.fixture
def start(sandbox, child_environment, tmp_path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Starts workers; whatever was started is ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []
    environment = child_environment | {"TRACKS_PER_PLAYLIST": "10", "MIN_REPEAT_GAP_DAYS": str(DAYS)}

    def run(count: int) -> subprocess.Popen[bytes]:
        with (tmp_path / "log").open("ab") as log:
            command = [sys.executable, "-m", "tests.crash.sync_workers", str(count)]
            started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        until(lambda: len(workers(started[-1])) == count, "the workers to start", tmp_path)
        return started[-1]

    yield run
    for process in started:
        pids = workers(process)
        process.kill()
        for pid in pids:
            end(pid)
        process.wait(timeout=10)


def workers(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def until(
    done: Callable[[], bool],
    what: str,
    folder: Path,
    *,
    seconds: float = 120,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            raise AssertionError(f"waited {seconds} s for {what}\n{(folder / 'log').read_text()[-3000:]}")
        meanwhile()
        time.sleep(0.05)


def network(sandbox, count: int, accounts: int) -> None:
    names = [track.spotify_id for track in sandbox.world.tracks][: count * 10 * DAYS + 50]
    worlds.tracks(len(names), ids=names, artists=400)
    owners = [worlds.connected(f"Service {number}") for number in range(accounts)]
    for number in range(count):
        worlds.placed(owners[number % accounts])


def assert_all_is_right(sandbox, count: int) -> None:
    assert len(sandbox.world.library.playlists) == count
    for placement in Placement.objects.select_related("synced_snapshot"):
        newest = Snapshot.objects.built().filter(playlist=placement.playlist_id).newest_first()[0]
        wanted = list(newest.entries.order_by("position").values_list("spotify_track_id", flat=True))
        assert placement.synced_snapshot_id == newest.pk
        there = sandbox.world.library.playlists[placement.spotify_playlist_id]
        assert there.track_ids == wanted
        assert there.name.endswith(str(newest.date))
    uses = list(HistoryEntry.objects.values_list("track_id", flat=True))
    assert len(uses) == len(set(uses))


def disturb(process: subprocess.Popen[bytes], rng: random.Random) -> None:
    """Mostly a SIGKILL; now and then the database ends every connection but ours, as a restart would."""
    if rng.random() < 0.15:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return
    if pids := workers(process):
        end(rng.choice(pids))


def test_kills_at_random_leave_no_duplicate_no_wrong_list_and_no_repeat(sandbox, start, tmp_path):
    rng, killed = random.Random(SEED), 0
    print(f"seed {SEED}, {PLAYLISTS} playlists, {DAYS} days, at least {KILLS} kills")
    network(sandbox, PLAYLISTS, 3)
    sandbox.faults.add("cut", method="PUT", path="/playlists", when="after", probability=CUT)
    sandbox.faults.add("cut", method="POST", path="/me/playlists", when="after", probability=CUT, seed=1)
    process = start(3)

    for number in range(DAYS):
        rotation.build(timezone.now().date() + dt.timedelta(days=number), now=timezone.now())
        quota = KILLS * (number + 1) // DAYS

        def meanwhile(quota: int = quota) -> None:
            nonlocal killed
            if killed < quota or rng.random() < 0.1:
                time.sleep(rng.uniform(0.02, 0.25))
                disturb(process, rng)
                killed += 1

        until(is_up, f"day {number}", tmp_path, seconds=300, meanwhile=meanwhile)
        while killed < quota:
            meanwhile()

    sandbox.faults.clear()
    until(is_up, "the end", tmp_path)
    print(f"{killed} kills, {len(sandbox.calls)} calls")
    assert killed >= KILLS
    assert_all_is_right(sandbox, PLAYLISTS)


def is_up() -> bool:
    """Every copy carries its newest list."""
    rows = Placement.objects.with_newest().values_list("status", "synced_snapshot_id", "newest_id")
    return all(status == "synced" and has == newest for status, has, newest in rows)


WRITES = [
    ("POST", "/me/playlists"),
    ("PUT", "/items"),
    ("PUT", "/playlists/[^/]+$"),
    ("DELETE", "/me/library"),
]


@pytest.mark.parametrize("method, path", WRITES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_each_write_ends_with_one_right_playlist(sandbox, start, tmp_path, method, path, when):
    network(sandbox, 1, 1)
    today = timezone.now().date()
    rotation.build(today, now=timezone.now())
    process = start(1)
    if method != "POST" and path != "/items":  # the later writes of a copy's life
        until(is_up, "the first list", tmp_path)
    sandbox.faults.add("hold", method=method, path=path, when=when, name="point")
    if path == "/me/library":
        Playlist.objects.update(status="retired")
    elif is_up():
        rotation.build(today + dt.timedelta(days=1), now=timezone.now())
    assert sandbox.faults.wait_until_held("point", timeout=60)

    end(workers(process)[0])
    sandbox.faults.release("point")

    if path == "/me/library":
        until(lambda: Placement.objects.filter(status="archived").exists(), "the archive", tmp_path)
        assert sandbox.world.playlists == []
    else:
        until(is_up, "the copy", tmp_path)
        assert_all_is_right(sandbox, 1)


def test_a_worker_stopped_in_mid_create_and_another_make_one_playlist(sandbox, start, tmp_path):
    network(sandbox, 1, 1)
    sandbox.faults.add("hold", method="POST", path="/me/playlists", when="before", name="point")
    rotation.build(timezone.now().date(), now=timezone.now())
    process = start(2)
    assert sandbox.faults.wait_until_held("point", timeout=60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert cursor.fetchone()

    for pid in workers(process):
        os.kill(pid, signal.SIGSTOP)
    other = start(2)
    time.sleep(1)
    sandbox.faults.release("point")
    for pid in workers(process):
        os.kill(pid, signal.SIGCONT)

    until(is_up, "the copy", tmp_path)
    assert_all_is_right(sandbox, 1)
    assert other.poll() is None
