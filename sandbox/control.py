"""The sandbox's own pages under /_sandbox: what is in it, and everything that can be changed by hand."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from sandbox import faults, links, wire
from sandbox.library import Entry, Playlist
from sandbox.world import World


def health(world: World, request: wire.Request) -> wire.Response:
    settings = world.settings._asdict()
    return wire.answer({"ok": True, "albums": world.catalogue.size, "seed": world.catalogue.seed} | settings)


def album_links(world: World, request: wire.Request) -> wire.Response:
    """GET links?count=N&odd=1: text, one link a line."""
    lines = links.album_links(
        world.catalogue, _whole(request.one("count", "100")), odd=request.one("odd") == "1"
    )
    return wire.text("\n".join(lines) + "\n")


def stats(world: World, request: wire.Request) -> wire.Response:
    """Calls so far by route ("GET /v1/albums"), status and user; how full the busiest 30 seconds were."""
    with world.lock:
        totals = dict(world.totals)
    return wire.answer(
        {
            "calls": totals.get("calls", 0),
            "api_calls": sum(
                count for name, count in totals.items() if name.startswith("route ") and " /v1/" in name
            ),
            "throttled": totals.get("throttled", 0),
            "by_endpoint": _under(totals, "route "),
            "by_status": _under(totals, "status "),
            "by_user": _under(totals, "user "),
            "fullest_30s": world.window.fullest,
            "playlists": len(world.playlists),
        }
    )


def users(world: World, request: wire.Request) -> wire.Response:
    return wire.answer({"users": [dataclasses.asdict(user) for user in world.users]})


def revoke(world: World, request: wire.Request, name: str) -> wire.Response:
    """POST users/{id}/revoke: the user has removed the app; refreshing says invalid_grant from now on."""
    user = world.accounts.find_user(name)
    if user is None:
        return wire.answer({"error": f"no user {name}"}, 404)
    return wire.answer({"revoked": world.revoke(user.user_id)})


def expire(world: World, request: wire.Request, name: str) -> wire.Response:
    """POST users/{id}/expire: the access tokens are over, the refresh tokens still good."""
    user = world.accounts.find_user(name)
    if user is None:
        return wire.answer({"error": f"no user {name}"}, 404)
    return wire.answer({"expired": world.expire_access(user.user_id)})


def change_user(world: World, request: wire.Request, name: str) -> wire.Response:
    """PUT users/{id}: {"allowed": false} takes them off the allow-list, {"country": "DE"} moves them."""
    user, body = world.accounts.find_user(name), request.json()
    if user is None:
        return wire.answer({"error": f"no user {name}"}, 404)
    user.allowed = bool(body.get("allowed", user.allowed))
    user.country = str(body.get("country", user.country))
    return wire.answer(dataclasses.asdict(user))


def list_faults(world: World, request: wire.Request) -> wire.Response:
    return wire.answer({"faults": world.faults.listed(), "held": world.faults.held(), "kinds": faults.KINDS})


def add_fault(world: World, request: wire.Request) -> wire.Response:
    """POST faults: one faults.Fault or a list of them: {"do": "throttle", "path": "/v1/albums"}."""
    body = request.json()
    try:
        added = [world.faults.add(**fault) for fault in (body if isinstance(body, list) else [body])]
    except (TypeError, ValueError) as error:
        return wire.answer({"error": str(error)}, 400)
    return wire.answer({"added": [fault.number for fault in added]}, 201)


def clear_faults(world: World, request: wire.Request) -> wire.Response:
    world.faults.clear()
    return wire.answer({"faults": []})


def release(world: World, request: wire.Request) -> wire.Response:
    """POST faults/release {"name": ..}: lets the requests at this barrier go on."""
    return wire.answer({"released": world.faults.release(str(request.json().get("name", "")))})


def clock(world: World, request: wire.Request) -> wire.Response:
    """GET the sandbox's time; POST {"advance": seconds} moves it."""
    seconds = float(request.json().get("advance", 0)) if request.method == "POST" else 0.0
    return wire.answer({"now": world.clock.advance(seconds)})


def playlists(world: World, request: wire.Request) -> wire.Response:
    """Every live playlist, oldest first; `?all=1` also the unfollowed ones."""
    found: Sequence[Playlist] = (
        list(world.library.playlists.values()) if request.one("all") else world.playlists
    )
    return wire.answer({"playlists": [describe(item) for item in found]})


def describe(item: Playlist) -> dict[str, Any]:
    return {
        "id": item.spotify_id,
        "owner": item.owner,
        "name": item.name,
        "description": item.description,
        "public": item.public,
        "followed": item.followed,
        "snapshot_id": item.snapshot_id,
        "tracks": item.track_ids,
    }


def edit_playlist(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    """PUT playlists/{id}: an edit by hand, as in Spotify's own app: name, description, tracks, followed."""
    item, body = world.library.playlists.get(playlist_id), request.json()
    if item is None:
        return wire.answer({"error": f"no playlist {playlist_id}"}, 404)
    with world.lock:
        for key in ("name", "description", "public", "followed"):
            setattr(item, key, body.get(key, getattr(item, key)))
        if "tracks" in body:
            item.entries = [Entry(track_id, world.clock.stamp(), item.owner) for track_id in body["tracks"]]
        item.touch()
        return wire.answer(describe(item))


def change_track(world: World, request: wire.Request, track_id: str) -> wire.Response:
    """PUT tracks/{id}: {"dead": true} takes it off Spotify, {"only_in": ["JP"]} locks it, null frees it."""
    body = request.json()
    if world.catalogue.find_track(track_id) is None:
        return wire.answer({"error": f"no track {track_id}"}, 404)
    with world.lock:
        if "dead" in body:
            (world.dead_tracks.add if body["dead"] else world.dead_tracks.discard)(track_id)
        if "only_in" in body:
            world.regions[track_id] = tuple(body["only_in"]) if body["only_in"] is not None else None
    return wire.answer(
        {"id": track_id, "dead": track_id in world.dead_tracks, "only_in": body.get("only_in")}
    )


def reset(world: World, request: wire.Request) -> wire.Response:
    world.reset()
    return wire.answer({"ok": True})


def _under(totals: dict[str, int], prefix: str) -> dict[str, int]:
    named = ((name.removeprefix(prefix), count) for name, count in totals.items() if name.startswith(prefix))
    return dict(sorted(named, key=lambda pair: (-pair[1], pair[0])))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
