"""The demo's own parts; the whole day is played in tests/e2e."""

import pytest
from django.utils import timezone

from catalog.intake import submissions
from catalog.models import AlbumSource, Batch
from vibe_project import demo


@pytest.mark.django_db
@pytest.mark.sandbox(albums=60)
def test_more_links_than_one_submission_holds_are_submitted_in_parts(sandbox, monkeypatch):
    monkeypatch.setattr(submissions, "MAX_LINES", 40)

    links = demo.submit(60, now=timezone.now())

    assert links == {"submitted": 62, "queued": 60, "duplicates": 0, "invalid": 2}
    assert AlbumSource.objects.count() == 60
    assert Batch.objects.count() == 2
