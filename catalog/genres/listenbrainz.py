"""Genres of artists as MusicBrainz' editors vote for them, read in bulk from ListenBrainz: CC BY-NC-SA."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.spotify import deadline, ids
from catalog.genres import musicbrainz
from catalog.genres.provider import DAY_SECONDS, MBID, Absent, Answer, GenresError, Provider, known
from catalog.genres.vendor import REST_SECONDS, Pause, Vendor, json_of, retry_after

NAME = "listenbrainz"
ARTISTS_PER_CALL = 50
GAP_SECONDS = 0.35  # thirty calls in ten seconds
SECONDS, SECONDS_ALTOGETHER = 20.0, 120.0
THROTTLED_SECONDS = 10.0


def provider(url: str, vendor: Vendor, links_url: str, links: Vendor) -> Provider:
    """ListenBrainz at `url` (ends in /1), with MusicBrainz at `links_url` (ends in /ws/2) for the ids."""
    return Provider(NAME, ARTISTS_PER_CALL, functools.partial(lookup, url, vendor, links_url, links))


def lookup(
    url: str, vendor: Vendor, links_url: str, links: Vendor, artists: Mapping[str, str]
) -> dict[str, Answer]:
    """What the editors say about each artist; MusicBrainz is asked only for those without an MBID."""
    ends_at = vendor.ends_at(SECONDS_ALTOGETHER)
    given = {artist_id: mbid for artist_id, mbid in artists.items() if MBID.match(mbid)}
    unlinked = [artist_id for artist_id in artists if artist_id not in given and ids.is_id(artist_id)]
    mbids = given | musicbrainz.mbids(
        links_url, links, unlinked, ends_at=min(ends_at, links.ends_at(musicbrainz.SECONDS_ALTOGETHER))
    )
    tagged = _asked(url, vendor, sorted(set(mbids.values())), ends_at)
    return {artist_id: tagged.get(mbids.get(artist_id, ""), Absent()) for artist_id in artists}


def _asked(url: str, vendor: Vendor, mbids: list[str], ends_at: float) -> dict[str, Answer]:
    """{MBID: answer} of those that ListenBrainz knows."""
    if not mbids:
        return {}
    answer = vendor.ask(
        "GET",
        f"{url}/metadata/artist/",
        judge=judged,
        seconds=SECONDS,
        ends_at=ends_at,
        params={"artist_mbids": ",".join(mbids), "inc": "tag"},
    )
    if answer.status == 400 and len(mbids) > 1:
        # One id that it cannot read spoils the call: ask for the halves.
        middle = len(mbids) // 2
        return _asked(url, vendor, mbids[:middle], ends_at) | _asked(url, vendor, mbids[middle:], ends_at)
    if answer.status == 400:
        return {}
    try:
        body = json_of(answer)
    except ValueError as error:
        raise GenresError("ListenBrainz sent something that is not JSON.", seconds=REST_SECONDS) from error
    return read(body, mbids)


def judged(answer: deadline.Whole) -> Pause | None:
    """None where the body is worth reading, or is the 400 of an unreadable id."""
    if answer.status in (200, 400):
        return None
    if answer.status == 429:
        return Pause(_reset_in(answer), "it asks for a pause")
    if answer.status >= 500:
        return Pause(retry_after(answer, default=1.0), f"status {answer.status}")
    raise GenresError(
        f"ListenBrainz refuses us (status {answer.status}): look at LISTENBRAINZ_API_URL.",
        seconds=DAY_SECONDS,
        permanent=answer.status in (404, 405),
    )


def _reset_in(answer: deadline.Whole) -> float:
    try:
        default = float(answer.headers.get("X-RateLimit-Reset-In") or THROTTLED_SECONDS)
    except ValueError:
        default = THROTTLED_SECONDS
    return retry_after(answer, default=default if 0 <= default <= DAY_SECONDS else THROTTLED_SECONDS)


def read(body: Any, mbids: Iterable[str]) -> dict[str, Answer]:
    """{MBID: answer} from the rows; a tag is a genre where it carries a genre's own id. Pure."""
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise GenresError("ListenBrainz sent something without artists.", seconds=REST_SECONDS)
    wanted = set(mbids)
    found: dict[str, Answer] = {}
    for row in body:
        mbid = row.get("artist_mbid")
        if isinstance(mbid, str) and mbid in wanted:
            found[mbid] = known(_genres(row), mbid=mbid)
    return found


def _genres(row: Mapping[str, Any]) -> dict[str, int | None]:
    """{label: votes}; what was voted down is no genre."""
    tags = row.get("tag")
    entries = tags.get("artist") if isinstance(tags, dict) else None
    genres: dict[str, int | None] = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("tag"), str) and entry.get("genre_mbid"):
            count = entry.get("count")
            votes = count if isinstance(count, int) and not isinstance(count, bool) else None
            if votes is None or votes > 0:
                genres[entry["tag"]] = votes
    return genres
