"""How long rotation health takes: `.venv/bin/python -m benchmarks.rotation_health [--tracks N] [--days 60]`.

Claim: with a million rows of history (343 playlists of twelve policies, 60 days, 120,000 tracks) the whole
report, network and policies, is a matter of seconds, and history older than ninety days costs nothing: the
last line compares the same report with the same history again behind it, a year older.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time

from benchmarks import catalogues
from benchmarks.catalogues import TODAY

PLAYLISTS, COUNT = 343, 50
MOST = 1.5


def main(options: argparse.Namespace) -> int:
    rows = catalogues.rows(options.tracks)
    with catalogues.database():
        catalogues.store(rows)
        playlists()
        history(options.days, until=TODAY)
        lately = seconds()
        print(f"{options.days * PLAYLISTS * COUNT:,} uses of {len(rows):,} tracks: {lately:.2f} s")
        history(options.days, until=TODAY - dt.timedelta(days=365))
        ever = seconds()
        print(f"the same again a year before: {ever:.2f} s")
        print(f"twice the history costs {ever / lately:.2f} times as much (limit {MOST})")
        return 0 if ever / lately <= MOST else 1


def seconds() -> float:
    from playlists.rotation import health

    health.report(TODAY)
    began = time.perf_counter()
    health.report(TODAY)
    return time.perf_counter() - began


def playlists() -> None:
    from curation.policy import revisions
    from playlists.models import Playlist

    now = dt.datetime.combine(TODAY, dt.time(4), dt.UTC)
    rules = revisions.load_examples(author="bench", now=now)
    Playlist.objects.bulk_create(
        Playlist(
            name=f"List {n}", policy=rules[n % 12], theme_tag=rules[n % 12].theme_tag, global_index=n + 1
        )
        for n in range(PLAYLISTS)
    )


def history(days: int, *, until: dt.date) -> None:
    """A list a day for each playlist, every track of the catalogue in its turn."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"until": until, "days": days, "count": COUNT})
        cursor.execute("ANALYZE playlist_entries_history, playlist_snapshots, playlists")


_HISTORY = """
WITH made AS (
    INSERT INTO playlist_snapshots
        (playlist_id, date, state, size, digest, reason, relaxations, funnel, body, created_at)
    SELECT id, %(until)s::date - day, 'built', %(count)s, '', '', '[]', '{}', '', now()
      FROM playlists, generate_series(0, %(days)s - 1) AS day
    RETURNING id, playlist_id, date),
     numbered AS (SELECT *, row_number() OVER (ORDER BY date, playlist_id) - 1 AS number FROM made),
     turns AS (
        SELECT id, spotify_id, row_number() OVER (ORDER BY hashint8(id)) - 1 AS turn FROM tracks)
INSERT INTO playlist_entries_history
    (snapshot_id, playlist_id, track_id, spotify_track_id, position, batch_tag, reasons, added_at)
SELECT numbered.id, playlist_id, turns.id, spotify_id, place, date::text,
       '{"pool": "rest", "score": 0.612, "rested": 12, "terms": {"energy": 0.91}}', now()
  FROM numbered
 CROSS JOIN generate_series(1, %(count)s) AS place
  JOIN turns ON turn = (number * %(count)s + place - 1) %% (SELECT count(*) FROM tracks)
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=120_000)
    parser.add_argument("--days", type=int, default=60)
    sys.exit(main(parser.parse_args()))
