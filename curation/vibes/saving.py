"""A vibe becomes a playlist in a listener's own Spotify; saved twice it is the same playlist again."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.gateway_state import gateways
from accounts.spotify import errors
from accounts.spotify.gateway import Gateway
from accounts.spotify.payloads import Playlist
from curation.models import Vibe

MAX_NAME, MAX_DESCRIPTION = 100, 300
# The session's memory: {public id: [playlist id, address]}, so that a second click saves nothing twice.
SESSION_KEY = "saved_vibes"
REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Saved:
    """The listener's playlist and how many tracks it holds."""

    playlist_url: str
    tracks_added: int


def share_url(vibe: Vibe) -> str:
    return f"{settings.PUBLIC_BASE_URL}/v/{vibe.public_id}"


def save(vibe: Vibe, *, listener_id: int, session: MutableMapping[str, Any]) -> Saved:
    """Create the playlist, or find the one this session made, and put the songs in. SpotifyError."""
    gateway = gateways.for_listener(listener_id)
    memory: dict[str, list[str]] = dict(session.get(SESSION_KEY) or {})
    if vibe.public_id not in memory:
        made = _created(gateway, vibe)
        memory[vibe.public_id] = [made.spotify_id, made.external_url]
        session[SESSION_KEY] = dict(list(memory.items())[-REMEMBERED:])
    playlist_id, address = memory[vibe.public_id]
    return Saved(address, _filled(gateway, playlist_id, [song["spotify_id"] for song in vibe.songs]))


def _filled(gateway: Gateway, playlist_id: str, track_ids: list[str]) -> int:
    """Put the tracks in and count them. One dead track makes Spotify refuse them all, so the dead ones go."""
    try:
        gateway.replace_items(playlist_id, track_ids)
    except (errors.Unavailable, errors.Ambiguous, errors.BadRequest, errors.NotFound):
        living = _living(track_ids)
        if len(living) == len(track_ids) or not living:
            raise
        gateway.replace_items(playlist_id, living)
        return len(living)
    return len(track_ids)


def _living(track_ids: list[str]) -> list[str]:
    reader = gateways.for_app(lane="listener")
    known: list[str] = []
    for start in range(0, len(track_ids), reader.tracks_per_call):
        part = track_ids[start : start + reader.tracks_per_call]
        found = reader.tracks(part)
        known += [track_id for track_id, track in zip(part, found, strict=True) if track is not None]
    return known


def description(vibe: Vibe) -> str:
    """One line that ends in the share link, which also marks the playlist as this vibe's."""
    link = share_url(vibe)
    room = MAX_DESCRIPTION - len(link) - 1
    words = f"Made with Vibe from “{vibe.text}”."
    return f"{words if len(words) <= room else words[: room - 1] + '…'} {link}"


def _created(gateway: Gateway, vibe: Vibe) -> Playlist:
    about = description(vibe)
    try:
        return gateway.create_playlist(name=vibe.title[:MAX_NAME], description=about, public=True)
    except errors.Ambiguous:
        # It may exist: look for the share link before giving up, and never create a second one unseen.
        link = share_url(vibe)
        found = next((mine for mine in gateway.my_playlists() if link in (mine.description or "")), None)
        if found is None:
            raise
        return found
