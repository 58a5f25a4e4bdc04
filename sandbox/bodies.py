"""JSON bodies of albums, artists and tracks as the Web API writes them, in both modes."""

from typing import Any

from sandbox import artist_genres
from sandbox.records import Album, Artist, Track
from sandbox.world import World

Json = dict[str, Any]

_CODES = """
    AE AR AT AU BE BG BR CA CH CL CO CR CY CZ DE DK EE ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP
    KR LT LU LV MA MT MX MY NL NO NZ PE PH PL PT RO RS SA SE SG SI SK TH TR TW UA US UY VN ZA
"""
MARKETS = tuple(_CODES.split())
EMBEDDED_TRACKS = 50
_COVER = "ab67616d0000b273"


def album(world: World, item: Album, market: str) -> Json:
    """The full album with its first fifty tracks."""
    tracks = page(
        f"{world.base_url}/v1/albums/{item.spotify_id}/tracks",
        [simple_track(world, track, market) for track in world.catalogue.tracks(item)[:EMBEDDED_TRACKS]],
        total=item.total,
        limit=EMBEDDED_TRACKS,
        offset=0,
        market=market,
    )
    owner = f"{item.year} {item.label}"
    body = simple_album(world, item, market) | {
        "tracks": tracks,
        "copyrights": [{"text": owner, "type": "C"}, {"text": owner, "type": "P"}],
        "external_ids": {"upc": item.upc},
        "genres": [],  # Spotify stopped telling: they belong to artists, and other sources say them
    }
    if world.extended:
        body |= {"label": item.label, "popularity": item.popularity}
    return body


def simple_album(world: World, item: Album, market: str) -> Json:
    body: Json = {
        "album_type": item.kind,
        "total_tracks": item.total,
        "external_urls": _external("album", item.spotify_id),
        "href": f"{world.base_url}/v1/albums/{item.spotify_id}",
        "id": item.spotify_id,
        "images": images(world, item.number),
        "name": item.name,
        "release_date": item.release_date,
        "release_date_precision": item.precision,
        "type": "album",
        "uri": f"spotify:album:{item.spotify_id}",
        "artists": [artist_link(world, world.catalogue.artist(item.main_artist))],
    }
    if market:
        playable = item.only_in is None or market in item.only_in
        body["is_playable"] = playable
        if not playable:
            body["restrictions"] = {"reason": "market"}
    elif world.extended:
        body["available_markets"] = list(item.only_in or MARKETS)
    return body


def track(world: World, item: Track, market: str) -> Json:
    """The full track: with its album, codes and, in extended mode, popularity."""
    shown = _relinked(world, item, market)
    body = simple_track(world, item, market)
    body["album"] = simple_album(world, world.catalogue.album(shown.album), market)
    body["external_ids"] = {"isrc": shown.isrc}
    if world.extended:
        body["popularity"] = shown.popularity
    return body


def simple_track(world: World, item: Track, market: str) -> Json:
    """The track as albums list it. With a market a relinked one stands in, and `is_playable` is said."""
    shown = _relinked(world, item, market)
    body: Json = {
        "artists": [artist_link(world, world.catalogue.artist(number)) for number in shown.artists],
        "disc_number": shown.disc,
        "duration_ms": shown.duration_ms,
        "explicit": shown.explicit,
        "external_urls": _external("track", shown.spotify_id),
        "href": f"{world.base_url}/v1/tracks/{shown.spotify_id}",
        "id": shown.spotify_id,
        "name": shown.name,
        "preview_url": None,
        "track_number": shown.position,
        "type": "track",
        "uri": f"spotify:track:{shown.spotify_id}",
        "is_local": False,
    }
    if market:
        body["is_playable"] = world.playable(shown, market)
        if not body["is_playable"]:
            body["restrictions"] = {"reason": "market"}
    elif world.extended:
        body["available_markets"] = list(world.only_in(shown) or MARKETS)
    if shown is not item and world.extended:
        body["linked_from"] = _link(world, "track", item.spotify_id)
    return body


def artist(world: World, item: Artist) -> Json:
    body = artist_link(world, item) | {"images": images(world, item.number)}
    if world.extended:
        body |= {"genres": artist_genres.at_spotify(world.catalogue, item)}
        body |= {"followers": {"href": None, "total": int(item.fame**3 * 2_000_000)}}
        body |= {"popularity": int(item.fame * 90)}
    return body


def artist_link(world: World, item: Artist) -> Json:
    return _link(world, "artist", item.spotify_id) | {"name": item.name}


def page(
    href: str, items: list[Any], *, total: int, limit: int, offset: int, market: str = "", extra: str = ""
) -> Json:
    """A paging object; `next` and `previous` lead back to this host with the same parameters."""
    suffix = (f"&market={market}" if market else "") + extra

    def at(start: int) -> str:
        return f"{href}?offset={start}&limit={limit}{suffix}"

    return {
        "href": at(offset),
        "limit": limit,
        "next": at(offset + limit) if offset + limit < total else None,
        "offset": offset,
        "previous": at(max(0, offset - limit)) if offset > 0 else None,
        "total": total,
        "items": items,
    }


def images(world: World, number: int) -> list[Json]:
    """Covers are drawn by the sandbox itself, so that pages have artwork without the internet."""
    url = f"{world.base_url}/image/{_COVER}{number:024x}"
    return [{"url": url, "height": side, "width": side} for side in (640, 300, 64)]


def _relinked(world: World, item: Track, market: str) -> Track:
    if not market or item.relinks_to is None:
        return item
    other = world.catalogue.track_numbered(item.relinks_to)
    return other if other is not None and world.playable(other, market) else item


def _link(world: World, kind: str, spotify_id: str) -> Json:
    return {
        "external_urls": _external(kind, spotify_id),
        "href": f"{world.base_url}/v1/{kind}s/{spotify_id}",
        "id": spotify_id,
        "type": kind,
        "uri": f"spotify:{kind}:{spotify_id}",
    }


def _external(kind: str, spotify_id: str) -> Json:
    return {"spotify": f"https://open.spotify.com/{kind}/{spotify_id}"}
