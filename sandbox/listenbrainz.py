"""ListenBrainz' artist metadata as the sandbox plays it: tags with votes, thirty calls in ten seconds."""

import re
import uuid

from sandbox import artist_genres, wire
from sandbox.records import Artist
from sandbox.world import World

MOST = 1000
_MBID = re.compile(r"\A[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.IGNORECASE)


def artists(world: World, request: wire.Request) -> wire.Response:
    """GET /1/metadata/artist/?artist_mbids=a,b&inc=tag: a list; artists it does not know are missing."""
    _admit(world)
    wanted = request.listed("artist_mbids")
    if not 1 <= len(wanted) <= MOST:
        return _error(400, "artist_mbids argument must be present and contain a comma separated list")
    for mbid in wanted:
        if not _MBID.match(mbid):
            return _error(400, f"artist mbid {mbid} is not valid.")
    found = (_find(world, mbid.lower()) for mbid in sorted(set(wanted)))
    return wire.answer([_body(world, artist, "tag" in request.one("inc")) for artist in found if artist])


def _admit(world: World) -> None:
    with world.lock:
        wait = world.manners.listenbrainz.wait(1, now=world.clock.now())
    if wait:
        refused = _error(429, "You have exceeded your rate limit. See the X-RateLimit-* response headers.")
        refused.headers |= {"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "0"}
        refused.headers["X-RateLimit-Reset-In"] = str(wait)
        raise wire.Refusal(refused)


def _error(status: int, text: str) -> wire.Response:
    return wire.answer({"code": status, "error": text}, status)


def _find(world: World, mbid: str) -> Artist | None:
    number = artist_genres.number_of(world.catalogue, mbid)
    if number is None or not world.catalogue.albums_of(number):
        return None
    artist = world.catalogue.artist(number)
    return artist if artist_genres.votes(world.catalogue, artist) is not None else None


def _body(world: World, artist: Artist, with_tags: bool) -> wire.Json:
    mbid = artist_genres.mbid(world.catalogue, artist.number)
    body: wire.Json = {
        "artist_mbid": mbid,
        "mbid": mbid,
        "name": artist.name,
        "type": "Group" if artist.genre.people in artist_genres.BANDS else "Person",
        "rels": {},
    }
    votes = artist_genres.votes(world.catalogue, artist) or {}
    if with_tags and votes:
        body["tag"] = {"artist": [tag for label, count in votes.items() for tag in _tags(mbid, label, count)]}
    return body


def _tags(mbid: str, label: str, count: int) -> list[wire.Json]:
    """The genre, and now and then what people write beside it, which is no genre."""
    tag: wire.Json = {"artist_mbid": mbid, "count": count, "tag": label}
    genre = tag | {"genre_mbid": str(uuid.uuid5(uuid.NAMESPACE_DNS, label))}
    return [genre, tag | {"tag": "seen live", "count": 1}] if count % 3 == 0 else [genre]
