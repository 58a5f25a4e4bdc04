"""The Web API's calls about one playlist: read, change, replace, add, remove, reorder, cover."""

import base64
import binascii
from typing import Any

from sandbox import api_users, fields, guard, ids, playlist_bodies, wire
from sandbox.library import Entry, Playlist
from sandbox.world import World

URIS = 100
COVER_BYTES = 256 * 1024


def playlist(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """GET /playlists/{id}: everybody sees its details; in development mode only its owner sees rows."""
    item = _found(world, playlist_id)
    rows = world.extended or _owns(request, item)
    with world.lock:
        body = playlist_bodies.playlist(world, item, market=guard.market(world, request), rows=rows)
    return _only_fields(request, body)


def change(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """PUT /playlists/{id}: 200 with an empty body."""
    item = _own(world, request, playlist_id)
    body = request.json()
    if not isinstance(body, dict):
        raise wire.refuse(400, "Error parsing JSON.")
    api_users.check_details(body)
    public = body.get("public", item.public)
    if not isinstance(public, bool):
        raise wire.refuse(400, "Invalid public")
    if public and body.get("collaborative"):
        raise wire.refuse(400, "Collaborative playlists can only be private.")
    with world.lock:
        item.name = body.get("name") or item.name
        item.description = body.get("description") or ("" if "description" in body else item.description)
        item.public = public
        item.collaborative = bool(body.get("collaborative", item.collaborative))
        item.touch()
    return wire.empty()


def items(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """GET /playlists/{id}/items: its owner's alone in development mode."""
    return _rows(world, request, playlist_id, "items")


def tracks(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return _rows(world, request, playlist_id, "tracks")


def replace(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """PUT items: the whole list at once (100 at most), or a reordering. One dead track: 502, each time."""
    item = _own(world, request, playlist_id)
    body = request.json()
    if isinstance(body, dict) and "range_start" in body:
        return _reorder(world, item, body)
    wanted = _track_ids(request, body)
    _check_alive(world, wanted)
    with world.lock:
        item.entries = _entries(world, request, wanted)
        return wire.answer({"snapshot_id": item.touch()})


def add(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """POST items: at the end or at `position`. spotipy sends a bare array."""
    item = _own(world, request, playlist_id)
    body = request.json()
    wanted = _track_ids(request, body)
    _check_alive(world, wanted)
    at = body.get("position") if isinstance(body, dict) else request.one("position") or None
    with world.lock:
        position = len(item.entries) if at is None else int(at) if str(at).isdecimal() else -1
        if not 0 <= position <= len(item.entries):
            raise wire.refuse(400, "Index out of bounds.")
        item.entries[position:position] = _entries(world, request, wanted)
        return wire.answer({"snapshot_id": item.touch()}, 201)


def remove(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """DELETE items: every occurrence of each uri in `items` (the old spelling: `tracks`)."""
    item = _own(world, request, playlist_id)
    body = request.json()
    rows = (body.get("items") or body.get("tracks")) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(
        isinstance(row, dict) and isinstance(row.get("uri"), str) for row in rows
    ):
        raise wire.refuse(400, "Missing required field: items")
    gone = set(_parsed([row["uri"] for row in rows]))
    with world.lock:
        item.entries = [entry for entry in item.entries if entry.track_id not in gone]
        return wire.answer({"snapshot_id": item.touch()})


def old_replace(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return replace(world, request, playlist_id)


def old_add(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return add(world, request, playlist_id)


def old_remove(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return remove(world, request, playlist_id)


def covers(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    body = playlist_bodies.playlist(world, _found(world, playlist_id), market="", rows=False)
    return wire.answer(body["images"])


def set_cover(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """PUT images: base64 of a JPEG, 256 KB at most: 202 with an empty body."""
    item = _own(world, request, playlist_id)
    guard.need_scope(request, "ugc-image-upload")
    if len(request.body) > COVER_BYTES:
        raise wire.refuse(413, "Image too large")
    try:
        picture = base64.b64decode(request.body, validate=True)
    except binascii.Error:
        picture = b""
    if not picture.startswith(b"\xff\xd8"):
        raise wire.refuse(400, "Invalid image")
    with world.lock:
        item.cover = f"{world.base_url}/image/playlist{item.number:08x}"
        item.touch()
    return wire.empty(202)


def _rows(world: World, request: wire.Request, playlist_id: str, spelling: str) -> wire.Response:
    item = _found(world, playlist_id)
    own = _owns(request, item)
    if not own and not (world.extended and item.public):
        raise wire.refuse(403, "Forbidden")
    if own and not item.public:
        guard.need_scope(request, "playlist-read-private")
    limit, offset = guard.paging(request, default=20, most=50)
    market = guard.market(world, request)
    with world.lock:
        body = playlist_bodies.rows_page(world, item, spelling, limit=limit, offset=offset, market=market)
    return _only_fields(request, body)


def _reorder(world: World, item: Playlist, body: wire.Json) -> wire.Response:
    """`range_length` rows from `range_start` go before the row that stood at `insert_before`."""
    start, before, length = (body.get(key, 1) for key in ("range_start", "insert_before", "range_length"))
    if not all(isinstance(value, int) and value >= 0 for value in (start, before, length)):
        raise wire.refuse(400, "Invalid range")
    with world.lock:
        if start + length > len(item.entries) or before > len(item.entries):
            raise wire.refuse(400, "Index out of bounds.")
        moved = item.entries[start : start + length]
        head = [e for i, e in enumerate(item.entries) if i < before and not start <= i < start + length]
        tail = [e for i, e in enumerate(item.entries) if i >= before and not start <= i < start + length]
        item.entries = head + moved + tail
        return wire.answer({"snapshot_id": item.touch()})


def _track_ids(request: wire.Request, body: Any) -> list[str]:
    """The track ids of `uris`, from an object, a bare array or the query."""
    uris = body.get("uris") if isinstance(body, dict) else body
    if uris is None and request.query.get("uris"):
        uris = request.listed("uris")
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise wire.refuse(400, "Missing required field: uris")
    if len(uris) > URIS:
        raise wire.refuse(400, f"You can add a maximum of {URIS} tracks per request.")
    return _parsed(uris)


def _parsed(uris: list[str]) -> list[str]:
    parts = [uri.split(":") for uri in uris]
    for uri, part in zip(uris, parts, strict=True):
        if len(part) != 3 or part[:2] != ["spotify", "track"] or not ids.well_formed(part[2]):
            raise wire.refuse(400, f"Invalid track uri: {uri}")
    return [part[2] for part in parts]


def _check_alive(world: World, track_ids: list[str]) -> None:
    if any(world.track(track_id) is None for track_id in track_ids):
        raise wire.refuse(502, "Error while loading resource")


def _entries(world: World, request: wire.Request, track_ids: list[str]) -> list[Entry]:
    now = world.clock.stamp()
    return [Entry(track_id, now, request.user) for track_id in track_ids]


def _found(world: World, playlist_id: str) -> Playlist:
    guard.well_formed([playlist_id])
    item = world.library.playlists.get(playlist_id)
    if item is None:
        raise wire.refuse(404, "Resource not found")
    return item


def _owns(request: wire.Request, item: Playlist) -> bool:
    return bool(request.user) and request.user == item.owner


def _own(world: World, request: wire.Request, playlist_id: str) -> Playlist:
    """The playlist where the caller may write it: theirs, with the scope for its kind. Otherwise 403."""
    guard.signed_in(world, request)
    item = _found(world, playlist_id)
    guard.need_scope(request, "playlist-modify-public" if item.public else "playlist-modify-private")
    if not _owns(request, item):
        raise wire.refuse(403, "Forbidden")
    return item


def _only_fields(request: wire.Request, body: wire.Json) -> wire.Response:
    wanted = request.one("fields")
    return wire.answer(fields.keep(body, fields.parse(wanted)) if wanted else body)
