"""MusicBrainz ids of artists by their Spotify links: fifty links a call, one call a second, CC0."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from accounts.spotify import deadline
from catalog.genres.provider import DAY_SECONDS, MBID, GenresError
from catalog.genres.vendor import REST_SECONDS, Pause, Vendor, json_of, retry_after, text_of

LINKS_PER_CALL = 50  # a hundred are read, the rest is silently dropped; an address has a length
GAP_SECONDS = 1.0
SECONDS, SECONDS_ALTOGETHER = 20.0, 60.0
LINK = "https://open.spotify.com/artist/"
_RESOURCE = re.compile(r"\Ahttps?://open\.spotify\.com/artist/([0-9A-Za-z]{22})\Z")


def mbids(url: str, vendor: Vendor, artist_ids: Iterable[str], *, ends_at: float) -> dict[str, str]:
    """{artist id: MBID} of at most fifty Spotify artists; who is not linked is missing.

    Raises GenresError. `url` ends in /ws/2.
    """
    wanted = list(artist_ids)
    if not wanted:
        return {}
    answer = vendor.ask(
        "GET",
        f"{url}/url",
        judge=functools.partial(judged, links=len(wanted)),
        seconds=SECONDS,
        ends_at=ends_at,
        params={
            "resource": [LINK + artist_id for artist_id in wanted],
            "inc": "artist-rels",
            "fmt": "json",
        },
    )
    if answer.status == 404:  # one link, and it is unknown; of several the unknown are just missing
        return {}
    try:
        body = json_of(answer)
    except ValueError as error:
        raise GenresError("MusicBrainz sent something that is not JSON.", seconds=REST_SECONDS) from error
    return linked(body, wanted)


def judged(answer: deadline.Whole, *, links: int) -> Pause | None:
    """None where the body is worth reading, or is the 404 of one unknown link."""
    text = text_of(answer)
    if answer.status == 200 or (answer.status == 404 and links == 1):
        return None
    if answer.status in (429, 503):
        # Both come with status 503: we are too fast, or the server is busy and every client is refused.
        seconds = max(1.0, retry_after(answer, default=1.0))
        why = "we ask too fast" if "exceeding the allowable rate" in text else "it is busy"
        return Pause(seconds, why)
    if answer.status >= 500:
        return Pause(retry_after(answer, default=1.0), f"status {answer.status}")
    if answer.status == 403:
        raise GenresError(
            "MusicBrainz refuses our User-Agent: OPERATOR_CONTACT must be a mail address or a web page of"
            " yours.",
            seconds=DAY_SECONDS,
            permanent=True,
        )
    raise GenresError(
        f"MusicBrainz refuses the question (status {answer.status}): look at MUSICBRAINZ_API_URL.",
        seconds=DAY_SECONDS,
        permanent=True,
    )


def linked(body: Any, artist_ids: Iterable[str]) -> dict[str, str]:
    """{artist id: MBID} from the answer of many links, a list, or of one, the url itself. Pure.

    A link that belongs to several artists belongs to none that we could name.
    """
    wanted, found = set(artist_ids), {}
    for url in _urls(body):
        artist_id = _RESOURCE.match(url["resource"]) if isinstance(url.get("resource"), str) else None
        mbids = _artists(url.get("relations"))
        if artist_id and artist_id[1] in wanted and len(mbids) == 1:
            found[artist_id[1]] = mbids.pop()
    return found


def _urls(body: Any) -> list[dict[str, Any]]:
    urls = body.get("urls", [body] if "resource" in body else None) if isinstance(body, dict) else None
    if not isinstance(urls, list) or not all(isinstance(url, dict) for url in urls):
        raise GenresError("MusicBrainz sent something without links.", seconds=REST_SECONDS)
    return urls


def _artists(relations: Any) -> set[str]:
    entries = [entry for entry in relations if isinstance(entry, dict)] if isinstance(relations, list) else []
    artists = (entry.get("artist") for entry in entries if entry.get("target-type") == "artist")
    mbids = (artist.get("id") for artist in artists if isinstance(artist, dict))
    return {mbid for mbid in mbids if isinstance(mbid, str) and MBID.match(mbid)}
