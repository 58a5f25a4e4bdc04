"""What several of the console's tests begin with."""

from __future__ import annotations

import pytest
from django.utils import timezone

from playlists.models import Playlist, PlaylistCopy
from playlists.rotation import snapshots
from tests.playlists import worlds


@pytest.fixture
def listed(db: None) -> Playlist:
    """A playlist with today's list of fifty and one copy that failed."""
    worlds.tracks(60)
    row = worlds.playlist()
    snapshots.build(timezone.now().date(), now=timezone.now())
    PlaylistCopy.objects.create(
        playlist=row, account=worlds.account("Jazz 1"), status="error", error_message="Refused."
    )
    return row
