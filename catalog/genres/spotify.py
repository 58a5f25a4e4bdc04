"""Genres of artists from Spotify itself: only extended mode has them, mostly empty, and deprecated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from accounts.spotify import errors, ids
from catalog.genres.provider import DAY_SECONDS, Absent, Answer, GenresError, Provider, known

if TYPE_CHECKING:
    from accounts.spotify.gateway import Gateway

NAME = "spotify"
ARTISTS_PER_CALL = 50
REST_SECONDS = 300.0


def provider(gateway: Gateway, *, now: Callable[[], dt.datetime]) -> Provider:
    """Spotify's own genres through the door, which has a breaker and a pace of its own."""

    def lookup(artists: Mapping[str, str]) -> dict[str, Answer]:
        answers: dict[str, Answer] = dict.fromkeys(artists, Absent())
        askable = [artist_id for artist_id in artists if ids.is_id(artist_id)]
        try:
            found = gateway.artists(askable)
        except errors.CapabilityMissing as error:
            raise GenresError(
                "This Spotify app may not ask for artists' genres: take spotify out of GENRE_SOURCES.",
                seconds=DAY_SECONDS,
                permanent=True,
            ) from error
        except errors.Blocked as error:
            seconds = max(1.0, (error.until - now()).total_seconds())
            raise GenresError(error.reason, seconds=seconds) from error
        except errors.SpotifyError as error:
            raise GenresError(error.message, seconds=REST_SECONDS) from error
        for artist_id, artist in zip(askable, found, strict=True):
            if artist is not None:  # an empty list is the rule and proves nothing about the artist
                answers[artist_id] = known(dict.fromkeys(artist.genres))
        return answers

    return Provider(NAME, ARTISTS_PER_CALL, lookup)
