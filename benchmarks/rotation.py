"""Fill, rest and reach of the network's allocation, against the maximum flow and against two simpler ways.

Run: .venv/bin/python -m benchmarks.rotation fill [--tracks 120000] [--days 60] [--shares
0.5,0.8,0.95,1,certified]
     .venv/bin/python -m benchmarks.rotation day [--tracks 120000]        days from SQL to rows written
     .venv/bin/python -m benchmarks.rotation policies [--tracks 120000]   growth with the number of policies
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks import catalogues
from benchmarks.catalogues import TODAY, Row
from curation import flow, network, policy
from curation.allocation import Item
from curation.demands import Bits, Demand, Usage

COUNT, GAP = 50, 7
# Twelve overlapping policies, 16 to 62 % of the real tracks each: (field, from, to).
RANGES = (
    ("energy", 0.65, 2), ("energy", -1, 0.45), ("danceability", 0.6, 2), ("danceability", -1, 0.5),
    ("valence", 0.55, 2), ("valence", -1, 0.35), ("tempo", 120, 300), ("tempo", 0, 105),
    ("acousticness", 0.3, 2), ("popularity", 45, 101), ("duration_s", 0, 200), ("loudness", -7, 10),
)  # fmt: skip
# More playlists for the narrow policies, so that the mix binds about where the catalogue does.
WEIGHTS = (3, 4, 2, 4, 2, 4, 2, 4, 3, 2, 3, 2)
LIMITS = {"per_artist": 2, "per_album": 1, "one_per_recording": False}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["fill", "day", "policies"])
    parser.add_argument("--tracks", type=int, default=120_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--shares", default="0.5,0.8,0.95,1,certified")
    options = parser.parse_args()
    rows = catalogues.rows(options.tracks)
    print(f"{len(rows):,} tracks ({catalogues.source()}), K = {COUNT}, R = {GAP}, caps {LIMITS}")
    if options.what == "fill":
        fill(rows, options.days, options.shares.split(","))
    elif options.what == "day":
        whole_day(rows)
    else:
        by_policies(rows)


# --- the network in memory


def items_of(rows: Sequence[Row], ranges: Sequence[tuple[str, float, float]]) -> list[Item]:
    albums: dict[str, int] = {}
    return [
        Item(
            number,
            _mask(row, ranges),
            row.spotify_id,
            row.artists,
            albums.setdefault(row.album, len(albums)),
            "",
        )
        for number, row in enumerate(rows)
    ]


def _mask(row: Row, ranges: Sequence[tuple[str, float, float]]) -> int:
    own = {"popularity": row.popularity, "duration_s": row.duration_ms / 1000}
    values = {**(row.features or {}), **own}
    mask = 0
    for bit, (name, low, high) in enumerate(ranges):
        value = values.get(name)
        if value is not None and low <= value <= high:
            mask |= 1 << bit
    return mask


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

    def note(self, built: Sequence[list[Item]], filled: int, today: dt.date, bound: int) -> None:
        slots = COUNT * len(built)
        self.slots, self.filled, self.bound = self.slots + slots, self.filled + filled, self.bound + bound
        self.worst = min(self.worst, filled / slots)
        self.least_of_bound = min(self.least_of_bound, filled / bound if bound else 1.0)
        self.lists += len(built)
        self.full += sum(1 for tracks in built if len(tracks) == COUNT)
        for tracks in built:
            self.violations += _broken_caps(tracks)
            for item in tracks:
                last = self.used.get(item.track_id)
                self.violations += last is not None and (today - last).days < GAP
                self.used[item.track_id] = today

    def line(self, name: str, usable: int) -> str:
        return (
            f"  {name:24} fill {self.filled / self.slots:8.3%}  worst day {self.worst:7.2%}"
            f"  full lists {self.full / self.lists:7.2%}  broken {self.violations}"
            f"  reached {len(self.used) / usable:6.1%}  {statistics.median(self.milliseconds):6.0f} ms a day"
        )


def _broken_caps(tracks: Sequence[Item]) -> int:
    artists = Counter(artist for item in tracks for artist in item.artists)
    albums = Counter(item.album for item in tracks)
    return sum(n > LIMITS["per_artist"] for n in artists.values()) + sum(n > 1 for n in albums.values())


def fill(rows: Sequence[Row], days: int, shares: Sequence[str]) -> None:
    items = items_of(rows, RANGES)
    classes = Counter(item.mask for item in items)
    usable = len(items) - classes.pop(0, 0)
    target = -(-usable // (COUNT * GAP))
    print(f"{len(classes)} classes, {usable:,} usable, P* = {target}; {days} days")
    for share in shares:
        playlists = _spread(target if share == "certified" else int(target * float(share)))
        if share == "certified":
            playlists = flow.certified(classes, playlists, count=COUNT, gap=GAP)
        print(f"{share} of P*: {sum(playlists)} playlists {playlists}")
        ours = _simulate(items, playlists, days, _ours)
        print(ours.line("this allocator", usable))
        print(f"    of the maximum flow: {ours.filled / ours.bound:.4%}, least {ours.least_of_bound:.4%}")
        for name, way in (("least recently used", _least_recent), ("random per playlist", _random)):
            print(_simulate(items, playlists, days, way).line(name, usable))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


def _spread(total: int, weights: Sequence[int] = WEIGHTS) -> list[int]:
    """Playlists over policies by weight, by largest remainder."""
    exact = [total * weight / sum(weights) for weight in weights]
    found = [int(value) for value in exact]
    for p in sorted(range(len(exact)), key=lambda p: found[p] - exact[p])[: total - sum(found)]:
        found[p] += 1
    return found


Lists = tuple[list[list[Item]], int]  # tracks by list, slots filled
Way = Callable[[list[Item], Sequence[int], dict[int, dt.date], dt.date, int], Lists]


def _simulate(items: list[Item], playlists: Sequence[int], days: int, way: Way) -> Tally:
    tally = Tally()
    needs = [number * COUNT for number in playlists]
    for offset in range(days):
        today = TODAY + dt.timedelta(days=offset)
        live = [
            item
            for item in items
            if (last := tally.used.get(item.track_id)) is None or (today - last).days >= GAP
        ]
        bound = sum(flow.max_flow(Counter(item.mask for item in live), needs))
        start = time.process_time()
        built, filled = way(live, playlists, tally.used, today, len(items))
        tally.milliseconds.append((time.process_time() - start) * 1000)
        tally.note(built, filled, today, bound)
    return tally


def demands(playlists: Sequence[int]) -> tuple[list[Demand], dict[int, Bits]]:
    rules = policy.parse({"schema": policy.SCHEMA, "limits": LIMITS})
    numbers = iter(range(1, sum(playlists) + 1))
    wanted = [
        Demand(next(numbers), "Bench", p, rules) for p, count in enumerate(playlists) for _ in range(count)
    ]
    return wanted, {p: Bits(1 << p, 0, (), 0) for p in range(len(playlists))}


def _ours(
    live: list[Item], playlists: Sequence[int], used: dict[int, dt.date], today: dt.date, total: int
) -> Lists:
    """The product's own way from candidates to lists. Lists that came out short hold, so that the others are
    whole."""
    wanted, bits = demands(playlists)
    setting = network.Setting(today, COUNT, GAP, (), total - len(live))
    day = network.build(wanted, live, bits, Usage(used), setting)
    built = [[live[number] for number in draft.picks] for draft in day.drafts]
    return built, day.filled_before_settling


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
    built = []
    for turn in range(max(playlists)):
        for p, number in enumerate(playlists):
            if turn < number:
                supply[p] = (
                    [item for item in supply[p] if item.track_id not in taken] if turn % 8 == 0 else supply[p]
                )
                built.append(_pick(supply[p], taken))
    return built, sum(map(len, built))


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


# --- a whole day from SQL to rows


def whole_day(rows: list[Row]) -> None:
    with catalogues.database():
        from curation import candidates, engine

        catalogues.store(rows)
        total = candidates.count()
        playlists = _spread(total // (COUNT * GAP))
        wanted = list(_documents(playlists))
        used: dict[int, dt.date] = {}
        for offset in range(GAP + 3):
            today = TODAY + dt.timedelta(days=offset)
            start = time.perf_counter()
            usage = _usage(today)
            read = time.perf_counter()
            result = engine.day(wanted, usage=engine.Usage(usage), today=today, count=COUNT, gap_days=GAP)
            built = time.perf_counter()
            written = _write(result, today)
            end = time.perf_counter()
            broken = sum(
                (today - used[e.track_id]).days < GAP
                for built_list in result.lists.values()
                for e in built_list.entries
                if e.track_id in used
            )
            used |= {e.track_id: today for built_list in result.lists.values() for e in built_list.entries}
            print(
                f"day {offset}: {len(result.lists)} of {len(wanted)} full, {written:,} rows, broken {broken};"
                f" usage {read - start:.2f} s, engine {built - read:.2f} s, rows {end - built:.2f} s,"
                f" all {end - start:.2f} s  {result.milliseconds}"
            )


def _documents(playlists: Sequence[int]) -> Iterator[Demand]:
    number = 0
    for policy_id, ((name, low, high), count) in enumerate(zip(RANGES, playlists, strict=True)):
        where = {"field": name, "op": "between", "value": [low, high]}
        rules = policy.parse(
            {"schema": policy.SCHEMA, "where": where, "limits": LIMITS, "order": {"by": "shuffle"}}
        )
        for _ in range(count):
            number += 1
            yield Demand(number, "Bench", policy_id, rules)


def _usage(today: dt.date) -> dict[int, dt.date]:
    """The last use of each track in the last two rotations, from a history table of the same shape."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_history (playlist_id bigint, track_id bigint,"
            " spotify_track_id text, position int, batch_tag text, reasons jsonb)"
        )
        cursor.execute("CREATE INDEX IF NOT EXISTS bench_recent ON bench_history (batch_tag, track_id)")
        since = (today - dt.timedelta(days=2 * GAP)).isoformat()
        cursor.execute(
            "SELECT track_id, max(batch_tag)::date FROM bench_history"
            " WHERE batch_tag >= %s GROUP BY track_id",
            [since],
        )
        return dict(cursor.fetchall())


def _write(result: object, today: dt.date) -> int:
    import orjson
    from django.db import connection

    rows = [
        (
            playlist,
            e.track_id,
            e.spotify_track_id,
            e.position,
            today.isoformat(),
            orjson.dumps(e.reasons).decode(),
        )
        for playlist, built in result.lists.items()  # type: ignore[attr-defined]
        for e in built.entries
    ]
    with connection.cursor() as cursor, cursor.copy("COPY bench_history FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return len(rows)


# --- growth with policies


def by_policies(rows: Sequence[Row]) -> None:
    rng = random.Random(5)
    names = ("energy", "danceability", "valence", "acousticness")
    usable = len(rows)
    for number in (12, 100, 300):
        ranges = []
        for _ in range(number):
            low = rng.uniform(0, 0.6)
            ranges.append((rng.choice(names), low, low + rng.uniform(0.2, 0.6)))
        items = items_of(rows, ranges)
        playlists = _spread(usable // (COUNT * GAP) * 9 // 10, [1] * number)
        tally = _simulate(items, playlists, 10, _ours)
        print(tally.line(f"{number} policies", usable))


if __name__ == "__main__":
    main()
