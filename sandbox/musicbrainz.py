"""MusicBrainz' look-up of links as the sandbox plays it: one call a second, two shapes, two kinds of 503."""

import re
import uuid

from sandbox import artist_genres, open_data, wire
from sandbox.records import Artist
from sandbox.world import World

MOST = 100
_LINK = re.compile(r"\Ahttps://open\.spotify\.com/artist/([0-9A-Za-z]{22})\Z")
_HELP = "For usage, please see: https://musicbrainz.org/development/mmd"
TOO_FAST: wire.Json = {
    "error": "Your requests are exceeding the allowable rate limit."
    " Please see http://wiki.musicbrainz.org/XMLWebService for more information."
}
BUSY: wire.Json = {"error": "The MusicBrainz web server is currently busy. Please try again later."}
BUSY_HEADERS = {"x-ratelimit-zone": "global", "x-ratelimit-limit": "15", "retry-after": "0"}
"""For scripted faults: faults.add("status", path="/ws/2/", status=503, body=BUSY, headers=BUSY_HEADERS)."""
_ANONYMOUS = {
    "error": "Your requests are being throttled by MusicBrainz because the application you are using has not"
    " identified itself. Please update your application, and see"
    " http://musicbrainz.org/doc/XML_Web_Service/Rate_Limiting for more information."
}


def urls(world: World, request: wire.Request) -> wire.Response:
    """GET /ws/2/url?resource=: at most a hundred, sorted by address; one alone is answered bare, or 404."""
    _admit(world, request)
    asked = request.query.get("resource", [])
    inc = request.one("inc").split()
    if not asked or request.one("fmt") != "json":
        return wire.answer({"error": "Invalid query: resource is needed", "help": _HELP}, 400)
    if unknown := [name for name in inc if name != "artist-rels"]:
        text = f"{unknown[0]} is not a valid inc parameter for the url resource."
        return wire.answer({"error": text, "help": _HELP}, 400)
    found = [body for link in sorted(set(asked[:MOST])) if (body := _url(world, link, bool(inc)))]
    if len(asked) > 1:
        return wire.answer({"url-count": len(found), "url-offset": 0, "urls": found})
    return wire.answer(found[0]) if found else wire.answer({"help": _HELP, "error": "Not Found"}, 404)


def _admit(world: World, request: wire.Request) -> None:
    if open_data.is_anonymous(request.headers.get("user-agent", "")):
        raise wire.Refusal(wire.answer(_ANONYMOUS, 403, x_ratelimit_who="ua-missing"))
    with world.lock:
        wait = world.manners.musicbrainz.wait(1, now=world.clock.now())
    if wait:
        headers = {"x_ratelimit_zone": "ws ip=127.0.0.1", "x_ratelimit_limit": "22", "retry_after": str(wait)}
        raise wire.Refusal(wire.answer(TOO_FAST, 503, **headers))


def _url(world: World, link: str, with_artists: bool) -> wire.Json | None:
    match = _LINK.match(link)
    artist = world.catalogue.find_artist(match[1]) if match else None
    if artist is None or not artist_genres.is_linked(world.catalogue, artist):
        return None
    body: wire.Json = {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, link)), "resource": link}
    return body | {"relations": [_relation(world, artist)]} if with_artists else body


def _relation(world: World, artist: Artist) -> wire.Json:
    return {
        "type": "free streaming",
        "type-id": "769085a1-c2f7-4c24-a532-2375a77693bd",
        "direction": "backward",
        "target-type": "artist",
        "begin": None,
        "end": None,
        "ended": False,
        "attributes": [],
        "attribute-ids": {},
        "attribute-values": {},
        "source-credit": "",
        "target-credit": "",
        "artist": {
            "id": artist_genres.mbid(world.catalogue, artist.number),
            "name": artist.name,
            "sort-name": artist.name,
            "disambiguation": "",
        },
    }
