"""Fill, rest and reach of the network's allocation, against the maximum flow and against two simpler ways.

Run: .venv/bin/python -m benchmarks.rotation [tracks] [--days 60] [--shares 0.5,0.8,0.95,1,certified]
     .venv/bin/python -m benchmarks.rotation 120000                 60 days, twelve policies
     .venv/bin/python -m benchmarks.rotation 1000000 --days 21
     .venv/bin/python -m benchmarks.rotation policies 120000        growth: 12, 100, 300 policies

Caps, rest and policies are checked here, on the lists themselves. Lists that can not be filled are published
short by all three ways, so that fill is what listeners get."""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import random
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks import catalogues
from benchmarks.catalogues import TODAY, Row
from benchmarks.networks import COUNT, GAP, LIMITS, Range, ranges_of, spread
from curation.engine import maxflow, network, timings
from curation.engine.allocation import Item
from curation.engine.demands import Bits, Demand, Usage
from curation.policy import language

SHORT = {"on_shortfall": "short", "min_count": 1}
# Beyond this many policies the classes of tracks are too many for a maximum flow.
CLASS_FLOW_UP_TO = 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="*", default=["120000"], help="[policies] [tracks]")
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--shares", default="0.5,0.8,0.95,1,certified")
    options = parser.parse_args()
    rows = catalogues.rows(int(options.what[-1]) if options.what[-1].isdigit() else 120_000)
    print(f"{len(rows):,} tracks ({catalogues.source()}), K = {COUNT}, R = {GAP}, caps {LIMITS}", flush=True)
    if options.what[0] == "policies":
        by_policies(rows)
    else:
        fill(items_of(rows, ranges_of(12)), options.days, options.shares.split(","))


# --- the network in memory


def items_of(rows: Iterable[Row], ranges: Sequence[Range]) -> list[Item]:
    albums: dict[str, int] = {}
    found = []
    for number, row in enumerate(rows):
        album = albums.setdefault(row.album, len(albums))
        found.append(Item(number, _mask(row, ranges), row.spotify_id, tuple(row.artists), album, ""))
    return found


def _mask(row: Row, ranges: Sequence[Range]) -> int:
    own = {"popularity": row.popularity, "duration_s": row.duration_ms / 1000}
    values = {**(row.features or {}), **own}
    mask = 0
    for bit, (name, low, high) in enumerate(ranges):
        value = values.get(name)
        if value is not None and low <= value <= high:
            mask |= 1 << bit
    return mask


Lists = list[tuple[int, list[Item]]]  # (policy, its list) by playlist
Way = Callable[[list[Item], Sequence[int], dict[int, dt.date], dt.date, int], Lists]


@dataclass
class Tally:
    """What one way of building did over the days."""

    slots: int = 0
    filled: int = 0
    bound: int = 0
    worst: float = 1.0
    least_of_bound: float = 1.0
    violations: int = 0
    full: int = 0
    lists: int = 0
    used: dict[int, dt.date] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)

    def note(self, built: Lists, today: dt.date, bound: int) -> None:
        slots, filled = COUNT * len(built), sum(len(tracks) for _, tracks in built)
        self.slots, self.filled, self.bound = self.slots + slots, self.filled + filled, self.bound + bound
        self.worst = min(self.worst, filled / slots)
        self.least_of_bound = min(self.least_of_bound, filled / bound if bound else 1.0)
        self.lists += len(built)
        self.full += sum(1 for _, tracks in built if len(tracks) == COUNT)
        for p, tracks in built:
            self.violations += _broken(p, tracks)
            for item in tracks:
                last = self.used.get(item.track_id)
                self.violations += last is not None and (today - last).days < GAP
                self.used[item.track_id] = today

    def line(self, name: str, usable: int) -> str:
        return (
            f"  {name:22} fill {self.filled / self.slots:8.3%}  worst day {self.worst:8.3%}"
            f"  of the maximum flow {self.filled / self.bound:9.4%}, worst day {self.least_of_bound:9.4%}"
            f"  full lists {self.full / self.lists:7.2%}  broken {self.violations}"
            f"  reached {len(self.used) / usable:6.1%}  {statistics.median(self.milliseconds):6.0f} ms a day"
        )


def _broken(p: int, tracks: Sequence[Item]) -> int:
    artists = Counter(artist for item in tracks for artist in set(item.artists))
    albums = Counter(item.album for item in tracks)
    return (
        sum(count > LIMITS["per_artist"] for count in artists.values())
        + sum(count > LIMITS["per_album"] for count in albums.values())
        + sum(not item.mask >> p & 1 for item in tracks)
    )


def fill(items: list[Item], days: int, shares: Sequence[str]) -> None:
    classes = Counter(item.mask for item in items)
    usable = len(items) - classes.pop(0, 0)
    target = -(-usable // (COUNT * GAP))
    print(f"{len(classes)} classes, {usable:,} usable, P* = {target}; {days} days", flush=True)
    for share in shares:
        playlists = spread(target if share == "certified" else int(target * float(share)), 12)
        if share == "certified":
            playlists = maxflow.certified(classes, playlists, count=COUNT, gap=GAP)
        name = share if share == "certified" else f"{float(share):.0%} of P*"
        print(f"{name}: {sum(playlists)} playlists {playlists}", flush=True)
        _apart([(title, way, items, playlists, days, usable) for title, way in WAYS.items()])


def _report(
    title: str, way: Way, items: list[Item], playlists: Sequence[int], days: int, usable: int
) -> None:
    tally = _simulate(items, playlists, days, way)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{tally.line(title, usable)}, {peak:,.0f} MB at its peak", flush=True)


def _apart(calls: Iterable[tuple[object, ...]]) -> None:
    """Each in a process of its own, so that its memory is its own, and all at once."""
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_report, args=arguments) for arguments in calls]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise SystemExit("One of the ways ended with an error.")


def _simulate(items: list[Item], playlists: Sequence[int], days: int, way: Way) -> Tally:
    tally = Tally()
    needs = [number * COUNT for number in playlists]
    is_small = len(playlists) <= CLASS_FLOW_UP_TO
    for offset in range(days):
        today = TODAY + dt.timedelta(days=offset)
        live = [
            item
            for item in items
            if (last := tally.used.get(item.track_id)) is None or (today - last).days >= GAP
        ]
        bound = sum(maxflow.max_flow(Counter(item.mask for item in live), needs)) if is_small else sum(needs)
        start = time.process_time()
        with timings.without_collector():
            built = way(live, playlists, tally.used, today, len(items))
        tally.milliseconds.append((time.process_time() - start) * 1000)
        tally.note(built, today, bound)
        if (offset + 1) % 10 == 0:
            print(f"    {way.__name__[1:]}: {offset + 1} of {days} days", file=sys.stderr, flush=True)
    return tally


def demands(playlists: Sequence[int]) -> tuple[list[Demand], dict[int, Bits]]:
    rules = language.parse({"schema": language.SCHEMA, "limits": LIMITS, "target": SHORT})
    numbers = iter(range(1, sum(playlists) + 1))
    wanted = [
        Demand(next(numbers), "Bench", p, rules) for p, count in enumerate(playlists) for _ in range(count)
    ]
    return wanted, {p: Bits(1 << p, 0, (), 0) for p in range(len(playlists))}


def _ours(
    live: list[Item], playlists: Sequence[int], used: dict[int, dt.date], today: dt.date, total: int
) -> Lists:
    """The product's own way from candidates to lists."""
    wanted, bits = demands(playlists)
    setting = network.Setting(today, COUNT, GAP, (), total - len(live))
    day = network.build(wanted, live, bits, Usage(used), setting)
    return [(draft.demand.policy_id, [live[number] for number in draft.picks]) for draft in day.drafts]


# --- the two ways to compare with: each playlist by itself, one after the other


def _least_recent(
    live: list[Item], playlists: Sequence[int], used: dict[int, dt.date], today: dt.date, total: int
) -> Lists:
    never = dt.date.min
    return _one_by_one(sorted(live, key=lambda item: used.get(item.track_id, never)), playlists)


def _random(
    live: list[Item], playlists: Sequence[int], used: dict[int, dt.date], today: dt.date, total: int
) -> Lists:
    return _one_by_one(random.Random(today.toordinal()).sample(live, len(live)), playlists)


def _one_by_one(order: Sequence[Item], playlists: Sequence[int]) -> Lists:
    supply = [[item for item in order if item.mask >> p & 1] for p in range(len(playlists))]
    taken: set[int] = set()
    built: Lists = []
    for turn in range(max(playlists)):
        for p, number in enumerate(playlists):
            if turn < number:
                supply[p] = (
                    [item for item in supply[p] if item.track_id not in taken] if turn % 8 == 0 else supply[p]
                )
                built.append((p, _pick(supply[p], taken)))
    return built


def _pick(supply: Sequence[Item], taken: set[int]) -> list[Item]:
    found: list[Item] = []
    held: Counter[object] = Counter()
    for item in supply:
        if item.track_id in taken or held[item.album] >= 1:
            continue
        if any(held[artist] >= LIMITS["per_artist"] for artist in item.artists):
            continue
        held.update([item.album, *item.artists])
        taken.add(item.track_id)
        found.append(item)
        if len(found) == COUNT:
            break
    return found


WAYS: dict[str, Way] = {
    "this allocator": _ours,
    "least recently used": _least_recent,
    "random per playlist": _random,
}


# --- growth with policies


def by_policies(rows: Sequence[Row]) -> None:
    """Few playlists of many different policies: the classes of tracks become as many as the tracks."""
    for number in (12, 100, 300):
        items = items_of(rows, ranges_of(number))
        classes = Counter(item.mask for item in items)
        usable = len(items) - classes.pop(0, 0)
        playlists = spread(usable // (COUNT * GAP) * 9 // 10, number)
        tally = _simulate(items, playlists, 10, _ours)
        print(
            f"{number} policies, {len(classes):,} classes\n{tally.line('this allocator', usable)}", flush=True
        )


if __name__ == "__main__":
    main()
