"""The numbers of `audio_features` as generated columns, so that conditions need not open the JSON.

Old code runs on beside it. The table is written anew and locked meanwhile: some fifteen seconds a million tracks.
"""

from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

MEASURES = (
    "valence", "acousticness", "instrumentalness", "liveness", "speechiness", "tempo", "loudness", "key", "mode",
    "time_signature",
)  # fmt: skip
# One statement, because each one that adds such a column writes the whole table anew.
ADD = """"{0}" double precision GENERATED ALWAYS AS (
    CASE WHEN jsonb_typeof(audio_features -> '{0}') = 'number' THEN (audio_features ->> '{0}')::double precision END
) STORED"""
FORWARD = "ALTER TABLE tracks " + ", ".join(f"ADD COLUMN {ADD.format(name)}" for name in MEASURES)
BACK = "ALTER TABLE tracks " + ", ".join(f'DROP COLUMN "{name}"' for name in MEASURES)


def measure(name: str) -> models.GeneratedField:
    told = KeyTransform(name, "audio_features")
    kind = models.Func(told, function="jsonb_typeof", output_field=models.TextField())
    number = Cast(KeyTextTransform(name, "audio_features"), models.FloatField())
    only_numbers = models.Case(models.When(Exact(kind, models.Value("number")), then=number))
    return models.GeneratedField(expression=only_numbers, output_field=models.FloatField(), db_persist=True)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_set_aside_and_gone")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[migrations.AddField("track", name, measure(name)) for name in MEASURES],
        )
    ]
