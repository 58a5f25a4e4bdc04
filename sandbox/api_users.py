"""The Web API's calls about the signed-in user: who they are, their playlists, their library."""

from sandbox import guard, playlist_bodies, wire
from sandbox.bodies import page
from sandbox.library import Playlist
from sandbox.world import World

# What the OpenAPI document asks for on /me/library: all three, whatever the kind of the URIs.
LIBRARY_SCOPES = ("user-library-modify", "user-follow-modify", "playlist-modify-public")
NAME_LENGTH, DESCRIPTION_LENGTH, LIBRARY_URIS = 100, 300, 40


def me(world: World, request: wire.Request) -> wire.Response:
    user = guard.signed_in(world, request)
    return wire.answer(
        playlist_bodies.me(world, user, request.token.scopes if request.token else frozenset())
    )


def my_playlists(world: World, request: wire.Request) -> wire.Response:
    """Newest first. Without playlist-read-private only the public ones are seen."""
    user = guard.signed_in(world, request)
    # Captured pages of extended mode lead on under the old path, which development mode no longer has.
    path = f"users/{user.user_id}/playlists" if world.extended else "me/playlists"
    private = request.token is not None and "playlist-read-private" in request.token.scopes
    return _playlists(world, request, user.user_id, path, private=private)


def user_playlists(world: World, request: wire.Request, user_id: str) -> wire.Response:
    """Anybody's public playlists, and one's own."""
    guard.extended_only(world)
    if user_id == guard.signed_in(world, request).user_id:
        return my_playlists(world, request)
    if user_id not in world.accounts.users:
        raise wire.refuse(404, "Resource not found")
    return _playlists(world, request, user_id, f"users/{user_id}/playlists", private=False)


def _playlists(world: World, request: wire.Request, owner: str, path: str, *, private: bool) -> wire.Response:
    limit, offset = guard.paging(request, default=20, most=50)
    with world.lock:
        shown = [item for item in world.library.of(owner) if item.public or private]
        rows = [playlist_bodies.listed(world, item) for item in shown[offset : offset + limit]]
    href = f"{world.base_url}/v1/{path}"
    return wire.answer(page(href, rows, total=len(shown), limit=limit, offset=offset))


def create_playlist(world: World, request: wire.Request) -> wire.Response:
    """POST /me/playlists: 201 and one more playlist, each time."""
    user = guard.signed_in(world, request)
    body = request.json()
    if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
        raise wire.refuse(400, "Missing required field: name")
    check_details(body)
    public = body.get("public") is not False
    if public and body.get("collaborative"):
        raise wire.refuse(400, "Collaborative playlists can only be private.")
    guard.need_scope(request, "playlist-modify-public" if public else "playlist-modify-private")
    with world.lock:
        if len(world.library.of(user.user_id)) >= world.settings.playlists_per_user:
            raise wire.refuse(403, "You have reached the maximum number of playlists.")
        made = world.library.create(
            user.user_id,
            name=body["name"],
            description=body.get("description") or "",
            public=public,
            collaborative=bool(body.get("collaborative")),
        )
        shown = playlist_bodies.playlist(world, made, market="", rows=True)
    return wire.answer(shown, 201, Location=shown["href"])


def create_for_user(world: World, request: wire.Request, user_id: str) -> wire.Response:
    """The old spelling of the above, gone from development mode."""
    guard.extended_only(world)
    if guard.signed_in(world, request).user_id != user_id:
        raise wire.refuse(403, "You cannot create a playlist for another user.")
    return create_playlist(world, request)


def check_details(body: wire.Json) -> None:
    """Spotify's undocumented limits: a name of 100 characters, a description of 300 on one line."""
    for key in ("name", "description"):
        if body.get(key) is not None and not isinstance(body[key], str):
            raise wire.refuse(400, f"Invalid {key}")
    if len(body.get("name") or "") > NAME_LENGTH or ("name" in body and not body["name"]):
        raise wire.refuse(400, "Invalid playlist name")
    description = body.get("description") or ""
    if len(description) > DESCRIPTION_LENGTH or "\n" in description or "\r" in description:
        raise wire.refuse(400, "Invalid playlist description")


def add_to_library(world: World, request: wire.Request) -> wire.Response:
    return _change_library(world, request, followed=True)


def remove_from_library(world: World, request: wire.Request) -> wire.Response:
    """DELETE /me/library?uris=spotify:playlist:..: deleting a playlist is unfollowing it."""
    return _change_library(world, request, followed=False)


def follow(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return _follow(world, request, playlist_id, followed=True)


def unfollow(world: World, request: wire.Request, playlist_id: str) -> wire.Response:
    guard.extended_only(world)
    return _follow(world, request, playlist_id, followed=False)


def _change_library(world: World, request: wire.Request, *, followed: bool) -> wire.Response:
    uris = request.listed("uris")
    if not uris or len(uris) > LIBRARY_URIS:
        raise wire.refuse(400, "Missing required parameter: uris" if not uris else "Too many uris requested")
    wanted = [uri.split(":") for uri in uris]
    if any(len(parts) != 3 or parts[0] != "spotify" for parts in wanted):
        raise wire.refuse(400, "Invalid URI")
    user = guard.signed_in(world, request)
    guard.need_scope(request, *LIBRARY_SCOPES)
    # Saved tracks, albums and shows are nothing Vibe has to do with: accepted and forgotten.
    playlist_ids = [parts[2] for parts in wanted if parts[1] == "playlist"]
    for playlist in _found(world, playlist_ids):
        _set_followed(user.user_id, playlist, followed=followed)
    return wire.empty()


def _follow(world: World, request: wire.Request, playlist_id: str, *, followed: bool) -> wire.Response:
    user = guard.signed_in(world, request)
    (playlist,) = _found(world, [playlist_id])
    guard.need_scope(request, "playlist-modify-public" if playlist.public else "playlist-modify-private")
    _set_followed(user.user_id, playlist, followed=followed)
    return wire.empty()


def _found(world: World, playlist_ids: list[str]) -> list[Playlist]:
    guard.well_formed(playlist_ids)
    with world.lock:
        found = [world.library.playlists.get(playlist_id) for playlist_id in playlist_ids]
    if None in found:
        raise wire.refuse(404, "Resource not found")
    return [playlist for playlist in found if playlist is not None]


def _set_followed(user_id: str, playlist: Playlist, *, followed: bool) -> None:
    if playlist.owner == user_id:
        playlist.followed = followed
    else:
        playlist.followers = max(0, playlist.followers + (1 if followed else -1))
