"""Pacing against a simulated clock: the Lua script itself, over a real Redis, with its clock in a key."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest
import redis
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.spotify import limiter
from accounts.spotify.limiter import Limiter, Memory, Pace

START = 1_800_000_000_000
CLOCK_IN_A_KEY = """local simulated = tonumber(redis.call('GET', 'test:now'))
local time = {math.floor(simulated / 1000), (simulated % 1000) * 1000}"""
SCRIPT = limiter.SCRIPT.replace("local time = redis.call('TIME')", CLOCK_IN_A_KEY)
apps = itertools.count()


def unreachable():
    return redis.Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))


class World:
    """Some processes with one Redis and one clock."""

    def __init__(self, connection, pace_per_30s, account_calls=0, processes=1):
        self.connection = connection
        self.ms = START
        self.pace = Pace(f"app-{next(apps)}", pace_per_30s, account_calls or pace_per_30s)
        self.limiters = [
            Limiter(connection, self.pace, memory=Memory(), clock=lambda: self.ms / 1000, script=SCRIPT)
            for _ in range(processes)
        ]
        self.grants = []

    def ask(self, process=0, lane="sync", account=None):
        self.connection.set("test:now", self.ms)
        turn = self.limiters[process].ask(lane=lane, account=account)
        if not turn.wait_seconds:
            self.grants.append((self.ms, lane))
        return turn

    def forget(self):
        """What a Redis without persistence does when it restarts."""
        self.connection.flushdb()
        self.connection.script_flush()

    def fullest(self, window_ms=30_000):
        times = [moment for moment, _ in self.grants]
        return max(sum(1 for other in times if moment <= other < moment + window_ms) for moment in times)


def run(world, lanes, seconds, *, forget_at=None):
    """Greedy callers, one process each, asking again exactly when told; a Redis that forgets on the way."""
    due = dict.fromkeys(range(len(lanes)), world.ms)
    end = world.ms + seconds * 1000
    while world.ms < end:
        process = min(due, key=lambda one: (due[one], -one))
        world.ms = max(world.ms, due[process])
        if forget_at is not None and world.ms >= START + forget_at * 1000:
            world.forget()
            forget_at = None
        turn = world.ask(process, lanes[process])
        due[process] = world.ms + max(1, round(turn.wait_seconds * 1000))
    return world


@pytest.mark.parametrize("calls", [60, 180])
def test_the_window_is_never_overrun_and_nearly_used_up(redis_db, calls):
    world = run(World(redis_db, calls, processes=4), ["ingest"] * 4, 90)

    assert world.fullest() <= calls
    assert len(world.grants) >= 0.95 * calls * 3


def test_a_redis_that_forgets_makes_nobody_overrun_the_window(redis_db):
    world = run(World(redis_db, 60, processes=4), ["ingest"] * 4, 90, forget_at=40)

    assert world.fullest() <= 60
    assert len(world.grants) >= 0.95 * 60 * 3


def test_a_burst_before_redis_forgot_still_counts(redis_db):
    world = World(redis_db, 12)
    run(world, ["ingest"], 60)
    world.ms += 60_000
    while not world.ask().wait_seconds:
        pass
    world.forget()
    run(world, ["ingest"], 60)

    assert world.fullest() <= 12


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls=st.integers(1, 40),
    gaps=st.lists(
        st.tuples(st.integers(0, 4000), st.integers(0, 2), st.sampled_from(limiter.LANES)), max_size=150
    ),
    forget=st.integers(0, 150),
)
def test_no_pattern_of_calls_overruns_any_window(redis_db, calls, gaps, forget):
    world = World(redis_db, calls, processes=3)
    for number, (gap, process, lane) in enumerate(gaps):
        world.ms += gap
        if number == forget:
            for one in range(3):  # every process asks once before the flush is simulated to hurt
                world.ask(one)
        world.ask(process, lane)

    assert not world.grants or world.fullest() <= calls


def test_a_sync_waits_for_no_ingest_however_many_there_are(redis_db):
    alone = run(World(redis_db, 60, processes=1), ["sync"], 60)
    crowded = run(World(redis_db, 60, processes=7), ["ingest"] * 6 + ["sync"], 60)

    own = sum(1 for _, lane in crowded.grants if lane == "sync")
    assert own >= 0.95 * len(alone.grants)


def test_a_listener_goes_before_a_sync(redis_db):
    world = run(World(redis_db, 60, processes=4), ["sync"] * 3 + ["listener"], 60)

    lanes = [lane for _, lane in world.grants]
    assert lanes.count("listener") >= 0.95 * len(lanes)


def test_a_short_sync_leaves_the_rest_to_ingest(redis_db):
    world = World(redis_db, 60, processes=2)
    run(world, ["ingest"], 30)
    while world.ask(1, "sync").wait_seconds:
        world.ms += 50
    before = len(world.grants)
    run(world, ["ingest"], 30)

    assert len(world.grants) - before >= 55


def test_an_account_has_its_own_bucket_and_others_are_free(redis_db):
    world = World(redis_db, 600, account_calls=6)
    world.ask()
    world.ms += 10_000

    granted = 0
    while not (turn := world.ask(account="a")).wait_seconds:
        granted += 1

    assert (granted, turn.why) == (2, "account")
    assert not world.ask(account="b").wait_seconds
    assert not world.ask(account=None).wait_seconds


def test_a_hold_stops_everybody_for_its_time(redis_db):
    pace = Pace("held", 600, 600)
    one, other = (Limiter(redis_db, pace, memory=Memory()) for _ in range(2))

    one.hold(3.0)

    turn = other.ask(lane="listener", account=None)
    assert turn.why == "hold"
    assert 2.0 < turn.wait_seconds <= 3.0
    one.hold(1.0)
    assert other.ask(lane="listener", account=None).wait_seconds > 2.0


def test_without_redis_a_process_paces_itself_at_an_eighth(caplog):
    nobody = unreachable()
    now = [100.0]
    alone = Limiter(nobody, Pace("alone", 60, 60), memory=Memory(), clock=lambda: now[0])
    granted = 0
    while now[0] < 160:
        granted += not alone.ask(lane="sync", account=None).wait_seconds
        now[0] += 0.25

    assert granted == pytest.approx(2 * 60 / 8, abs=2)
    assert len(caplog.records) >= 1
    nobody.close()


def test_a_hold_is_kept_without_redis():
    nobody = unreachable()
    alone = Limiter(nobody, Pace("alone", 60, 60), memory=Memory(), clock=lambda: 100.0)

    alone.hold(20.0)

    assert alone.ask(lane="sync", account=None).wait_seconds == pytest.approx(20.0)
    nobody.close()


def test_a_restarted_redis_that_lost_the_script_is_asked_again(redis_db):
    limited = Limiter(redis_db, Pace("restart", 600, 600), memory=Memory())
    limited.ask(lane="sync", account=None)
    redis_db.script_flush()

    assert limited.ask(lane="sync", account=None).why in ("", "pace")


# --- how many at once


def abreast(connection, most, processes=1):
    world = World(connection, 600, processes=processes)
    for limited in world.limiters:
        limited._pace = Pace(world.pace.app, 600, 600, most)
    for process in range(processes):
        assert world.ask(process).why == "pace"  # a new Redis gives no credit
    world.ms += 5_000
    return world


def test_so_many_calls_are_on_their_way_and_no_more(redis_db):
    world = abreast(redis_db, 2, processes=3)

    turns = [world.ask(process) for process in range(3)]

    assert [turn.wait_seconds > 0 for turn in turns] == [False, False, True]
    assert turns[2].why == "abreast"


def test_a_call_that_is_over_makes_room(redis_db):
    world = abreast(redis_db, 1)
    first = world.ask()
    assert world.ask().wait_seconds

    world.limiters[0].done(first.lease)
    world.ms += 20

    assert not world.ask().wait_seconds


def test_a_lease_that_nobody_gives_back_runs_out(redis_db):
    world = abreast(redis_db, 1)
    world.ask()

    world.ms += int(limiter.LEASE_SECONDS * 1000) - 100
    assert world.ask().why == "abreast"
    world.ms += 200
    assert not world.ask().wait_seconds


def test_a_process_that_was_killed_in_a_call_is_in_nobodys_way(redis_db):
    world = abreast(redis_db, 1)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    key = world.limiters[0]._key("abreast")
    redis_db.zadd(key, {f"{limiter.HOST}:{gone.pid}:aa": world.ms + 30_000})

    assert world.ask().why == "abreast"
    world.ms += 20
    assert not world.ask().wait_seconds


def test_what_a_living_process_or_another_host_holds_is_theirs(redis_db):
    world = abreast(redis_db, 2)
    key = world.limiters[0]._key("abreast")
    redis_db.zadd(key, {f"{limiter.HOST}:{os.getppid()}:aa": world.ms + 30_000})
    redis_db.zadd(key, {"elsewhere:1:bb": world.ms + 30_000})

    for _ in range(3):
        assert world.ask().why == "abreast"
        world.ms += 20


def test_a_free_place_goes_to_the_listener_first(redis_db):
    world = abreast(redis_db, 1, processes=3)
    held = world.ask(0, "ingest")
    world.ask(1, "ingest")
    world.ask(2, "listener")

    world.limiters[0].done(held.lease)

    assert world.ask(1, "ingest").why == "lane"
    assert not world.ask(2, "listener").wait_seconds


def test_giving_a_lease_back_to_a_redis_that_is_down_harms_nobody():
    alone = Limiter(unreachable(), Pace("alone", 60, 60, 1), memory=Memory(), clock=lambda: 100.0)

    alone.done("host:1:aa")
