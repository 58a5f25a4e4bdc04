"""Every recorded body of Spotify, damaged at random: the border answers with a dataclass or BadAnswer."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.spotify import errors, payloads
from tests.accounts.spotify import damage

ID = "4aawyAB9vmqN3uQ7FjRGTy"
READERS = {
    "album_full_extended_2026-03": payloads.album,
    "album_tracks_page_2026-03": payloads.track_page,
    "audio_features_single_2024-10": lambda body: payloads.audio_features({"audio_features": [body]}, [ID]),
    "create_playlist_201_2025-01": payloads.playlist,
    "me_extended_2026-03": payloads.profile,
    "me_playlists_page_2026-03": payloads.playlist_page,
    "playlist_extended_tracks_only_2026-03": payloads.playlist,
    "playlist_items_page_2026-03": payloads.item_page,
    "playlist_owned_extended_tracks_AND_items_2026-03": payloads.playlist,
    "playlist_replace_items_200": payloads.snapshot_id,
    "zmb3_get_several_albums": lambda body: payloads.albums(body, [ID, ID, ID]),
    "zmb3_get_several_tracks_with_null": lambda body: payloads.tracks(body, [ID, ID]),
}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=damage.JUNK, drop=st.booleans(), times=st.integers(1, 4), seed=st.integers(0, 2**32))
def test_a_damaged_recording_is_a_dataclass_or_a_bad_answer(real, name, junk, drop, times, seed):
    body = real(f"samples/{name}")
    body = damage.damaged(body, junk=junk, drop=drop, times=times, rng=random.Random(seed))

    try:
        found = READERS[name](body)
    except errors.BadAnswer:
        return

    json.dumps(repr(found))
