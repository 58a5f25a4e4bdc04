"""A day's list can be replaced by another day's: one valid list a day, and a track once a list."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def forget_replaced(apps: Any, schema_editor: Any) -> None:
    """On the way back: two lists of a day do not fit the older rules, so the replaced ones go."""
    apps.get_model("playlists", "Snapshot").objects.filter(state="replaced").delete()


class Migration(migrations.Migration):
    dependencies = [("playlists", "0002_recent_usage")]

    operations = [
        migrations.RemoveConstraint(model_name="historyentry", name="history_one_track_a_place"),
        migrations.RemoveConstraint(model_name="historyentry", name="history_no_repeat_in_a_list"),
        migrations.RemoveConstraint(model_name="snapshot", name="snapshots_one_a_day"),
        migrations.AlterField(
            model_name="snapshot",
            name="state",
            field=models.CharField(
                choices=[("built", "Built"), ("held", "Held"), ("replaced", "Replaced")], max_length=10
            ),
        ),
        migrations.AddConstraint(
            model_name="historyentry",
            constraint=models.UniqueConstraint(
                fields=["snapshot", "position"], name="history_one_track_a_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="historyentry",
            constraint=models.UniqueConstraint(
                fields=["snapshot", "track"], name="history_no_repeat_in_a_list"
            ),
        ),
        migrations.AddConstraint(
            model_name="snapshot",
            constraint=models.UniqueConstraint(
                fields=["playlist", "date"],
                condition=~models.Q(state="replaced"),
                name="snapshots_one_valid_a_day",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_replaced),
    ]
