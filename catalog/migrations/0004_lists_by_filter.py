from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_search_by_words"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="track",
            index=models.Index(
                condition=models.Q(("is_playable", False)), fields=["id"], name="tracks_not_playable"
            ),
        ),
        migrations.AddIndex(
            model_name="track",
            index=models.Index(condition=models.Q(("explicit", True)), fields=["id"], name="tracks_explicit"),
        ),
        migrations.AddIndex(
            model_name="track",
            index=models.Index(
                condition=models.Q(("version", "original"), _negated=True),
                fields=["version", "id"],
                name="tracks_versions",
            ),
        ),
    ]
