"""Sync workers are killed at random and at the worst moments: never a second playlist, never a wrong list.

At full size: `DRILL_PLAYLISTS=200 DRILL_KILLS=1000 bin/test tests/crash/test_sync_kill.py -k drill -s`.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from playlists.models import Playlist, PlaylistCopy
from playlists.rotation import snapshots
from tests.crash import crews, sync_points

PLAYLISTS, KILLS = int(os.environ.get("DRILL_PLAYLISTS", 60)), int(os.environ.get("DRILL_KILLS", 60))
DAYS = int(os.environ.get("DRILL_DAYS", 3))
SEED = int(os.environ.get("DRILL_SEED", 0)) or random.randrange(1, 10**6)
RETIRING = 5  # more playlists, which the last day takes away
CUT = 0.1
DAY_SECONDS = 100 + 5 * KILLS / DAYS
pytestmark = [
    pytest.mark.crash,
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox(albums=4 * (PLAYLISTS + RETIRING)),
    pytest.mark.xdist_group("crash"),
]


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = crews.LENGTH, DAYS


@pytest.fixture
def hire(sandbox, child_environment, tmp_path) -> Iterator[Callable[[int], crews.Crew]]:
    """Starts a crew of workers; whoever is left is ended afterwards."""
    hired: list[crews.Crew] = []
    environment = child_environment | {
        "TRACKS_PER_PLAYLIST": str(crews.LENGTH),
        "MIN_REPEAT_GAP_DAYS": str(DAYS),
    }

    def run(size: int) -> crews.Crew:
        hired.append(crews.Crew(size, environment, tmp_path))
        return hired[-1]

    yield run
    for crew in hired:
        crew.dismiss()


def end_every_connection() -> None:
    """What a restart of the database does to its clients."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


class Drill:
    """Kills in step with the day's work, so that a worker dies in the middle of something."""

    def __init__(self, crew: crews.Crew, rng: random.Random) -> None:
        self.crew, self.rng, self.restarts, self.armed = crew, rng, 0, 0
        self.killed: set[int] = set()

    @property
    def kills(self) -> int:
        """Deaths by SIGKILL as the workers' parent saw them, without those at named points."""
        return self.crew.said("killed") - self.armed

    def run_day(self, number: int, points: tuple[str, ...]) -> None:
        for point in points:
            sync_points.arm(self.crew.folder, point)
        self.armed += len(points)
        quota, before = KILLS * (number + 1) // DAYS, KILLS * number // DAYS

        def meanwhile() -> None:
            if self.kills < before + (quota - before) * crews.up() / PLAYLISTS:
                self.disturb()

        def is_over() -> bool:
            hit = not any(sync_points.is_armed(self.crew.folder, point) for point in points)
            return crews.is_up() and hit and self.kills >= quota

        self.crew.until(is_over, f"day {number}", seconds=DAY_SECONDS, meanwhile=meanwhile)

    def disturb(self) -> None:
        time.sleep(self.rng.uniform(0, 0.1))
        if self.rng.random() < 0.05:
            end_every_connection()
            self.restarts += 1
        if pids := [pid for pid in self.crew.workers() if pid not in self.killed]:
            victim = self.rng.choice(pids)
            self.killed.add(victim)
            self.crew.signal(signal.SIGKILL, [victim])


def test_the_drill_leaves_no_duplicate_no_wrong_list_and_no_repeat(sandbox, hire):
    print(f"DRILL_SEED={SEED}: {PLAYLISTS} playlists, {DAYS} days, {KILLS} kills", flush=True)
    began = time.monotonic()
    crews.network(sandbox, PLAYLISTS + RETIRING, 3, days=DAYS)
    paths = {"PUT": "/playlists", "POST": "/me/playlists", "DELETE": "/me/library"}
    cuts = [
        sandbox.faults.add("cut", method=method, path=path, when="after", probability=CUT, seed=SEED)
        for method, path in paths.items()
    ]
    sandbox.faults.add("slow", path="/v1/", seconds=0.02, times=0)
    drill = Drill(hire(3), random.Random(SEED))
    today = timezone.now().date()

    for number in range(DAYS):
        snapshots.build(today + dt.timedelta(days=number), now=timezone.now())
        points = (sync_points.CREATING if number == 0 else ()) + (
            sync_points.UPDATING if number == DAYS - 1 else ()
        )
        if number == DAYS - 1:
            Playlist.objects.filter(global_index__gt=PLAYLISTS).update(status="retired")
            points += sync_points.ARCHIVING
        drill.run_day(number, points)

    sandbox.faults.clear()
    drill.crew.until(crews.is_up, "the end")
    lost = sum(fault.fired for fault in cuts)
    print(
        f"{drill.kills} SIGKILLs at random and {drill.armed} at named points, {drill.restarts} times every"
        f" connection cut, {lost} of {sum(fault.met for fault in cuts)} writes lost their answer,"
        f" {len(sandbox.calls)} calls, {time.monotonic() - began:.0f} s"
    )
    assert drill.kills >= KILLS
    assert lost
    crews.assert_all_is_right(sandbox, live=PLAYLISTS, ever=PLAYLISTS + RETIRING)


WRITES = [
    ("POST", "/me/playlists"),
    ("PUT", "/items"),
    ("PUT", "/playlists/[^/]+$"),
    ("DELETE", "/me/library"),
]


@pytest.mark.parametrize("method, path", WRITES)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_while_a_write_is_under_way_ends_with_one_right_playlist(sandbox, hire, method, path, when):
    crews.network(sandbox, 1, 1)
    today = timezone.now().date()
    snapshots.build(today, now=timezone.now())
    crew = hire(1)
    if method != "POST" and path != "/items":  # the later writes of a copy's life
        crew.until(crews.is_up, "the first list")
    sandbox.faults.add("hold", method=method, path=path, when=when, name="point")
    if path == "/me/library":
        Playlist.objects.update(status="retired")
    elif crews.is_up():
        snapshots.build(today + dt.timedelta(days=1), now=timezone.now())
    assert sandbox.faults.wait_until_held("point", timeout=60)

    crew.signal(signal.SIGKILL)
    sandbox.faults.release("point")

    crew.until(crews.is_up, "the copy")
    crews.assert_all_is_right(sandbox, live=0 if path == "/me/library" else 1, ever=1)


def lock_holders() -> int:
    """Advisory locks of this database: pg_locks shows those of every other test process's too."""
    ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND {ours}")
        return int(cursor.fetchone()[0])


def stopped_before_its_create(sandbox: Any, hire: Callable[[int], crews.Crew], folder: Path) -> crews.Crew:
    """A crew of one, stopped between the committed intent and the POST."""
    crews.network(sandbox, 1, 1)
    sync_points.arm(folder, "before create_playlist", signal.SIGSTOP)
    snapshots.build(timezone.now().date(), now=timezone.now())
    crew = hire(1)
    crew.until(lambda: not sync_points.is_armed(folder, "before create_playlist"), "the stop")
    assert PlaylistCopy.objects.get().intent_at is not None
    assert lock_holders() == 1
    return crew


def test_a_worker_stopped_between_intent_and_post_keeps_the_others_out(sandbox, hire, tmp_path):
    stopped = stopped_before_its_create(sandbox, hire, tmp_path)
    other = hire(2)

    other.until(lambda: other.said("busy") >= 20, "the others to be turned away")
    assert sandbox.world.playlists == []
    stopped.signal(signal.SIGCONT)

    stopped.until(crews.is_up, "the copy")
    crews.assert_all_is_right(sandbox, live=1, ever=1)


def test_a_stopped_worker_whose_lock_another_took_over_makes_no_second_playlist(sandbox, hire, tmp_path):
    sync_points.arm(tmp_path, "after the intent's commit", signal.SIGSTOP)
    crews.network(sandbox, 1, 1)
    snapshots.build(timezone.now().date(), now=timezone.now())
    stopped = hire(1)
    stopped.until(lambda: not sync_points.is_armed(tmp_path, "after the intent's commit"), "the stop")
    end_every_connection()  # the lock goes with the connection, and the worker does not know

    other = hire(1)
    other.until(crews.is_up, "the copy by the other")
    stopped.signal(signal.SIGCONT)
    stopped.until(lambda: stopped.said("ended") == 1, "the first to notice")

    stopped.until(crews.is_up, "the copy")
    crews.assert_all_is_right(sandbox, live=1, ever=1)
