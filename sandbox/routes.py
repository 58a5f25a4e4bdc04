"""Every path the sandbox answers, service by service, and the function behind it."""

import re
from collections.abc import Callable
from typing import NamedTuple

from sandbox import (
    api_catalogue,
    api_playlists,
    api_users,
    control,
    covers,
    gemini,
    listenbrainz,
    musicbrainz,
    oauth,
    reccobeats,
    wikidata,
    wire,
)

Handler = Callable[..., wire.Response]


class Route(NamedTuple):
    """`template` is the path with {names}; `name` is what calls are counted under."""

    method: str
    template: str
    handler: Handler
    name: str
    pattern: re.Pattern[str]


def _route(method: str, template: str, handler: Handler) -> Route:
    pattern = re.sub(r"\{\w+\}", r"([^/]+?)", re.escape(template).replace(r"\{", "{").replace(r"\}", "}"))
    return Route(method, template, handler, f"{method} {template}", re.compile(pattern))


WEB_API = (
    ("GET", "/v1/albums", api_catalogue.albums),
    ("GET", "/v1/albums/{id}", api_catalogue.album),
    ("GET", "/v1/albums/{id}/tracks", api_catalogue.album_tracks),
    ("GET", "/v1/tracks", api_catalogue.tracks),
    ("GET", "/v1/tracks/{id}", api_catalogue.track),
    ("GET", "/v1/audio-features", api_catalogue.audio_features),
    ("GET", "/v1/audio-features/{id}", api_catalogue.track_features),
    ("GET", "/v1/artists", api_catalogue.artists),
    ("GET", "/v1/artists/{id}", api_catalogue.artist),
    ("GET", "/v1/artists/{id}/albums", api_catalogue.artist_albums),
    ("GET", "/v1/search", api_catalogue.find),
    ("GET", "/v1/me", api_users.me),
    ("GET", "/v1/me/playlists", api_users.my_playlists),
    ("POST", "/v1/me/playlists", api_users.create_playlist),
    ("GET", "/v1/users/{id}/playlists", api_users.user_playlists),
    ("POST", "/v1/users/{id}/playlists", api_users.create_for_user),
    ("PUT", "/v1/me/library", api_users.add_to_library),
    ("DELETE", "/v1/me/library", api_users.remove_from_library),
    ("PUT", "/v1/playlists/{id}/followers", api_users.follow),
    ("DELETE", "/v1/playlists/{id}/followers", api_users.unfollow),
    ("GET", "/v1/playlists/{id}", api_playlists.playlist),
    ("PUT", "/v1/playlists/{id}", api_playlists.change),
    ("GET", "/v1/playlists/{id}/items", api_playlists.items),
    ("PUT", "/v1/playlists/{id}/items", api_playlists.replace),
    ("POST", "/v1/playlists/{id}/items", api_playlists.add),
    ("DELETE", "/v1/playlists/{id}/items", api_playlists.remove),
    ("GET", "/v1/playlists/{id}/tracks", api_playlists.tracks),
    ("PUT", "/v1/playlists/{id}/tracks", api_playlists.old_replace),
    ("POST", "/v1/playlists/{id}/tracks", api_playlists.old_add),
    ("DELETE", "/v1/playlists/{id}/tracks", api_playlists.old_remove),
    ("GET", "/v1/playlists/{id}/images", api_playlists.covers),
    ("PUT", "/v1/playlists/{id}/images", api_playlists.set_cover),
)
OTHERS = (
    ("GET", "/accounts/authorize", oauth.authorize),
    ("POST", "/accounts/api/token", oauth.token),
    ("GET", "/reccobeats/v1/audio-features", reccobeats.audio_features),
    ("GET", "/reccobeats/v1/track", reccobeats.tracks),
    ("GET", "/wikidata/sparql", wikidata.sparql),
    ("POST", "/wikidata/sparql", wikidata.sparql),
    ("GET", "/musicbrainz/ws/2/url", musicbrainz.urls),
    ("GET", "/listenbrainz/1/metadata/artist", listenbrainz.artists),
    ("POST", "/gemini/v1/models/{model}:generateContent", gemini.generate),
    ("POST", "/gemini/v1beta/models/{model}:generateContent", gemini.generate),
    ("GET", "/image/{name}", covers.image),
)
CONTROL = (
    ("GET", "/_sandbox/health", control.health),
    ("GET", "/_sandbox/links", control.album_links),
    ("GET", "/_sandbox/stats", control.stats),
    ("GET", "/_sandbox/users", control.users),
    ("PUT", "/_sandbox/users/{id}", control.change_user),
    ("POST", "/_sandbox/users/{id}/revoke", control.revoke),
    ("POST", "/_sandbox/users/{id}/expire", control.expire),
    ("GET", "/_sandbox/faults", control.list_faults),
    ("POST", "/_sandbox/faults", control.add_fault),
    ("DELETE", "/_sandbox/faults", control.clear_faults),
    ("POST", "/_sandbox/faults/release", control.release),
    ("GET", "/_sandbox/clock", control.clock),
    ("POST", "/_sandbox/clock", control.clock),
    ("GET", "/_sandbox/playlists", control.playlists),
    ("PUT", "/_sandbox/playlists/{id}", control.edit_playlist),
    ("PUT", "/_sandbox/tracks/{id}", control.change_track),
    ("POST", "/_sandbox/reset", control.reset),
)
ROUTES = tuple(_route(*row) for row in (*WEB_API, *OTHERS, *CONTROL))
_BY_HEAD: dict[tuple[str, str], list[Route]] = {}
for _each in ROUTES:
    _BY_HEAD.setdefault((_each.method, _each.template.split("/")[1]), []).append(_each)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route for a path and the values in it."""
    for route in _BY_HEAD.get((method, path.split("/", 2)[1]), ()):
        if match := route.pattern.fullmatch(path):
            return route, match.groups()
    return None


def allowed(path: str) -> list[str]:
    """The methods that some route answers at this path: empty means 404, anything else 405."""
    return sorted({route.method for route in ROUTES if route.pattern.fullmatch(path)})
