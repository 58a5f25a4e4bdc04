"""Names as they compare and what titles tell, as columns that Python works out; filled for the rows there are.

Safe beside old code: it writes the new columns as null, and rows it writes meanwhile are completed by the next
enrichment. A batch is a transaction of its own, so the tables stay open; a run that is stopped goes on where it was.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

from catalog.ingest import backfill

VERSIONS = (
    "original", "karaoke", "tribute", "sped_up", "slowed", "acapella", "remix", "live", "demo", "remaster",
)  # fmt: skip


def fill(apps, schema_editor):
    backfill.complete()


def text():
    return models.TextField(editable=False, null=True)


def texts():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.TextField(), editable=False, null=True, size=None
    )


def found_by():
    return models.Func(
        "words",
        output_field=django.contrib.postgres.search.SearchVectorField(),
        template="to_tsvector('simple', %(expressions)s)",
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("catalog", "0007_failures_have_their_time")]

    operations = [
        migrations.AddField("album", "name_folded", text()),
        migrations.AddField("album", "label_folded", text()),
        migrations.AddField("album", "genres_folded", texts()),
        migrations.AddField("album", "tags_folded", texts()),
        migrations.AddField("album", "words", text()),
        migrations.AddField("track", "name_folded", text()),
        migrations.AddField("track", "artist_names_folded", texts()),
        migrations.AddField("track", "artist_key", text()),
        migrations.AddField("track", "words", text()),
        migrations.AddField("track", "is_interlude", models.BooleanField(default=False, null=True)),
        migrations.AddField("track", "season", models.CharField(default="none", max_length=10, null=True)),
        migrations.AlterField(
            "track",
            "version",
            models.CharField(
                choices=[(name, name.replace("_", " ").title()) for name in VERSIONS],
                default="original",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            "track",
            models.CheckConstraint(
                condition=models.Q(
                    ("season__isnull", True),
                    ("season__in", ["none", "christmas", "halloween"]),
                    _connector="OR",
                ),
                name="tracks_season_known",
            ),
        ),
        AddIndexConcurrently(
            "album",
            models.Index(
                condition=models.Q(("name_folded__isnull", True)), fields=["id"], name="albums_to_complete"
            ),
        ),
        AddIndexConcurrently(
            "track",
            models.Index(
                condition=models.Q(("name_folded__isnull", True)), fields=["id"], name="tracks_to_complete"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently("track", models.Index(fields=["artist_key"], name="tracks_artist_key")),
        AddIndexConcurrently(
            "album", django.contrib.postgres.indexes.GinIndex(found_by(), name="albums_found_by")
        ),
        AddIndexConcurrently(
            "track", django.contrib.postgres.indexes.GinIndex(found_by(), name="tracks_found_by")
        ),
        RemoveIndexConcurrently("album", "albums_words"),
        RemoveIndexConcurrently("track", "tracks_words"),
    ]
