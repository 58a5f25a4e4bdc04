"""A network's whole day from SQL to rows written and checked, phase by phase, beside a loop over playlists.

Run: .venv/bin/python -m benchmarks.whole_day [tracks] [playlists] [policies] [--history DAYS] [--days N]
     .venv/bin/python -m benchmarks.whole_day 120000                     343 playlists, a year of history
     .venv/bin/python -m benchmarks.whole_day 1000000 --history 21       2,857 playlists
     .venv/bin/python -m benchmarks.whole_day 120000 342 300             growth: 12, 100, 300 policies
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import random
import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks import catalogues
from benchmarks.catalogues import TODAY
from benchmarks.networks import COUNT, GAP, LIMITS, ranges_of, spread

DAY = dt.timedelta(days=1)
NOW = dt.datetime.combine(TODAY, dt.time(4), dt.UTC)
SAMPLE = 3
# What is not the choice of tracks: order within a list, and the public API's answer, rendered and stored.
_BESIDE = ("facts", "arrange", "render")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tracks", type=int, nargs="?", default=120_000)
    parser.add_argument("playlists", type=int, nargs="?", default=0)
    parser.add_argument("policies", type=int, nargs="?", default=12)
    parser.add_argument("--history", type=int, default=365, help="days of history before the first build")
    parser.add_argument("--days", type=int, default=3, help="days to measure")
    options = parser.parse_args()
    options.playlists = options.playlists or -(-options.tracks // (COUNT * GAP))
    with catalogues.database():
        from django.conf import settings

        settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = COUNT, GAP
        # In a process of its own, so that the memory we state is that of building alone.
        _apart(_prepare, options)
        _measure(options)


def _apart(work: Any, *arguments: Any) -> None:
    from django.db import connections

    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=work, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"{work.__name__} ended with {child.exitcode}")


# --- the network: catalogue, policies, playlists, and a history older than any rest


def _prepare(options: argparse.Namespace) -> None:
    start = time.perf_counter()
    catalogues.store(catalogues.rows(options.tracks))
    policies = _policies(ranges_of(options.policies))
    _playlists(policies, spread(options.playlists, options.policies))
    _history(options)
    print(
        f"{options.tracks:,} tracks ({catalogues.source()}), {options.playlists:,} playlists,"
        f" {options.policies} policies, {options.history} days of history;"
        f" K = {COUNT}, R = {GAP}  (prepared in {time.perf_counter() - start:.0f} s)"
    )


def _policies(ranges: list[tuple[str, float, float]]) -> list[Any]:
    from curation.policy import language, revisions

    found = []
    for number, (name, low, high) in enumerate(ranges, 1):
        where = {"field": name, "op": "between", "value": [low, high]}
        body = {"schema": language.SCHEMA, "where": where, "limits": LIMITS}
        found.append(revisions.save(f"Policy {number}", body, author="benchmark", now=NOW))
    return found


def _playlists(policies: list[Any], counts: list[int]) -> None:
    from playlists.models import Playlist

    of = [policy for policy, count in zip(policies, counts, strict=True) for _ in range(count)]
    Playlist.objects.bulk_create(
        Playlist(name=f"Playlist {n}", theme_tag=one.theme_tag, policy=one, global_index=n)
        for n, one in enumerate(of, 1)
    )


def _history(options: argparse.Namespace) -> None:
    from django.db import connection

    first = TODAY - (options.history + GAP) * DAY
    values = {"first": first, "days": options.history, "tracks": options.tracks, "count": COUNT}
    with connection.cursor() as cursor:
        cursor.execute(_SNAPSHOTS, values)
        cursor.execute(_ENTRIES, values)
        cursor.execute("VACUUM ANALYZE playlist_entries_history, playlist_snapshots")


_SNAPSHOTS = """
INSERT INTO playlist_snapshots
       (playlist_id, date, state, digest, size, reason, relaxations, funnel, body, created_at)
SELECT playlists.id, %(first)s::date + day, 'built', '', %(count)s, '', '[]', '{}', '', %(first)s::date + day
  FROM generate_series(0, %(days)s - 1) AS day, playlists
 ORDER BY day, playlists.id
"""
# Round and round the catalogue, so that every rest is as long as it can be.
_ENTRIES = """
INSERT INTO playlist_entries_history
       (snapshot_id, playlist_id, track_id, spotify_track_id, position, batch_tag, reasons, added_at)
SELECT snapshot.id, snapshot.playlist_id, tracks.id, tracks.spotify_id, place, snapshot.date::text,
       '{"pool": "rest", "score": 0.5, "rested": 7}', snapshot.created_at
  FROM playlist_snapshots AS snapshot
 CROSS JOIN generate_series(1, %(count)s) AS place
  JOIN tracks ON tracks.id = 1 + (snapshot.id * %(count)s + place) %% %(tracks)s
 ORDER BY snapshot.date, snapshot.playlist_id, place
"""


# --- our day


def _measure(options: argparse.Namespace) -> None:
    from playlists.rotation import snapshots

    days = []
    for offset in range(GAP + options.days):
        date = TODAY + offset * DAY
        start, cpu = time.perf_counter(), time.process_time()
        outcome = snapshots.build(date, now=NOW + offset * DAY)
        seconds = time.perf_counter() - start
        cpu = time.process_time() - cpu
        rows = sum(len(made.entries) for made in outcome.lists.values())
        wanted = COUNT * options.playlists
        print(
            f"day {offset}: {len(outcome.built):,} lists, {len(outcome.held)} held, {rows:,} rows"
            f" ({rows / wanted:.2%}), {_broken(date)} broken;  {seconds:.2f} s (Python {cpu:.2f} s): "
            + ", ".join(f"{name} {ms / 1000:.3f}" for name, ms in outcome.milliseconds.items()),
            flush=True,
        )
        if offset >= GAP:
            days.append((seconds, outcome.milliseconds))
        _until_tomorrow()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = statistics.median(seconds for seconds, _ in days)
    chosen = statistics.median(
        seconds - sum(laps.get(name, 0.0) for name in _BESIDE) / 1000 for seconds, laps in days
    )
    print(f"peak memory {peak:,.0f} MB")
    print(
        f"select, allocate, deal, COPY, verify {chosen:.2f} s; with order and rendered answers {whole:.2f} s"
    )
    date = TODAY + (GAP + options.days) * DAY
    loop = statistics.median(_by_itself(date, policy, playlist) for policy, playlist in _sample())
    print(
        f"a loop that reads recent_usage whole: {loop:.2f} s a playlist, {loop * options.playlists:,.0f} s"
        f" a day: ours is {loop * options.playlists / whole:,.0f} times as fast"
        f" ({loop * options.playlists / chosen:,.0f} without order and rendering)"
    )


def _until_tomorrow() -> None:
    """What autovacuum does in the day that lies between."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM playlist_entries_history")


def _broken(date: dt.date) -> int:
    """Uses of this date that repeat within the gap or on the date, and caps broken: counted from the rows."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_WINDOW, {"first": str(date - (GAP - 1) * DAY), "date": str(date)})
        window = Counter(track for (track,) in cursor.fetchall())
        cursor.execute(_TODAY, {"date": str(date)})
        today = cursor.fetchall()
    artists = Counter((playlist, artist) for playlist, _, names, _ in today for artist in names)
    albums = Counter((playlist, album) for playlist, _, _, album in today)
    return (
        sum(window[track] > 1 for _, track, _, _ in today)
        + sum(count > LIMITS["per_artist"] for count in artists.values())
        + sum(count > LIMITS["per_album"] for count in albums.values())
    )


_WINDOW = "SELECT track_id FROM playlist_entries_history WHERE batch_tag BETWEEN %(first)s AND %(date)s"
_TODAY = """
SELECT playlist_id, track_id, artist_ids, album_id
  FROM playlist_entries_history JOIN tracks ON tracks.id = track_id WHERE batch_tag = %(date)s
"""


# --- the loop: each playlist by itself, reading when every track was last used


def _sample() -> Iterator[tuple[Any, int]]:
    from playlists.models import Playlist

    found = Playlist.objects.select_related("policy").order_by("global_index")
    for playlist in random.Random(1).sample(list(found), SAMPLE):
        yield playlist.policy, playlist.pk


def _by_itself(date: dt.date, policy: Any, playlist: int) -> float:
    from django.db import connection, transaction

    from catalog.models import Track
    from playlists.models import HistoryEntry, RecentUsage, Snapshot

    start = time.perf_counter()
    with transaction.atomic():
        used = dict(RecentUsage.objects.values_list("spotify_track_id", "last_used_at"))
        since = dt.datetime.combine(date - (GAP - 1) * DAY, dt.time(), dt.UTC)
        rested = [row for row in _matching(policy) if row[1] not in used or used[row[1]] < since]
        picks = _pick(rested, random.Random(playlist))
        snapshot = Snapshot.objects.create(
            playlist_id=playlist, date=date, state="built", size=len(picks), created_at=NOW
        )
        HistoryEntry.objects.bulk_create(
            HistoryEntry(
                snapshot=snapshot, playlist_id=playlist, track_id=row[0], spotify_track_id=row[1],
                position=place, batch_tag=str(date), added_at=NOW,
            )
            for place, row in enumerate(picks, 1)
        )  # fmt: skip
        assert Track.objects.filter(pk__in=[row[0] for row in picks]).count() == len(picks)
    connection.close()
    return time.perf_counter() - start


def _matching(policy: Any) -> list[tuple[Any, ...]]:
    from curation.engine import candidates
    from curation.policy import language

    questions, _ = candidates.ask([language.parse(policy.body)], today=TODAY)
    return [
        (item.track_id, item.spotify_id, item.artists, item.album) for item in candidates.select(questions)
    ]


def _pick(rested: list[tuple[Any, ...]], rng: random.Random) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    held: Counter[Any] = Counter()
    rng.shuffle(rested)
    for row in rested:
        if held[row[3]] or any(held[artist] >= LIMITS["per_artist"] for artist in row[2]):
            continue
        held.update([row[3], *row[2]])
        found.append(row)
        if len(found) == COUNT:
            break
    return found


if __name__ == "__main__":
    main()
