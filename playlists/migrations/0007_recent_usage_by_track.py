"""`recent_usage` asks the index once for each track: sorting all of history took seconds for a single one."""

from django.db import migrations

# Immutable: a change of the view is a new migration with its own text.
VIEW = """
CREATE OR REPLACE VIEW recent_usage AS
SELECT tracks.spotify_id AS spotify_track_id, latest.last_used_at, latest.last_playlist_id
  FROM tracks
 CROSS JOIN LATERAL (
       SELECT entry.added_at AS last_used_at, entry.playlist_id AS last_playlist_id
         FROM playlist_entries_history AS entry
        WHERE entry.track_id = tracks.id
        ORDER BY entry.batch_tag DESC, entry.added_at DESC, entry.id DESC
        LIMIT 1) AS latest
"""
BEFORE = """
CREATE OR REPLACE VIEW recent_usage AS
SELECT DISTINCT ON (entry.spotify_track_id)
       entry.spotify_track_id,
       entry.added_at AS last_used_at,
       entry.playlist_id AS last_playlist_id
  FROM playlist_entries_history AS entry
 ORDER BY entry.spotify_track_id, entry.batch_tag DESC, entry.added_at DESC, entry.id DESC
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_measures_as_columns"),
        ("playlists", "0006_history_belongs_to_a_snapshot_of_its_playlist"),
    ]

    operations = [migrations.RunSQL(VIEW, BEFORE)]
