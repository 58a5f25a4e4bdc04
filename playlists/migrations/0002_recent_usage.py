"""The `recent_usage` view: when and where each track was last used, for people and outsiders."""

from django.db import migrations

# Immutable: a change of the view is a new migration with its own text.
CREATE = """
CREATE VIEW recent_usage AS
SELECT DISTINCT ON (entry.spotify_track_id)
       entry.spotify_track_id,
       entry.added_at AS last_used_at,
       entry.playlist_id AS last_playlist_id
  FROM playlist_entries_history AS entry
 ORDER BY entry.spotify_track_id, entry.batch_tag DESC, entry.added_at DESC, entry.id DESC
"""
DROP = "DROP VIEW recent_usage"


class Migration(migrations.Migration):
    dependencies = [("playlists", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
