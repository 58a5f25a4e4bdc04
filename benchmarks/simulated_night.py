"""A large night, simulated: `.venv/bin/python -m benchmarks.simulated_night [--playlists N] [--calls 180]`.

Claim: with 2,858 playlists on two accounts each, a Spotify that admits N calls in any rolling 30 seconds
answers no 429 to a night of two calls per copy and one look per fifty, which takes at most 5 % longer than
calls / rate and ends before the next plan. Time is virtual: workers sleep in no time, but every turn is
decided by the door's own limiter and script on a real Redis. The first night printed has the size of the one
that `benchmarks/sync_pace.py` really plays, to hold the two against each other.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import heapq
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from accounts.spotify import call, gateway, limiter
from sandbox import window

if TYPE_CHECKING:
    from playlists.sync.forecast import Forecast

COPIES, ON_ONE_ACCOUNT = 2, 49
SEED = 1
DATE = dt.date(2026, 11, 25)
# From the turn to the answer: what Spotify's writes and reads usually take.
ANSWER_SECONDS = (0.08, 0.4)
# A call counts when it arrives, and calls travel unevenly; the limiter's margin is there for that.
TRAVEL_SECONDS = 0.3
# Between two calls a worker reads and writes rows.
ROWS_SECONDS = (0.005, 0.05)
# A sleep ends a little late; which of several sleepers wakes first is chance.
LATE_SECONDS = 0.002
# So long before the night the app made its last call.
QUIET_SECONDS = 60.0
# A ring that waits is rung again after this at the earliest; so long a worker with nothing to do is idle.
IDLE_SECONDS = 0.5
SLOWEST = 1.05

CLOCK = "night:microseconds"
REAL_TIME = "redis.call('TIME')"
VIRTUAL_TIME = f"""(function()
  local now = tonumber(redis.call('GET', '{CLOCK}'))
  return {{math.floor(now / 1000000), now % 1000000}}
end)()"""


def main(options: argparse.Namespace) -> int:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": "postgres://127.0.0.1:9/none"}
    import django

    django.setup()
    played_for_real = simulate(343, 60, workers=options.workers)
    print()
    large = simulate(options.playlists, options.calls, workers=options.workers)
    return 0 if played_for_real and large else 1


def simulate(playlists: int, calls_per_30s: int, *, workers: int = 0) -> bool:
    """Play a night of that many playlists and print what came of it; whether the claim holds."""
    from django.conf import settings

    pace = limiter.Pace("night", calls_per_30s, calls_per_30s, settings.SPOTIFY_CALLS_ABREAST)
    with throwaway_redis() as client:
        night = Night(client, pace, shares(playlists), begins())
        started = time.perf_counter()
        night.play(workers or configured_workers())
        return report(night, time.perf_counter() - started)


def shares(playlists: int) -> list[int]:
    """How many copies each account has."""
    copies = playlists * COPIES
    accounts = max(COPIES, -(-copies // ON_ONE_ACCOUNT))
    return [copies // accounts + (number < copies % accounts) for number in range(accounts)]


def begins() -> dt.datetime:
    """When the schedule opens the sync."""
    from playlists.nightly import schedule

    row = schedule.TASK_OF["sync"]
    return dt.datetime.combine(DATE, dt.time(int(row.hour), int(row.minute)), dt.UTC)


def configured_workers() -> int:
    """How many processes of the worker plane take from the sync queue."""
    from devstack import programs

    words = programs.WORKER.split()
    return int(words[words.index("--concurrency") + 1])


@contextlib.contextmanager
def throwaway_redis() -> Iterator[redis.Redis]:
    from devstack import servers

    folder = Path(tempfile.mkdtemp(prefix="vibe-bench-"))
    server = servers.start_redis(folder, durable=False)
    try:
        with redis.Redis.from_url(server.url) as client:
            yield client
    finally:
        servers.stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def script_in_virtual_time() -> str:
    """The limiter's own script, with its one look at the clock turned to ours.

    Keys still expire in real time, which runs slower here: none is gone before its virtual time, and the
    script goes by scores, not by expiry."""
    assert limiter.SCRIPT.count(REAL_TIME) == 1, "the script no longer reads the time as it did"
    return limiter.SCRIPT.replace(REAL_TIME, VIRTUAL_TIME)


# --- the night


@dataclass(order=True)
class Account:
    """`ready_at` is when its next ring is heard; who holds it has taken it out of the queue: its lock."""

    ready_at: float
    number: int
    calls_left: int


@dataclass
class Night:
    """Workers as generators that yield how long they sleep, on one clock that jumps from waking to waking."""

    client: redis.Redis
    pace: limiter.Pace
    shares: list[int]
    begins: dt.datetime
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    arrivals: list[float] = field(default_factory=list)
    longest_wait: float = 0.0
    put_off: int = 0
    workers: int = 0
    owed: int = field(init=False)
    calls_left: int = field(init=False)
    waiting: list[Account] = field(init=False)
    now: float = field(init=False)
    ended: float = field(init=False)

    def __post_init__(self) -> None:
        from playlists.sync import forecast

        per_copy, per_look = forecast.CALLS_CHANGED, gateway.PAGE
        owing = [copies * per_copy + -(-copies // per_look) for copies in self.shares]
        self.now = self.ended = self.begins.timestamp()
        self.waiting = [Account(self.now, number, calls) for number, calls in enumerate(owing)]
        self.owed = self.calls_left = sum(owing)

    def play(self, workers: int) -> None:
        """The discrete events: always the worker that wakes first, and Redis is told what time it is."""
        self.workers = workers
        self._wake(self.now - QUIET_SECONDS)
        # So that Redis has known the app for a while, and lets the night begin with a burst, as it would.
        self._door().ask(lane="ingest", account=None)
        sleepers = [(self.begins.timestamp(), number, self._worker()) for number in range(workers)]
        while sleepers:
            moment, number, worker = heapq.heappop(sleepers)
            self._wake(moment)
            if (sleep := next(worker, None)) is not None:
                heapq.heappush(sleepers, (self.now + sleep, number, worker))

    def _wake(self, moment: float) -> None:
        self.now = moment
        self.client.set(CLOCK, round(moment * 1e6))

    def _door(self) -> limiter.Limiter:
        memory, script = limiter.Memory(), script_in_virtual_time()
        return limiter.Limiter(self.client, self.pace, memory=memory, clock=lambda: self.now, script=script)

    def _worker(self) -> Iterator[float]:
        """One process, with its own memory of the pace: an account at a time, until no call is left."""
        door = self._door()
        while self.calls_left:
            if self.waiting and self.waiting[0].ready_at <= self.now:
                yield from self._drain(heapq.heappop(self.waiting), door)
            else:
                yield IDLE_SECONDS

    def _drain(self, account: Account, door: limiter.Limiter) -> Iterator[float]:
        """Like the task: under the account's lock for up to a minute, or until the door wants to be left."""
        from playlists import tasks

        ends = self.now + tasks.SECONDS
        while account.calls_left and self.now < ends:
            lease = yield from self._acquire_turn(account, door)
            if lease is None:
                break
            yield from self._call(account)
            door.done(lease)
            yield self.rng.uniform(*ROWS_SECONDS)
        if account.calls_left:
            account.ready_at = max(account.ready_at, self.now)
            heapq.heappush(self.waiting, account)

    def _acquire_turn(self, account: Account, door: limiter.Limiter) -> Generator[float, None, str | None]:
        """As accounts/spotify/call.py does: sleep what the door says; None where that is too long."""
        waited = 0.0
        while (turn := door.ask(lane="sync", account=f"account-{account.number}")).wait_seconds:
            if waited + turn.wait_seconds > call.LONGEST_WAIT_SECONDS["sync"]:
                account.ready_at = self.now + max(IDLE_SECONDS, turn.wait_seconds)
                self.put_off += 1
                return None
            yield turn.wait_seconds + self.rng.uniform(0, LATE_SECONDS)
            waited += turn.wait_seconds
            self.longest_wait = max(self.longest_wait, waited)
        return turn.lease

    def _call(self, account: Account) -> Iterator[float]:
        latency = self.rng.uniform(*ANSWER_SECONDS)
        self.arrivals.append(self.now + self.rng.uniform(0, min(latency, TRAVEL_SECONDS)))
        yield latency
        account.calls_left -= 1
        self.calls_left -= 1
        self.ended = self.now


# --- what came of it


def report(night: Night, took: float) -> bool:
    throttled, fullest = counted(night.arrivals, night.pace.calls_per_30s)
    calls, seconds = len(night.arrivals), night.ended - night.begins.timestamp()
    bound = calls * limiter.WINDOW_SECONDS / night.pace.calls_per_30s
    foreseen = forecast_of(night)
    fits = seconds <= foreseen.seconds_left
    describe(night)
    print(f"  {calls:,} calls (minimum {foreseen.calls - foreseen.looks:,}, and {foreseen.looks} looks)")
    print(f"  {throttled} x 429, fullest 30 s: {fullest} calls")
    print(
        f"  longest wait for a turn {night.longest_wait:.1f} s, put off where it took longer: {night.put_off}"
    )
    print(f"  by formula {foreseen.seconds:,.0f} s: {foreseen.sentence()}")
    print(f"  simulated {seconds:,.0f} s, {seconds / foreseen.seconds:.3f} times that, in {took:.1f} s")
    describe_end(night, seconds, foreseen, fits)
    print(f"  {seconds:,.0f} s beside {bound:,.0f} s; times calls / rate: {seconds / bound:.3f}")
    return calls == night.owed and not throttled and fits and seconds <= SLOWEST * bound


def describe_end(night: Night, seconds: float, foreseen: Forecast, fits: bool) -> None:
    ends = night.begins + dt.timedelta(seconds=seconds)
    room = f"{foreseen.seconds_left / 3600:.1f} hours to the next plan at 02:00"
    print(f"  ends at {ends:%H:%M}: {'fits' if fits else 'does NOT fit'} into the {room}")


def describe(night: Night) -> None:
    pace, copies = night.pace, sum(night.shares)
    print(
        f"simulated from {night.begins:%H:%M}: {copies // COPIES:,} playlists x {COPIES} on"
        f" {len(night.shares)} accounts, {night.workers} workers, {pace.abreast} calls abreast,"
        f" {pace.calls_per_30s} in any 30 s"
    )


def counted(arrivals: list[float], limit: int) -> tuple[int, int]:
    """(429s, fullest 30 seconds), by the window that the sandbox answers by."""
    admitting, counting = window.RollingWindow(limit), window.RollingWindow(None)
    refused = 0
    for moment in sorted(arrivals):
        refused += admitting.admit("night", now=moment) is not None
        counting.admit("night", now=moment)
    return refused, counting.fullest


def forecast_of(night: Night) -> Forecast:
    """What the product would say before this night, by its formula."""
    from playlists.sync import forecast

    ends = dt.datetime.combine(DATE + dt.timedelta(days=1), dt.time(2), dt.UTC)
    left = (ends - night.begins).total_seconds()
    looks = sum(-(-copies // gateway.PAGE) for copies in night.shares)
    return forecast.Forecast(sum(night.shares), 0, 0, night.pace.calls_per_30s, left, looks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--playlists", type=int, default=2858)
    parser.add_argument("--calls", type=int, default=180)
    parser.add_argument("--workers", type=int, default=0, help="0: as the worker plane is configured")
    sys.exit(main(parser.parse_args()))
