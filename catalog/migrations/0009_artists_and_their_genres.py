"""Artists as rows, made of the artists of every track; what each source answered; genres as columns of tracks.

Safe beside old code: artists of tracks that it writes meanwhile are made before the next asking for genres, a batch
a transaction as here; the tables stay open, and a run that is stopped goes on where it was.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

from catalog.genres import artist_rows, on_tracks


def fill(apps, schema_editor):
    artist_rows.complete()
    on_tracks.catch_up()


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("catalog", "0008_names_and_titles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Artist",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("spotify_id", models.CharField(max_length=22, unique=True)),
                ("name", models.TextField(blank=True)),
                (
                    "genres",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("genre_source", models.CharField(blank=True, max_length=20, null=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("tags_reason", models.TextField(blank=True)),
                ("genres_checked_at", models.DateTimeField(blank=True, null=True)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("qid", models.CharField(blank=True, max_length=20)),
                ("mbid", models.CharField(blank=True, max_length=36)),
                (
                    "genres_folded",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), editable=False, null=True, size=None
                    ),
                ),
                (
                    "genre_keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), editable=False, null=True, size=None
                    ),
                ),
                ("taxonomy", models.CharField(editable=False, max_length=20, null=True)),
                ("words", models.TextField(editable=False, null=True)),
            ],
            options={
                "db_table": "artists",
            },
        ),
        migrations.CreateModel(
            name="GenreAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=20)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("found", "Found"), ("no_genre", "No Genre"), ("absent", "Absent")],
                        max_length=10,
                    ),
                ),
                (
                    "genres",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("votes", models.JSONField(blank=True, default=dict)),
                ("qid", models.CharField(blank=True, max_length=20)),
                ("mbid", models.CharField(blank=True, max_length=36)),
                ("country", models.CharField(blank=True, max_length=2)),
                ("fetched_at", models.DateTimeField()),
                ("believed_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "db_table": "artist_genre_answers",
            },
        ),
        migrations.AddField(
            model_name="album",
            name="genre_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), editable=False, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="album",
            name="taxonomy",
            field=models.CharField(editable=False, max_length=20, null=True),
        ),
        migrations.AddField(
            model_name="track",
            name="genre_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), editable=False, null=True, size=None
            ),
        ),
        migrations.AddField(
            model_name="track",
            name="genre_labels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), editable=False, null=True, size=None
            ),
        ),
        AddIndexConcurrently(
            model_name="track",
            index=django.contrib.postgres.indexes.GinIndex(fields=["genre_keys"], name="tracks_genres"),
        ),
        AddIndexConcurrently(
            model_name="track",
            index=django.contrib.postgres.indexes.GinIndex(fields=["artist_ids"], name="tracks_of_artists"),
        ),
        migrations.AddIndex(
            model_name="artist",
            index=models.Index(
                models.OrderBy(models.F("genres_checked_at"), nulls_first=True),
                models.F("id"),
                name="artists_to_ask",
            ),
        ),
        migrations.AddIndex(
            model_name="artist",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(
                    "words",
                    output_field=django.contrib.postgres.search.SearchVectorField(),
                    template="to_tsvector('simple', %(expressions)s)",
                ),
                name="artists_found_by",
            ),
        ),
        migrations.AddIndex(
            model_name="artist",
            index=models.Index(
                condition=models.Q(("words__isnull", True)), fields=["id"], name="artists_to_complete"
            ),
        ),
        migrations.AddConstraint(
            model_name="artist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("genre_source__isnull", True), ("genres", [])),
                    models.Q(models.Q(("genres", []), _negated=True), ("genre_source__isnull", False)),
                    _connector="OR",
                ),
                name="artists_genres_have_source",
            ),
        ),
        migrations.AddField(
            model_name="genreanswer",
            name="artist",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="catalog.artist"
            ),
        ),
        migrations.AddConstraint(
            model_name="genreanswer",
            constraint=models.UniqueConstraint(fields=("artist", "source"), name="genre_answers_once"),
        ),
        migrations.AddConstraint(
            model_name="genreanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "found"), models.Q(("genres", []), _negated=True)),
                    models.Q(("genres", []), ("outcome__in", ["no_genre", "absent"])),
                    _connector="OR",
                ),
                name="genre_answers_found_has_genres",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
