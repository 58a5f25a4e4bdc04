"""A catalogue of any size made inside PostgreSQL in a minute: tracks, album links, and days of playlists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from benchmarks import catalogues

PER_ALBUM = 10
PLAYLISTS, ACCOUNTS, COPIES, LENGTH = 343, 14, 2, 50
DAYS_OF_ENTRIES, DAYS_OF_LISTS = 3, 30
NOW = dt.datetime.combine(catalogues.TODAY, dt.time(5), dt.UTC)


def fill(tracks: int) -> None:
    """Empty tables get `tracks` tracks on a tenth as many albums, and a network of playlists of them."""
    from django.db import connection

    from catalog.ingest import backfill

    numbers: dict[str, Any] = {
        "tracks": tracks,
        "albums": tracks // PER_ALBUM,
        "now": NOW,
        "today": catalogues.TODAY,
    }
    numbers |= {"length": LENGTH, "days": DAYS_OF_ENTRIES}
    numbers["stride"] = max(1, tracks // (PLAYLISTS * LENGTH))
    with connection.cursor() as cursor:
        # The rows refer to each other by construction: looking that up a million times takes a minute.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT setseed(0.5)")
        for statement in (_ARTISTS, _ALBUMS, _TRACKS, _BATCHES, _SOURCES, _LINKS):
            cursor.execute(statement, numbers | _words())
        _publish()
        cursor.execute(_ENTRIES, numbers)
        _render()
        cursor.execute(_OLDER_BODIES, numbers)
        for table in ("albums", "tracks", "album_batches", "album_sources"):
            cursor.execute(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
        cursor.execute("RESET session_replication_role")
        backfill.complete()
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have by the next day


def _words() -> dict[str, Any]:
    from sandbox import words

    return {
        "first": list(words.FIRST),
        "start": list(words.SURNAME_START),
        "end": list(words.SURNAME_END),
        "adjective": list(words.ADJECTIVE),
        "noun": list(words.NOUN),
        "mood": [word for some in words.MOODS.values() for word in some],
    }


def _publish() -> None:
    """Policies, playlists with a month of lists, and their copies: through the models, as they are few."""
    from accounts.models import Account
    from curation.policy import revisions
    from playlists.models import Playlist, PlaylistCopy, Snapshot

    policies = revisions.load_examples(author="bench", now=NOW)
    owners = Account.objects.bulk_create(
        Account(label=f"Bench {n}", spotify_user_id=f"bench-{n}", display_name=f"Bench {n}")
        for n in range(ACCOUNTS)
    )
    lists = Playlist.objects.bulk_create(
        Playlist(
            name=f"{policies[number % len(policies)].name} {number}",
            policy=policies[number % len(policies)],
            theme_tag=policies[number % len(policies)].theme_tag or "Vibe",
            global_index=number,
            replication_factor=COPIES,
            is_managed=True,
        )
        for number in range(1, PLAYLISTS + 1)
    )
    names = (
        (one, copy, f"4{one.global_index * COPIES + copy:021}") for one in lists for copy in range(COPIES)
    )
    PlaylistCopy.objects.bulk_create(
        PlaylistCopy(
            playlist=one,
            account=owners[(one.global_index + copy) % ACCOUNTS],
            spotify_playlist_id=name,
            external_url=f"https://open.spotify.com/playlist/{name}",
            status=PlaylistCopy.Status.SYNCED,
            last_synced_at=NOW,
        )
        for one, copy, name in names
    )

    days = [catalogues.TODAY - dt.timedelta(days=day) for day in range(DAYS_OF_LISTS)]
    Snapshot.objects.bulk_create(
        Snapshot(playlist=one, date=day, state="built", size=LENGTH, created_at=NOW)
        for one in lists
        for day in days
    )


def _render() -> None:
    """The newest day's bodies, rendered as the night renders them."""
    from playlists.models import HistoryEntry, Snapshot
    from playlists.rotation import rendering

    newest = Snapshot.objects.filter(date=catalogues.TODAY).select_related("playlist")
    entries: dict[int, list[int]] = {}
    for snapshot_id, track_id in (
        HistoryEntry.objects.filter(snapshot__in=newest)
        .order_by("snapshot", "position")
        .values_list("snapshot_id", "track_id")
    ):
        entries.setdefault(snapshot_id, []).append(track_id)
    told = rendering.tracks_of(track for ids in entries.values() for track in ids)
    written = []
    for snapshot in newest:
        rows = [told[track] for track in entries[snapshot.pk]]
        snapshot.digest = rendering.digest([row["spotify_id"] for row in rows])
        snapshot.body = rendering.body(snapshot.playlist, snapshot.date, rows)
        written.append(snapshot)
    Snapshot.objects.bulk_update(written, ["digest", "body"], batch_size=100)


# A word from a list, the first ones far more often than the last: as in real titles.
def _pick(name: str) -> str:
    return f"(%({name})s::text[])[1 + floor(power(random(), 3) * cardinality(%({name})s::text[]))::int]"


_ARTISTS = """
    CREATE TEMP TABLE bench_artists AS
    SELECT n, '3' || lpad(n::text, 21, '0') AS spotify_id,
           (%(first)s::text[])[1 + n %% cardinality(%(first)s::text[])] || ' '
           || (%(start)s::text[])[1 + (n / 7) %% cardinality(%(start)s::text[])]
           || (%(end)s::text[])[1 + (n / 11) %% cardinality(%(end)s::text[])] AS name
    FROM generate_series(0, greatest(50, %(albums)s / 3)) AS n
"""
# Heavy-tailed: a few artists have hundreds of albums, most have one.
_ALBUMS = f"""
    WITH drawn AS MATERIALIZED (
        SELECT n, floor(power(random(), 2.5) * %(albums)s / 3)::int AS artist,
               date '1960-01-01' + (power(random(), 0.4) * 24400)::int AS day,
               {_pick("adjective")} || ' ' || {_pick("noun")} AS name, random() AS dice
        FROM generate_series(1, %(albums)s) AS n
    )
    INSERT INTO albums (id, spotify_id, name, artist, artist_ids, release_date, release_date_precision,
        released_on, album_type, total_tracks, label, popularity, genres, tags, image_url, fetched_at)
    SELECT drawn.n, '1' || lpad(drawn.n::text, 21, '0'), drawn.name, artists.name, ARRAY[artists.spotify_id],
           drawn.day::text, 'day', drawn.day,
           CASE WHEN dice < 0.75 THEN 'album' WHEN dice < 0.97 THEN 'single' ELSE 'compilation' END,
           {PER_ALBUM}, 'Low Tide Records', floor(dice * 90), '{{}}', '{{}}', '', %(now)s
    FROM drawn JOIN bench_artists AS artists ON artists.n = drawn.artist ORDER BY drawn.n
"""
_TRACKS = f"""
    WITH drawn AS MATERIALIZED (
        SELECT n, 1 + (n - 1) / {PER_ALBUM} AS album_id, random() AS dice, random() AS known,
               {_pick("mood")} || ' ' || {_pick("noun")} AS name,
               CASE WHEN random() < 0.3 THEN {_pick("adjective")} || ' ' ELSE '' END AS before
        FROM generate_series(1, %(tracks)s) AS n
    ), dressed AS (
        SELECT *, CASE WHEN dice < 0.02 THEN 'live' WHEN dice < 0.05 THEN 'remix'
                       WHEN dice < 0.08 THEN 'remaster' ELSE 'original' END AS version
        FROM drawn
    )
    INSERT INTO tracks (id, spotify_id, album_id, name, artist, artist_ids, artist_names, isrc, popularity,
        explicit, duration_ms, disc_number, track_number, is_playable, version, recording_key, energy,
        danceability, audio_features, features_source, features_at, features_absent_at, added_at)
    SELECT dressed.n, '2' || lpad(dressed.n::text, 21, '0'), album_id,
           before || dressed.name || CASE version WHEN 'live' THEN ' - Live' WHEN 'remix' THEN ' - Remix'
                                  WHEN 'remaster' THEN ' - Remastered' ELSE '' END,
           albums.artist, albums.artist_ids, ARRAY[albums.artist], 'QZ' || lpad(dressed.n::text, 10, '0'),
           floor(dice * 100), known < 0.1, 120000 + (dice * 240000)::int, 1, 1 + (dressed.n - 1) %% 10,
           dice > 0.019, version, 'isrc:QZ' || lpad(dressed.n::text, 10, '0'),
           CASE WHEN known < 0.75 THEN known END, CASE WHEN known < 0.75 THEN dice END,
           CASE WHEN known < 0.75 THEN jsonb_build_object('energy', known, 'danceability', dice, 'valence',
               1 - dice, 'tempo', 80 + 90 * dice, 'key', 5, 'mode', 1, 'loudness', -7.5) END,
           CASE WHEN known < 0.75 THEN 'reccobeats' END, CASE WHEN known < 0.75 THEN %(now)s END,
           CASE WHEN known >= 0.75 THEN %(now)s END, %(now)s
    FROM dressed JOIN albums ON albums.id = album_id ORDER BY dressed.n
"""
_BATCHES = """
    INSERT INTO album_batches (id, label, submitted_by, digest, lines, queued, duplicates, invalid, priority,
        created_at)
    SELECT n, 'Import ' || n, 'bench', md5(n::text), 10000, 10000, 0, '[]', 0,
           %(now)s - n * interval '1 day'
    FROM generate_series(1, 1 + (%(albums)s - 1) / 10000) AS n
"""
_SOURCES = """
    INSERT INTO album_sources (id, batch_id, url, spotify_album_id, album_id, status, failure_reason,
        attempts, priority, claim, claimed_until, created_at, ingested_at, failed_at)
    SELECT n, 1 + (n - 1) / 10000, 'https://open.spotify.com/album/1' || lpad(n::text, 21, '0'),
           '1' || lpad(n::text, 21, '0'), CASE WHEN state = 'ingested' THEN n END, state,
           CASE WHEN state = 'failed' THEN 'No album under this id. (' || n %% 6 || ')' ELSE '' END,
           1, 0, NULL, NULL, %(now)s - interval '2 hours',
           CASE WHEN state = 'ingested' THEN %(now)s - interval '1 hour' END,
           CASE WHEN state = 'failed' THEN %(now)s - interval '1 hour' END
    FROM generate_series(1, %(albums)s) AS n,
         LATERAL (SELECT CASE WHEN n %% 97 = 0 THEN 'failed' WHEN n %% 53 = 0 THEN 'queued'
                         ELSE 'ingested' END) AS states (state)
"""
_LINKS = f"""
    INSERT INTO album_track_map (album_source_id, track_id)
    SELECT 1 + (n - 1) / {PER_ALBUM}, n FROM generate_series(1, %(tracks)s) AS n
"""
_ENTRIES = """
    INSERT INTO playlist_entries_history (snapshot_id, playlist_id, track_id, spotify_track_id, position,
        batch_tag, reasons, added_at)
    SELECT snapshots.id, playlists.id, tracks.id, tracks.spotify_id, position, snapshots.date::text,
           '{"score": 0.5}', snapshots.created_at
    FROM playlist_snapshots AS snapshots
    JOIN playlists ON playlists.id = snapshots.playlist_id
    CROSS JOIN generate_series(1, %(length)s) AS position
    JOIN tracks ON tracks.id = 1 + (
        ((global_index - 1) * %(length)s + position) * %(stride)s + (%(today)s::date - snapshots.date)
    ) %% %(tracks)s
    WHERE snapshots.date > %(today)s::date - %(days)s
"""
_OLDER_BODIES = """
    UPDATE playlist_snapshots AS older SET body = newest.body, digest = newest.digest
    FROM playlist_snapshots AS newest
    WHERE newest.playlist_id = older.playlist_id AND newest.date = %(today)s AND older.date < newest.date
"""
