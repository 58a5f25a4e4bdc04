"""ReccoBeats as the sandbox plays it: audio features and popularity by track id, for a part of all tracks."""

import uuid
from random import Random

from sandbox import sound, wire
from sandbox.records import Track
from sandbox.world import World

MOST = 40
LEFT_OUT_SHARE = 0.03
_OPTIONAL = ("acousticness", "danceability", "instrumentalness", "liveness", "speechiness", "valence")
_UUID, _GAPS = 11, 12


def audio_features(world: World, request: wire.Request) -> wire.Response:
    """GET /v1/audio-features?ids=: 1 to 40 ids; rows in their own order, unknown ids silently left out."""
    found = _asked(world, request)
    return wire.answer({"content": [_features(world, track) for track in found]})


def tracks(world: World, request: wire.Request) -> wire.Response:
    """GET /v1/track?ids=: what it is called, how long, its ISRC and a popularity."""
    return wire.answer({"content": [_track(world, track) for track in _asked(world, request)]})


def _asked(world: World, request: wire.Request) -> list[Track]:
    agent = request.headers.get("user-agent", "")
    if not agent or agent.startswith(("python-requests", "Python-urllib", "python-httpx", "python-urllib3")):
        raise wire.Refusal(wire.text("<html><body><h1>403 Forbidden</h1></body></html>", 403, "text/html"))
    wanted = request.listed("ids")
    if not 1 <= len(wanted) <= MOST:
        message = f"size must be between 1 and {MOST}"
        raise wire.Refusal(wire.answer({"status": 400, "error": "Bad Request", "message": message}, 400))
    found = {
        track.spotify_id: track for spotify_id in wanted if (track := _find(world, spotify_id)) is not None
    }
    # Ordered by their own ids: clients must not rely on the order asked for.
    return sorted(found.values(), key=lambda track: _own_id(world, track))


def _find(world: World, wanted: str) -> Track | None:
    """By Spotify id or ISRC; only what the service covers."""
    track = world.catalogue.find_track(wanted) or world.catalogue.find_isrc(wanted)
    if track is None or not sound.known(world.catalogue, track, world.settings.coverage):
        return None
    return track


def _features(world: World, track: Track) -> wire.Json:
    row = _names(world, track) | sound.features(world.catalogue, track)
    del row["time_signature"]  # ReccoBeats has none
    rng = Random((world.catalogue.seed << 80) | (_GAPS << 72) | track.recording)
    if rng.random() < LEFT_OUT_SHARE:
        for name in rng.sample(_OPTIONAL, 3):
            del row[name]
        row["key"] = -1
    return row


def _track(world: World, track: Track) -> wire.Json:
    artists = [world.catalogue.artist(number) for number in track.artists]
    links = [
        {
            "id": _uuid(world, artist.number),
            "name": artist.name,
            "href": f"https://open.spotify.com/artist/{artist.spotify_id}",
        }
        for artist in artists
    ]
    return _names(world, track) | {
        "trackTitle": track.name,
        "artists": links,
        "durationMs": track.duration_ms,
        "ean": None,
        "upc": None,
        "availableCountries": ",".join(world.only_in(track) or ("US", "DE", "JP")),
        "popularity": track.popularity,
    }


def _names(world: World, track: Track) -> wire.Json:
    return {
        "id": _own_id(world, track),
        "href": f"https://open.spotify.com/track/{track.spotify_id}",
        "isrc": track.isrc,
    }


def _own_id(world: World, track: Track) -> str:
    return _uuid(world, track.number)


def _uuid(world: World, number: int) -> str:
    bits = Random((world.catalogue.seed << 80) | (_UUID << 72) | number).getrandbits(128)
    return str(uuid.UUID(int=bits, version=4))
