"""Each night's entries are vacuumed soon, so that the last days are read from the index alone: by default a large
table waits until a fifth of it is new, which with years of history is months."""

from django.db import migrations

SET = """
ALTER TABLE playlist_entries_history
  SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000)
"""
RESET = """
ALTER TABLE playlist_entries_history
RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold)
"""


class Migration(migrations.Migration):
    dependencies = [("playlists", "0007_recent_usage_by_track")]

    operations = [migrations.RunSQL(SET, RESET)]
