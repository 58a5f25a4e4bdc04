"""One day: links in by the API, through a real worker, out on the sandbox's Spotify and the public API."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import Account
from catalog.models import AlbumSource, Track
from playlists.models import ManagerPlan, PlaylistCopy, Snapshot
from tests.e2e import days
from vibe_project import demo

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.sandbox(albums=120),
    pytest.mark.xdist_group("worker"),
]


@pytest.mark.django_db(transaction=True)
def test_a_pasted_link_ends_as_a_track_of_a_public_playlist(worker, network, sandbox, api, anonymous_api):
    today = timezone.now().date()
    demo.connect_accounts(2, now=timezone.now())
    demo.load_policies(now=timezone.now())

    submitted = api.post(
        "/api/v1/ingest/albums/submit",
        {"urls": sandbox.album_links(100)},
        format="json",
    )
    days.play("ingest", "enrich", "scale", "curate", "sync")

    assert submitted.status_code == 202
    assert set(AlbumSource.objects.values_list("status", flat=True)) <= {
        "ingested",
        "failed",
    }
    assert Track.objects.filter(audio_features__isnull=False).exists()
    assert ManagerPlan.objects.get(run_date=today).stats["active_accounts"] == 2
    assert demo.faults(today=today) == []
    listed = anonymous_api.get("/api/v1/public/playlists").json()["results"]
    tracks = anonymous_api.get(f"/api/v1/public/playlists/{listed[0]['id']}/tracks").json()
    assert len(listed) == Snapshot.objects.filter(date=today, state="built").count()
    assert len(tracks["tracks"]) == 50

    writes = len(
        [call for call in sandbox.calls if call.method in ("PUT", "POST") and "/playlists" in call.path]
    )
    days.play("sync")
    again = len(
        [call for call in sandbox.calls if call.method in ("PUT", "POST") and "/playlists" in call.path]
    )
    assert again == writes
    assert PlaylistCopy.objects.exclude(status="synced").count() == 0
    assert Account.objects.active().count() == 2
