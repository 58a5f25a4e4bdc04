"""JSON bodies of users and playlists, with both spellings of extended mode or the one of development mode."""

import html
from typing import Any

from sandbox import bodies
from sandbox.accounts import User
from sandbox.library import Entry, Playlist
from sandbox.world import World

Json = dict[str, Any]

EMBEDDED_ROWS = 100


def me(world: World, user: User, scopes: frozenset[str]) -> Json:
    """The signed-in user; extended mode adds what the scopes allow."""
    body = _user(world, user.user_id) | {
        "display_name": user.display_name,
        "account_id": user.account_id,
        "images": [{"url": f"{world.base_url}/image/user{user.number:04x}", "height": 300, "width": 300}],
    }
    if world.extended:
        body["followers"] = {"href": None, "total": 7 * user.number}
        if "user-read-private" in scopes:
            body |= {"country": user.country, "product": "premium"}
            body["explicit_content"] = {"filter_enabled": False, "filter_locked": False}
        if "user-read-email" in scopes:
            body["email"] = f"{user.user_id}@sandbox.invalid"
    return body


def playlist(world: World, item: Playlist, *, market: str, rows: bool) -> Json:
    """The full playlist; `rows` embeds its first hundred, as owners (in extended mode everybody) see them."""
    body = _shared(world, item) | {"followers": {"href": None, "total": item.followers}}
    if rows:
        for spelling in spellings(world):
            body[spelling] = rows_page(world, item, spelling, limit=EMBEDDED_ROWS, offset=0, market=market)
    return body


def listed(world: World, item: Playlist) -> Json:
    """The playlist as /me/playlists lists it: with the number of its rows, without them."""
    body = _shared(world, item)
    for spelling in spellings(world):
        body[spelling] = {"href": _rows_href(world, item, spelling), "total": len(item.entries)}
    return body


def rows_page(world: World, item: Playlist, spelling: str, *, limit: int, offset: int, market: str) -> Json:
    rows = [row(world, entry, market) for entry in item.entries[offset : offset + limit]]
    return bodies.page(
        _rows_href(world, item, spelling),
        rows,
        total=len(item.entries),
        limit=limit,
        offset=offset,
        market=market,
        extra="&additional_types=track",
    )


def row(world: World, entry: Entry, market: str) -> Json:
    """One row; its track is null once the track is gone from Spotify."""
    found = world.track(entry.track_id)
    body = bodies.track(world, found, market) | {"episode": False, "track": True} if found else None
    adder = _user(world, entry.added_by)
    shared = {
        "added_at": entry.added_at,
        "added_by": adder,
        "is_local": False,
        "primary_color": None,
        "video_thumbnail": {"url": None},
        "item": body,
    }
    return shared | ({"track": body} if world.extended else {})


def spellings(world: World) -> tuple[str, ...]:
    return ("tracks", "items") if world.extended else ("items",)


def _shared(world: World, item: Playlist) -> Json:
    owner = world.accounts.users.get(item.owner)
    return {
        "collaborative": item.collaborative,
        # Spotify hands descriptions back HTML-escaped, whatever was sent.
        "description": html.escape(item.description, quote=True).replace("&#x27;", "&#39;"),
        "external_urls": {"spotify": f"https://open.spotify.com/playlist/{item.spotify_id}"},
        "href": f"{world.base_url}/v1/playlists/{item.spotify_id}",
        "id": item.spotify_id,
        "images": [{"url": item.cover, "height": None, "width": None}]
        if item.cover
        else _mosaic(world, item),
        "name": item.name,
        "owner": _user(world, item.owner) | {"display_name": owner.display_name if owner else None},
        "primary_color": None,
        "public": item.public,
        "snapshot_id": item.snapshot_id,
        "type": "playlist",
        "uri": f"spotify:playlist:{item.spotify_id}",
    }


def _mosaic(world: World, item: Playlist) -> list[Json]:
    """The cover that Spotify makes from the first track's album; none while the playlist is empty."""
    first = world.track(item.entries[0].track_id) if item.entries else None
    if first is None:
        return []
    return [{"url": bodies.images(world, first.album)[0]["url"], "height": None, "width": None}]


def _user(world: World, user_id: str) -> Json:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/user/{user_id}"},
        "href": f"{world.base_url}/v1/users/{user_id}",
        "id": user_id,
        "type": "user",
        "uri": f"spotify:user:{user_id}",
    }


def _rows_href(world: World, item: Playlist, spelling: str) -> str:
    return f"{world.base_url}/v1/playlists/{item.spotify_id}/{spelling}"
