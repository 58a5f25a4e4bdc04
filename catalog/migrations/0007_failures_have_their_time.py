"""Failures have their time: a night tells which albums failed in it, however long ago they were handed in."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce


def backfill(apps, schema_editor):
    """The best that is known of an older failure: when it was set aside, or else when it came in."""
    sources = apps.get_model("catalog", "AlbumSource").objects.filter(status="failed", failed_at=None)
    sources.update(failed_at=Coalesce("set_aside_at", "created_at"))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_measures_as_columns")]
    operations = [
        migrations.AddField("albumsource", "failed_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(backfill, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "albumsource",
            models.CheckConstraint(
                condition=Q(status="failed", failed_at__isnull=False)
                | Q(~Q(status="failed"), failed_at__isnull=True),
                name="album_sources_failed_has_time",
            ),
        ),
    ]
