import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


def words() -> models.Func:
    return models.Func(
        "name",
        "artist",
        arg_joiner=" || ' ' || ",
        output_field=django.contrib.postgres.search.SearchVectorField(),
        template="to_tsvector('simple', translate(%(expressions)s, './@<>&_-+', '         '))",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_search_by_beginning"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="album",
            index=django.contrib.postgres.indexes.GinIndex(words(), name="albums_words"),
        ),
        migrations.AddIndex(
            model_name="track",
            index=django.contrib.postgres.indexes.GinIndex(words(), name="tracks_words"),
        ),
        # Words find what beginnings found, and more.
        migrations.RemoveIndex(model_name="track", name="tracks_name_begins"),
        migrations.RemoveIndex(model_name="track", name="tracks_artist_begins"),
    ]
