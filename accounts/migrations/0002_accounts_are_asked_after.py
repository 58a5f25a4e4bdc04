"""When Spotify was last asked whether an account is still there, and since when it refuses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="absent_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="presence_asked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
