"""What an operator decided about one copy: its edit by hand, and playlists of ours that are to go."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("playlists", "0003_a_day_can_be_brought_back")]

    operations = [
        migrations.AlterModelOptions(
            name="playlistcopy", options={"verbose_name": "copy", "verbose_name_plural": "copies"}
        ),
        migrations.AddField(
            model_name="playlistcopy",
            name="keeps_edit",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="playlistcopy",
            name="leftovers",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
