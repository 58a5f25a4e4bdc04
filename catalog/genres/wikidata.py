"""Genres and country of artists from Wikidata by Spotify artist id: CC0, a hundred artists a query."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.spotify import deadline, ids
from catalog.genres import taxonomy
from catalog.genres.provider import DAY_SECONDS, MBID, Absent, Answer, GenresError, Provider, known
from catalog.genres.vendor import REST_SECONDS, Pause, Vendor, json_of, retry_after, text_of

NAME = "wikidata"
ARTISTS_PER_CALL = 100
GAP_SECONDS = 1.5  # sixty seconds of its work in a minute are ours; a query takes one or more
# The service gives a query 60 s; the halves after a time-out are part of the same lookup.
SECONDS, SECONDS_ALTOGETHER = 65.0, 150.0
FEWEST = 10  # so few artists cannot be too many: a time-out is then the service's own trouble
THROTTLED_SECONDS = 60.0

# No SERVICE wikibase:label: that is Blazegraph's own, and the service is about to leave Blazegraph. Some
# labels exist in the language "mul" only. P495 is where a band comes from, P27 whose citizen a person is.
QUERY = """\
PREFIX wdt: <http://www.wikidata.org/prop/direct/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?sid ?item ?mbid ?origin ?citizen ?g ?gl WHERE { VALUES ?sid { %s }
 ?item wdt:P1902 ?sid . OPTIONAL { ?item wdt:P434 ?mbid }
 OPTIONAL { ?item wdt:P495/wdt:P297 ?origin } OPTIONAL { ?item wdt:P27/wdt:P297 ?citizen }
 OPTIONAL { ?item wdt:P136 ?g . OPTIONAL { ?g rdfs:label ?gl FILTER(LANG(?gl) IN ("en", "mul")) } }
}"""
_ITEM = re.compile(r"\Ahttps?://www\.wikidata\.org/entity/(Q[1-9][0-9]{0,11})\Z")
_COUNTRY = re.compile(r"\A[A-Z]{2}\Z")
# How Blazegraph ends an answer that took too long, whatever the status said before.
_TRACE = re.compile(r"SPARQL-QUERY: queryStr=|java\.util\.concurrent\.TimeoutException|QueryTimeoutException")
_BANNED = re.compile(r"banned until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)")
_RETRY = re.compile(r"retry in (\d{1,6}) seconds", re.IGNORECASE)


class _TooMuch(Exception):
    """The service did not finish the query: ask for fewer artists at once."""


@dataclass(slots=True)
class _Known:
    """What all rows of one Spotify id say together; an id may belong to several items."""

    qids: set[str] = field(default_factory=set)
    mbids: set[str] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)
    citizenships: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)


def provider(url: str, vendor: Vendor, *, now: Callable[[], dt.datetime]) -> Provider:
    """Wikidata at `url`, a SPARQL endpoint; `now` tells how long a ban that names its end lasts."""

    def lookup_now(artists: Mapping[str, str]) -> dict[str, Answer]:
        return lookup(url, vendor, now(), artists)

    return Provider(NAME, ARTISTS_PER_CALL, lookup_now)


def lookup(url: str, vendor: Vendor, now: dt.datetime, artists: Mapping[str, str]) -> dict[str, Answer]:
    """What Wikidata knows about each artist; what no Spotify id looks like is absent unasked."""
    askable = [artist_id for artist_id in artists if ids.is_id(artist_id)]
    answers: dict[str, Answer] = dict.fromkeys(artists, Absent())
    if askable:
        answers |= _asked(url, vendor, now, askable, vendor.ends_at(SECONDS_ALTOGETHER))
    return answers


def _asked(
    url: str, vendor: Vendor, now: dt.datetime, artist_ids: list[str], ends_at: float
) -> dict[str, Answer]:
    """One query, or two of half the size where it was too much for the service."""
    try:
        answer = vendor.ask(
            "POST",
            url,
            judge=functools.partial(judged, now=now),
            seconds=SECONDS,
            ends_at=ends_at,
            data={"query": query(artist_ids)},
            headers={"Accept": "application/sparql-results+json"},
        )
        return read(_body(answer), artist_ids)
    except _TooMuch as error:
        if len(artist_ids) <= FEWEST:
            raise GenresError(f"Wikidata is too slow: {error}", seconds=REST_SECONDS) from error
    middle = len(artist_ids) // 2
    first = _asked(url, vendor, now, artist_ids[:middle], ends_at)
    return first | _asked(url, vendor, now, artist_ids[middle:], ends_at)


def query(artist_ids: Iterable[str]) -> str:
    """The query about these artists. Raises ValueError for an id that could say something else in it."""
    wanted = list(artist_ids)
    for artist_id in wanted:
        if not ids.is_id(artist_id):
            raise ValueError(f"{artist_id[:40]!r} is not a Spotify artist id")
    return QUERY % " ".join(f'"{artist_id}"' for artist_id in wanted)


def judged(answer: deadline.Whole, *, now: dt.datetime) -> Pause | None:
    """What the status and the text of an answer mean; None where the body is worth reading."""
    text = text_of(answer)
    if answer.status == 200:
        return None
    if answer.status == 403:
        raise _refusal(text, answer, now)
    if answer.status == 429:
        said = _RETRY.search(text)
        default = float(said[1]) if said else THROTTLED_SECONDS
        return Pause(retry_after(answer, default=default), "it asks for a pause")
    if answer.status >= 500:
        if _TRACE.search(text):
            raise _TooMuch(f"status {answer.status}")
        return Pause(retry_after(answer, default=0.0), f"status {answer.status}")
    raise GenresError(
        f"Wikidata refuses the query itself (status {answer.status}): look at WIKIDATA_SPARQL_URL.",
        seconds=DAY_SECONDS,
        permanent=True,
    )


def _refusal(text: str, answer: deadline.Whole, now: dt.datetime) -> GenresError:
    """403 is a ban with an end, or a User-Agent that Wikimedia does not take."""
    if banned := _BANNED.search(text):
        try:
            end = dt.datetime.fromisoformat(banned[1])
        except ValueError:
            end = now
        seconds = min(max((end - now).total_seconds(), retry_after(answer, default=0.0)), 7 * DAY_SECONDS)
        return GenresError(f"Wikidata bans us until {banned[1]}.", seconds=seconds or DAY_SECONDS)
    if "user-agent" in text.casefold():
        return GenresError(
            "Wikidata refuses our User-Agent: OPERATOR_CONTACT must be a mail address or web page of yours.",
            seconds=DAY_SECONDS,
            permanent=True,
        )
    return GenresError("Wikidata refuses us (status 403).", seconds=retry_after(answer, default=DAY_SECONDS))


def _body(answer: deadline.Whole) -> Any:
    """The JSON of a 200. The service says 200 first and may run out of time then: such a body is cut."""
    try:
        return json_of(answer)
    except ValueError as error:
        ending = answer.body[-20_000:].decode("utf-8", "replace")
        why = "it ran out of time" if _TRACE.search(ending) else "the answer is cut"
        raise _TooMuch(why) from error


def read(body: Any, artist_ids: Iterable[str]) -> dict[str, Answer]:
    """{artist id: answer} from the result's rows, one per genre, label, country and MBID. Pure.

    No row is absent, rows without a genre are no genre. A row that cannot be read spoils the whole answer:
    the artist it is about would be taken for absent.
    """
    found: dict[str, _Known] = {artist_id: _Known() for artist_id in artist_ids}
    try:
        rows = body["results"]["bindings"]
        if not isinstance(rows, list):
            raise TypeError("bindings are no list")
        for row in rows:
            artist_id, item = row["sid"]["value"], _ITEM.match(row["item"]["value"])
            if item is None:
                raise ValueError("a row about no item")
            if artist_id in found:
                _add(found[artist_id], item[1], row)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise GenresError("Wikidata sent something without results.", seconds=REST_SECONDS) from error
    return {artist_id: _answer(each) for artist_id, each in found.items()}


def _add(each: _Known, qid: str, row: Mapping[str, Any]) -> None:
    each.qids.add(qid)
    each.mbids.update(_said(row, "mbid", MBID))
    each.origins.update(_said(row, "origin", _COUNTRY))
    each.citizenships.update(_said(row, "citizen", _COUNTRY))
    for uri in _said(row, "g", _ITEM):  # "some genre, unknown which" is no item and says nothing
        genre = uri.rpartition("/")[2]
        label = row.get("gl", {}).get("value")
        language = row.get("gl", {}).get("xml:lang")
        if isinstance(label, str) and (language == "en" or not each.labels.get(genre)):
            each.labels[genre] = label
        each.labels.setdefault(genre, "")


def _said(row: Mapping[str, Any], name: str, shape: re.Pattern[str]) -> list[str]:
    value = row[name]["value"] if name in row else ""
    return [value] if shape.match(value) else []


def _answer(each: _Known) -> Answer:
    if not each.qids:
        return Absent()
    labels = (label or taxonomy.label_of_qid(genre) for genre, label in each.labels.items())
    return known(
        {label: None for label in labels if label},
        qid=min(each.qids, key=lambda qid: int(qid[1:])),  # the oldest item: the others are doubles of it
        mbid=min(each.mbids, default=""),
        country=_only(each.origins) or _only(each.citizenships),
    )


def _only(values: set[str]) -> str:
    """The one value; two say that it depends, and that is nothing we can use."""
    return next(iter(values)) if len(values) == 1 else ""
