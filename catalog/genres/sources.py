"""Which sources of genres are asked, in which order, each behind its own breaker; from the settings."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping

import requests
from django.conf import settings

from accounts.gateway_state import breaker_store, gateways
from accounts.spotify import breaker, capabilities, errors
from catalog.genres import listenbrainz, musicbrainz, spotify, wikidata
from catalog.genres.provider import Answer, GenresError, Provider
from catalog.genres.vendor import Vendor

# The app under which the breakers of open data sources are kept; their buckets are the providers' names.
APP = "open data"
NAMES = (wikidata.NAME, listenbrainz.NAME, spotify.NAME)
NONE = "none"

Clock = Callable[[], dt.datetime]


def configured(*, now: Clock, sleep: Callable[[float], None] = time.sleep) -> list[Provider]:
    """The providers to ask, in order: without OPERATOR_CONTACT no open data source is among them."""
    stored = breaker_store.StoredCircuits(APP)
    makers: dict[str, Callable[[], Provider]] = {
        wikidata.NAME: lambda: guarded(_wikidata(now, sleep), stored, now),
        listenbrainz.NAME: lambda: guarded(_listenbrainz(sleep), stored, now),
        spotify.NAME: lambda: guarded(_spotify(now), stored, now),
    }
    return [makers[name]() for name in usable()]


def named() -> list[str]:
    """GENRE_SOURCES as it is set; what is no source is left to the system check."""
    return [name for name in dict.fromkeys(settings.GENRE_SOURCES) if name in NAMES]


def usable() -> list[str]:
    """The named sources that can be asked as things are set."""
    return [name for name in named() if not _obstacle(name)]


def missing() -> list[str]:
    """What keeps sources from being asked, a sentence each, for console and status; empty where nothing."""
    if not named():
        return ["GENRE_SOURCES is none: nobody is asked for artists' genres."]
    return list(dict.fromkeys(filter(None, map(_obstacle, named()))))


def user_agent(contact: str) -> str:
    """Who asks, as Wikimedia and MusicBrainz want it: the program and how to reach its operator."""
    return f"Vibe/0.1 ({contact}) requests/{requests.__version__}"


def guarded(asked: Provider, stored: breaker.Circuits, now: Clock) -> Provider:
    """The provider behind its breaker: closed to everybody for as long as its last failure says."""

    def lookup(artists: Mapping[str, str]) -> dict[str, Answer]:
        try:
            stored.admit(asked.name, now=now())
        except errors.Blocked as blocked:
            seconds = max(1.0, (blocked.until - now()).total_seconds())
            raise GenresError(blocked.reason, seconds=seconds) from blocked
        try:
            answers = asked.lookup(artists)
        except GenresError as error:
            stored.block(asked.name, seconds=error.seconds, reason=error.message, now=now())
            raise
        stored.succeeded(asked.name, now=now())
        return answers

    return Provider(asked.name, asked.artists_per_call, lookup)


def _obstacle(name: str) -> str:
    """Why this source cannot be asked, or ""."""
    if name == spotify.NAME:
        has_genres = settings.SPOTIFY_APP_MODE in capabilities.BATCH_ARTISTS.modes
        return "" if has_genres else "Spotify gives artists' genres to apps in extended mode only."
    if not settings.OPERATOR_CONTACT:
        return "OPERATOR_CONTACT is not set: no open data source is asked for artists' genres."
    return ""


def _wikidata(now: Clock, sleep: Callable[[float], None]) -> Provider:
    vendor = _vendor("Wikidata", wikidata.GAP_SECONDS, sleep)
    return wikidata.provider(settings.WIKIDATA_SPARQL_URL, vendor, now=now)


def _listenbrainz(sleep: Callable[[float], None]) -> Provider:
    vendor = _vendor("ListenBrainz", listenbrainz.GAP_SECONDS, sleep)
    links = _vendor("MusicBrainz", musicbrainz.GAP_SECONDS, sleep)
    return listenbrainz.provider(settings.LISTENBRAINZ_API_URL, vendor, settings.MUSICBRAINZ_API_URL, links)


def _spotify(now: Clock) -> Provider:
    return spotify.provider(gateways.for_app(lane="ingest"), now=now)


def _vendor(name: str, gap_seconds: float, sleep: Callable[[float], None]) -> Vendor:
    return Vendor(name, user_agent(settings.OPERATOR_CONTACT), gap_seconds, sleep)
