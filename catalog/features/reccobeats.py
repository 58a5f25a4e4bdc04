"""Audio features from ReccoBeats: free, keyed by Spotify's track ids, and knowing 60 to 85 of 100 tracks."""

from __future__ import annotations

import functools
import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

from accounts.spotify import deadline
from catalog.features.provider import FeaturesError, Measures, Provider, believed

NAME = "reccobeats"
IDS_PER_CALL = 40
TIMEOUT = (3.05, 10.0)  # connect, the longest silence
SECONDS = 20.0  # what one request may take altogether
MOST_BYTES = 1_000_000
TRIES = 3
# Python's own is refused with 403 (seen 2026-09-27), and one person runs the service: say who asks.
USER_AGENT = "Vibe/0.1 (playlist curation)"
REST_SECONDS = 60.0
LONGEST_REST_SECONDS = 86_400.0
_TRACK = re.compile(r"/track/([0-9A-Za-z]{22})(?:[/?#]|\Z)")


def provider(url: str, *, sleep: Callable[[float], None] = time.sleep) -> Provider:
    """ReccoBeats at `url` (ends in /v1)."""
    return Provider(NAME, IDS_PER_CALL, functools.partial(fetch, url, sleep=sleep))


def fetch(
    url: str, track_ids: Sequence[str], *, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Measures]:
    """{track id: measures} of at most 40 tracks; those it does not know are missing. Raises FeaturesError."""
    answer = _answer(url, track_ids, sleep)
    if answer.status == 400 and len(track_ids) > 1:
        # One id that it cannot read spoils the call: ask for the halves.
        middle = len(track_ids) // 2
        return fetch(url, track_ids[:middle], sleep=sleep) | fetch(url, track_ids[middle:], sleep=sleep)
    if answer.status in {400, 404}:
        return {}
    return joined(_body(answer), set(track_ids))


def joined(body: Any, wanted: set[str]) -> dict[str, Measures]:
    """Rows by the track id in their href: `id` is ReccoBeats' own, the order is arbitrary. Pure."""
    rows = body.get("content") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise FeaturesError("ReccoBeats sent something without content.", seconds=REST_SECONDS)
    found = {}
    for row in rows:
        named = _TRACK.search(str(row.get("href"))) if isinstance(row, dict) else None
        measures = believed(row) if named else {}
        if named and measures and named[1] in wanted:
            found[named[1]] = measures
    return found


def _answer(url: str, track_ids: Sequence[str], sleep: Callable[[float], None]) -> deadline.Whole:
    """The answer, after up to three tries where the service stumbles."""
    trouble = ""
    for attempt in range(TRIES):
        if attempt:
            sleep(0.5 * 2**attempt)
        try:
            answer = deadline.request(
                _session(),
                "GET",
                f"{url}/audio-features",
                params={"ids": ",".join(track_ids)},
                timeout=TIMEOUT,
                seconds=SECONDS,
                most_bytes=MOST_BYTES,
            )
        except requests.RequestException as error:
            trouble = type(error).__name__
            continue
        if answer.status == 429:
            raise FeaturesError(
                "ReccoBeats asks for a pause.", seconds=_pause(answer.headers.get("Retry-After"))
            )
        if answer.status < 500:
            return answer
        trouble = f"status {answer.status}"
    raise FeaturesError(f"ReccoBeats does not answer ({trouble}).", seconds=REST_SECONDS)


def _body(answer: deadline.Whole) -> Any:
    if answer.status != 200:
        raise FeaturesError(f"ReccoBeats refuses us (status {answer.status}).", seconds=10 * REST_SECONDS)
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise FeaturesError("ReccoBeats sent something that is not JSON.", seconds=REST_SECONDS) from error


def _pause(retry_after: str | None) -> float:
    """Seconds to stay away; the header may be missing, a date or nonsense."""
    try:
        seconds = float(retry_after or REST_SECONDS)
    except ValueError:
        return REST_SECONDS
    return min(max(seconds, 1.0), LONGEST_REST_SECONDS) if seconds == seconds else REST_SECONDS


@functools.cache
def _session() -> requests.Session:
    return deadline.plain_session(USER_AGENT)
