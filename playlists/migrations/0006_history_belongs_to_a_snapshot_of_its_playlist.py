"""An entry's snapshot is one of its playlist: a truth that two separate foreign keys did not hold, for one
check a row instead of two in every night's copy.

Old code runs on beside it. All of history is checked once, and nobody writes to it meanwhile: some seconds for
a million entries.
"""

import django.db.models.deletion
from django.db import migrations, models

# The names that Django gave the two are made of hashes: whatever they are called, they go.
DROP = """
DO $$
DECLARE found text;
BEGIN
    FOR found IN
        SELECT conname FROM pg_constraint
         WHERE conrelid = 'playlist_entries_history'::regclass AND contype = 'f'
           AND confrelid IN ('playlists'::regclass, 'playlist_snapshots'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE playlist_entries_history DROP CONSTRAINT %I', found);
    END LOOP;
END $$
"""
ADD = """
ALTER TABLE playlist_snapshots ADD CONSTRAINT snapshots_of_a_playlist UNIQUE (id, playlist_id);
ALTER TABLE playlist_entries_history ADD CONSTRAINT history_of_its_playlist
    FOREIGN KEY (snapshot_id, playlist_id) REFERENCES playlist_snapshots (id, playlist_id)
    DEFERRABLE INITIALLY DEFERRED
"""
UNDO = """
ALTER TABLE playlist_entries_history DROP CONSTRAINT history_of_its_playlist;
ALTER TABLE playlist_snapshots DROP CONSTRAINT snapshots_of_a_playlist;
ALTER TABLE playlist_entries_history
    ADD CONSTRAINT history_snapshot FOREIGN KEY (snapshot_id) REFERENCES playlist_snapshots (id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT history_playlist FOREIGN KEY (playlist_id) REFERENCES playlists (id)
        DEFERRABLE INITIALLY DEFERRED
"""


def key(to: str, related_name: str) -> models.ForeignKey:
    return models.ForeignKey(
        to, django.db.models.deletion.CASCADE, related_name=related_name, db_index=False, db_constraint=False
    )


class Migration(migrations.Migration):
    dependencies = [("playlists", "0005_history_is_indexed_once")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL([DROP, ADD], UNDO)],
            state_operations=[
                migrations.AlterField("historyentry", "snapshot", key("playlists.snapshot", "entries")),
                migrations.AlterField("historyentry", "playlist", key("playlists.playlist", "history")),
            ],
        )
    ]
