"""A small search over the made-up catalogue: recording codes directly, names by going through all of them."""

from collections.abc import Iterator
from urllib.parse import urlencode

from sandbox import bodies
from sandbox.records import Album, Artist, Track
from sandbox.world import World

KINDS = ("album", "artist", "track")
MOST_HITS = 1000


def page(world: World, kind: str, query: str, limit: int, offset: int, market: str) -> bodies.Json:
    """One page of hits of a kind, as a paging object."""
    rows: list[bodies.Json] = []
    total = 0
    for hit in _hits(world, kind, query):
        if offset <= total < offset + limit:
            rows.append(_body(world, hit, market))
        total += 1
        if total >= MOST_HITS:
            break
    extra = "&" + urlencode({"query": query, "type": kind})
    href = f"{world.base_url}/v1/search"
    return bodies.page(href, rows, total=total, limit=limit, offset=offset, market=market, extra=extra)


def _hits(world: World, kind: str, query: str) -> Iterator[Track | Album | Artist]:
    filters, words = _read(query)
    if "isrc" in filters:
        track = world.catalogue.find_isrc(filters["isrc"]) if kind == "track" else None
        yield from [track] if track else []
    elif kind == "artist":
        yield from _artists(world, words)
    else:
        yield from _albums_or_tracks(world, kind, words, filters)


def _albums_or_tracks(
    world: World, kind: str, words: list[str], filters: dict[str, str]
) -> Iterator[Track | Album]:
    for number in filter(world.catalogue.exists, range(world.catalogue.size)):
        album = world.catalogue.album(number)
        if "upc" in filters and album.upc != filters["upc"]:
            continue
        things: list[Album] | list[Track] = [album] if kind == "album" else world.catalogue.tracks(album)
        yield from (thing for thing in things if all(word in thing.name.lower() for word in words))


def _artists(world: World, words: list[str]) -> Iterator[Artist]:
    for number in world.catalogue.artist_numbers():
        artist = world.catalogue.artist(number)
        if all(word in artist.name.lower() for word in words):
            yield artist


def _read(query: str) -> tuple[dict[str, str], list[str]]:
    """({filter: value}, [word]) of `isrc:QZA002400001 night`; `track:` and `album:` are plain words here."""
    filters, words = {}, []
    for part in query.lower().replace('"', "").split():
        name, colon, value = part.partition(":")
        if colon and name in ("isrc", "upc"):
            filters[name] = value
        else:
            words.append(value if colon else name)
    return filters, words


def _body(world: World, hit: Track | Album | Artist, market: str) -> bodies.Json:
    if isinstance(hit, Track):
        return bodies.track(world, hit, market)
    if isinstance(hit, Album):
        return bodies.simple_album(world, hit, market)
    return bodies.artist(world, hit)
