"""Audio features from Spotify itself, for the few apps that still have the endpoint."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from accounts.spotify import errors
from catalog.features.provider import FeaturesError, Measures, Provider, believed

if TYPE_CHECKING:
    from accounts.spotify.gateway import Gateway

NAME = "spotify"
IDS_PER_CALL = 100
REST_SECONDS = 300.0
# A 403 says that this app has no audio features; there is no hurry to ask again.
GONE_SECONDS = 86_400.0


def provider(gateway: Gateway, *, now: dt.datetime) -> Provider:
    """Spotify's own features through the door."""

    def fetch(track_ids: Sequence[str]) -> dict[str, Measures]:
        try:
            answers = gateway.audio_features(list(track_ids))
        except errors.CapabilityMissing as error:
            raise FeaturesError(
                "This Spotify app has no audio features; use reccobeats.", seconds=GONE_SECONDS
            ) from error
        except errors.Blocked as error:
            raise FeaturesError(
                error.reason, seconds=max(1.0, (error.until - now).total_seconds())
            ) from error
        except errors.SpotifyError as error:
            raise FeaturesError(error.message, seconds=REST_SECONDS) from error
        measured = {answer.spotify_id: believed(answer.values) for answer in answers if answer}
        return {track_id: measures for track_id, measures in measured.items() if measures}

    return Provider(NAME, IDS_PER_CALL, fetch)
