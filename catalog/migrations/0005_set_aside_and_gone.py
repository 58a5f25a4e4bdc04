from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_lists_by_filter"),
    ]

    operations = [
        migrations.AddField(
            model_name="albumsource",
            name="set_aside_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="albumsource",
            constraint=models.CheckConstraint(
                condition=models.Q(("set_aside_at__isnull", True), ("status", "failed"), _connector="OR"),
                name="album_sources_set_aside_is_failed",
            ),
        ),
        migrations.AddField(
            model_name="track",
            name="gone_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
