"""The Web API's catalogue calls: albums, tracks, artists, audio features and a small search."""

from sandbox import bodies, guard, search, sound, wire
from sandbox.records import Album, Artist, Track
from sandbox.world import World

ALBUMS, TRACKS, ARTISTS, FEATURES = 20, 50, 50, 100


def albums(world: World, request: wire.Request) -> wire.Response:
    """GET /albums?ids=: same order, null for an id that Spotify does not know."""
    guard.extended_only(world)
    market = guard.market(world, request)
    found = [world.catalogue.find_album(wanted) for wanted in guard.id_list(request, ALBUMS)]
    return wire.answer({"albums": [bodies.album(world, item, market) if item else None for item in found]})


def album(world: World, request: wire.Request, album_id: str) -> wire.Response:
    market = guard.market(world, request)
    return wire.answer(bodies.album(world, _album(world, album_id), market))


def album_tracks(world: World, request: wire.Request, album_id: str) -> wire.Response:
    item, market = _album(world, album_id), guard.market(world, request)
    limit, offset = guard.paging(request, default=20, most=50)
    rows = [world.catalogue.track(item.number, index) for index in range(item.total)][offset : offset + limit]
    href = f"{world.base_url}/v1/albums/{album_id}/tracks"
    items = [bodies.simple_track(world, track, market) for track in rows]
    return wire.answer(bodies.page(href, items, total=item.total, limit=limit, offset=offset, market=market))


def tracks(world: World, request: wire.Request) -> wire.Response:
    guard.extended_only(world)
    market = guard.market(world, request)
    found = [world.track(wanted) for wanted in guard.id_list(request, TRACKS)]
    return wire.answer({"tracks": [bodies.track(world, item, market) if item else None for item in found]})


def track(world: World, request: wire.Request, track_id: str) -> wire.Response:
    guard.well_formed([track_id])
    return wire.answer(bodies.track(world, _track(world, track_id), guard.market(world, request)))


def artists(world: World, request: wire.Request) -> wire.Response:
    guard.extended_only(world)
    found = [world.catalogue.find_artist(wanted) for wanted in guard.id_list(request, ARTISTS)]
    return wire.answer({"artists": [bodies.artist(world, item) if item else None for item in found]})


def artist(world: World, request: wire.Request, artist_id: str) -> wire.Response:
    return wire.answer(bodies.artist(world, _artist(world, artist_id)))


def artist_albums(world: World, request: wire.Request, artist_id: str) -> wire.Response:
    item, market = _artist(world, artist_id), guard.market(world, request)
    limit, offset = guard.paging(
        request, default=20 if world.extended else 5, most=50 if world.extended else 10
    )
    numbers = world.catalogue.albums_of(item.number)
    rows = [
        bodies.simple_album(world, world.catalogue.album(number), market)
        for number in numbers[offset:][:limit]
    ]
    href = f"{world.base_url}/v1/artists/{artist_id}/albums"
    return wire.answer(bodies.page(href, rows, total=len(numbers), limit=limit, offset=offset, market=market))


def audio_features(world: World, request: wire.Request) -> wire.Response:
    """403 for everybody but the apps that had them before 2024-11-27 (a switch of the sandbox)."""
    _need_features(world)
    found = [world.track(wanted) for wanted in guard.id_list(request, FEATURES)]
    return wire.answer({"audio_features": [_features(world, item) if item else None for item in found]})


def track_features(world: World, request: wire.Request, track_id: str) -> wire.Response:
    _need_features(world)
    return wire.answer(_features(world, _track(world, track_id)))


def find(world: World, request: wire.Request) -> wire.Response:
    """GET /search for tracks, albums and artists: `isrc:`, `upc:` or words of the name."""
    kinds = request.listed("type")
    if not request.one("q"):
        raise wire.refuse(400, "No search query")
    if not kinds or not set(kinds) <= set(search.KINDS):
        raise wire.refuse(400, "Missing parameter type" if not kinds else "Bad search type field")
    most, default = (50, 20) if world.extended else (10, 5)
    limit, offset = guard.paging(request, default=default, most=most, last_offset=1000)
    market = guard.market(world, request)
    pages = {f"{kind}s": search.page(world, kind, request.one("q"), limit, offset, market) for kind in kinds}
    return wire.answer(pages)


def _need_features(world: World) -> None:
    if not (world.extended and world.settings.audio_features):
        raise wire.refuse(403, "Forbidden")


def _features(world: World, item: Track) -> wire.Json:
    return sound.features(world.catalogue, item) | {
        "type": "audio_features",
        "id": item.spotify_id,
        "uri": f"spotify:track:{item.spotify_id}",
        "track_href": f"{world.base_url}/v1/tracks/{item.spotify_id}",
        "analysis_url": f"{world.base_url}/v1/audio-analysis/{item.spotify_id}",
        "duration_ms": item.duration_ms,
    }


def _album(world: World, album_id: str) -> Album:
    guard.well_formed([album_id])
    item = world.catalogue.find_album(album_id)
    if item is None:
        raise wire.refuse(404, "Resource not found")
    return item


def _track(world: World, track_id: str) -> Track:
    guard.well_formed([track_id])
    item = world.track(track_id)
    if item is None:
        raise wire.refuse(404, "Resource not found")
    return item


def _artist(world: World, artist_id: str) -> Artist:
    guard.well_formed([artist_id])
    item = world.catalogue.find_artist(artist_id)
    if item is None:
        raise wire.refuse(404, "Resource not found")
    return item
