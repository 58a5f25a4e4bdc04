"""Wikidata's query service as the sandbox plays it: one kind of query, honest limits, a trace in a 200."""

import datetime as dt
import re
from collections.abc import Iterator
from itertools import product
from random import Random

from sandbox import artist_genres, open_data, wire
from sandbox.artist_genres import Item
from sandbox.world import World

MOST = 250  # more artists than this run out of the service's sixty seconds
_JSON = "application/sparql-results+json;charset=utf-8"
_VALUES = re.compile(r"VALUES\s+\?sid\s*\{([^}]*)\}")
_ID = re.compile(r'"([^"\s]*)"')
_XML = "application/sparql-results+xml"
_SELECT = re.compile(r"SELECT\s+((?:\?\w+\s+)+)WHERE", re.IGNORECASE)
_LANGUAGES = re.compile(r"FILTER\(\s*LANG\(\?gl\)\s*(?:=|IN)([^?]*?)\)\s*\}")
_ENTITY = "http://www.wikidata.org/entity/"
TIMEOUT = (
    '{"head":{"vars":["sid"]},"results":{"bindings":[{"sid":{"type":"literal","valSPARQL-QUERY: queryStr=\n'
    "SELECT ...\njava.util.concurrent.TimeoutException\n"
)
"""A body for scripted faults: faults.add("status", path="/wikidata/", status=200, text=wikidata.TIMEOUT)."""
BAD_AGENT = "Please set a user-agent and respect our robot policy https://w.wiki/4wJS. See also T400119."


def sparql(world: World, request: wire.Request) -> wire.Response:
    """GET or POST /sparql with `query`: the rows of SPARQL's JSON form, in no order."""
    query = request.one("query") or request.form().get("query", "")
    values, selected = _VALUES.search(query), _SELECT.search(query)
    wanted = _ID.findall(values[1]) if values else []
    _admit(world, request, cost=0.2 + 0.008 * len(wanted))
    if not values or not selected or "wdt:P1902" not in query or "SERVICE" in query:
        text = f"SPARQL-QUERY: queryStr={query}\norg.openrdf.query.MalformedQueryException\n"
        return wire.text(text, 400)
    if "json" not in request.headers.get("accept", ""):
        return wire.text("<?xml version='1.0' encoding='UTF-8'?><sparql/>", 200, _XML)
    if len(set(wanted)) > MOST:
        return wire.text(TIMEOUT, 200, _JSON)
    names = [name.removeprefix("?") for name in selected[1].split()]
    rows = [row for spotify_id in dict.fromkeys(wanted) for row in _rows(world, spotify_id)]
    Random(len(rows)).shuffle(rows)
    _forget_other_languages(rows, query)
    bindings = [{name: row[name] for name in names if name in row} for row in rows]
    response = wire.answer({"head": {"vars": names}, "results": {"bindings": bindings}})
    response.content_type = _JSON
    return response


def _admit(world: World, request: wire.Request, *, cost: float) -> None:
    """Refusal: 403 for a bad User-Agent or a ban, 429 in HTML for too much of the service's time."""
    agent, now = request.headers.get("user-agent", ""), world.clock.now()
    if open_data.is_anonymous(agent) or not open_data.has_contact(agent):
        raise wire.Refusal(wire.text(BAD_AGENT, 403))
    with world.lock:
        wait = 0 if now < world.manners.banned_until else world.manners.ban_or_wait(cost, now=now)
        banned_until = world.manners.banned_until
    if now < banned_until:
        end = f"{dt.datetime.fromtimestamp(banned_until, dt.UTC):%Y-%m-%dT%H:%M:%S.000Z}"
        title = (
            f"Error 403 You have been banned until {end}, please respect throttling and retry-after headers."
        )
        raise wire.Refusal(wire.text(f"<html><title>Error 403 {title}</title></html>", 403, "text/html"))
    if wait:
        page = f"<html><pre>    Too Many Requests - Please retry in {wait} seconds.</pre></html>"
        refused = wire.text(page, 429, "text/html;charset=utf-8")
        refused.headers["Retry-After"] = str(wait)
        raise wire.Refusal(refused)


def _rows(world: World, spotify_id: str) -> Iterator[wire.Json]:
    artist = world.catalogue.find_artist(spotify_id)
    for item in artist_genres.items(world.catalogue, artist) if artist else []:
        yield from _item_rows(spotify_id, item)


def _item_rows(spotify_id: str, item: Item) -> Iterator[wire.Json]:
    """A row for every combination, as OPTIONALs give them; what is not said has no key."""
    start = {"sid": _literal(spotify_id), "item": _uri(_ENTITY + item.qid)}
    if item.mbid:
        start["mbid"] = _literal(item.mbid)
    combinations = product(item.origins or ("",), item.citizenships or ("",), item.genres or (None,))
    for origin, citizen, genre in combinations:
        row = dict(start)
        if origin:
            row["origin"] = _literal(origin)
        if citizen:
            row["citizen"] = _literal(citizen)
        yield row | (_genre(*genre) if genre else {})


def _genre(label: str, language: str, qid: str) -> wire.Json:
    if not qid:
        return {"g": _uri("http://www.wikidata.org/.well-known/genid/2f1c5a0d9b7e4c3f8a6b1d2e3f405162")}
    row = {"g": _uri(_ENTITY + qid)}
    if label:
        row["gl"] = _literal(label) | {"xml:lang": language}
    return row


def _forget_other_languages(rows: list[wire.Json], query: str) -> None:
    """A label in a language that the query's filter does not name is unbound."""
    filtered = _LANGUAGES.search(query)
    for row in rows:
        if filtered and "gl" in row and f'"{row["gl"]["xml:lang"]}"' not in filtered[1]:
            del row["gl"]


def _literal(value: str) -> wire.Json:
    return {"type": "literal", "value": value}


def _uri(value: str) -> wire.Json:
    return {"type": "uri", "value": value}
