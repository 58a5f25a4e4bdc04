"""One active policy over the whole catalogue, so that a network without policies still has something to plan."""

import datetime as dt
import hashlib
import json

from django.db import migrations

NAME = "Everything"
BODY = {
    "schema": "vibe.policy/1",
    "limits": {"per_artist": 2, "per_album": 2, "one_per_recording": True},
    "order": {"by": "shuffle", "artist_gap": 3, "album_gap": 2},
    # A small catalogue of few artists still makes a list, and the list says what gave way.
    "relax": [
        {"path": "limits.per_album", "to": 4},
        {"path": "limits.per_artist", "to": 4},
        {"path": "limits.per_album", "to": None},
        {"path": "limits.per_artist", "to": None},
        {"path": "order.artist_gap", "to": 1},
    ],
}


def create(apps, schema_editor):
    policies = apps.get_model("curation", "CurationPolicy")
    revisions = apps.get_model("curation", "PolicyRevision")
    canonical = json.dumps(BODY, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    policy, is_new = policies.objects.get_or_create(
        name=NAME, defaults={"theme_tag": NAME, "body": BODY, "digest": digest, "is_active": True}
    )
    if is_new:
        revisions.objects.create(
            policy=policy,
            number=1,
            body=BODY,
            digest=digest,
            author="Vibe",
            note="Made with the database: every usable track, two per artist and album where there are enough.",
            created_at=dt.datetime.now(dt.UTC),
        )


def remove(apps, schema_editor):
    apps.get_model("curation", "CurationPolicy").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [("curation", "0001_initial")]
    operations = [migrations.RunPython(create, remove)]
