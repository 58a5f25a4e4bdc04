"""A reading becomes the vibe.policy/1 document that says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from curation.vibes.intent import DEFAULT_SPREAD, SPREAD, Intent

# What a sentence gets only if it asks for it.
UNASKED_VERSIONS = ("karaoke", "slowed", "sped_up", "tribute")
NO_INTERLUDE = {"field": "is_interlude", "op": "eq", "value": False, "missing": "include"}
NO_SEASON = {"field": "season", "op": "eq", "value": "none", "missing": "include"}


def document(
    asked: Intent, *, count: int, widest: Intent | None = None, nearer: Sequence[tuple[Intent, int]] = ()
) -> dict[str, Any]:
    """The vibe.policy/1 document of a reading.

    Where too few songs fit `asked`, `widest` becomes the condition to fall back to, and `nearer` keeps places
    in the list for those that fit better: (reading, places), best first.
    """
    asked_where = where(asked)
    body: dict[str, Any] = {
        "schema": "vibe.policy/1",
        "target": {"count": count, "min_count": count, "on_shortfall": "short"},
        **({"where": {"all": asked_where}} if asked_where else {}),
        "limits": _limits(asked, count),
        "rotation": {"repeat_gap_days": 0, "scope": "playlist"},
        "score": {"terms": list(_terms(asked)), "jitter": 0.15},
        "order": _order(asked),
        "relax": [{"path": "order.artist_gap", "to": 1}],
    }
    for noun, to in (("album", 2), ("artist", 3)):
        limit = body["limits"][f"per_{noun}"]
        if limit is not None and limit < to:
            body["relax"].append({"path": f"limits.per_{noun}", "to": to})
    if widest is not None:
        body |= {"fallback_where": {"all": where(widest)}, "blend": list(_pools(nearer, count))}
        body["score"]["terms"] += list(_year_terms(asked))
        body["relax"] += [{"path": "where"}, {"path": "blend"}]
    body["relax"] += [{"path": "limits.per_album", "to": None}, {"path": "limits.per_artist", "to": None}]
    return body


def narrowed(body: dict[str, Any], albums: Sequence[str]) -> dict[str, Any]:
    """The document with what is plentiful in it drawn from these albums alone; what fits better stays."""
    sample = {"field": "album_id", "op": "in", "value": list(albums)}
    if "fallback_where" not in body:
        return {**body, "where": {"all": [sample, *body.get("where", {"all": []})["all"]]}}
    plenty = {"all": [sample, *body["fallback_where"]["all"]]}
    better = [pool["where"] for pool in body["blend"]]
    return {**body, "fallback_where": {"any": [*better, plenty]}}


def _pools(nearer: Sequence[tuple[Intent, int]], count: int) -> Iterator[dict[str, Any]]:
    for number, (reading, places) in enumerate(nearer):
        conditions = where(reading)
        if places and conditions:
            name = f"near-{number}" if number else "asked"
            yield {"name": name, "share": places / count, "where": {"all": conditions}}


def _year_terms(reading: Intent) -> Iterator[dict[str, Any]]:
    """Once other years are let in, the nearest come first."""
    for low, high in reading.years[:1]:
        low, high = max(low, 1950), min(high, 2030)
        yield _term("release_year", 1.5, "near", (low + high) / 2, max(5.0, (high - low) / 2))


# --- the condition


def where(reading: Intent) -> list[dict[str, Any]]:
    """The conditions that all must hold."""
    return [
        *_genre_rules(reading),
        *_artist_rules(reading),
        *_year_rules(reading),
        *_measure_rules(reading),
        *_plain_rules(reading),
    ]


def _genre_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    if reading.genres:
        yield {"any": [_contains("genre", term) for genre in reading.genres for term in genre.terms]}
    for genre in reading.not_genres:
        for term in genre.terms:
            yield {"not": _contains("genre", term, missing="include")}


def _artist_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    if reading.artists:
        yield {"field": "artist", "op": "in", "value": list(reading.artists)}
    if reading.not_artists:
        yield {"field": "artist", "op": "not_in", "value": list(reading.not_artists), "missing": "include"}


def _year_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    if len(reading.years) == 1:
        yield _between("release_year", *reading.years[0])
    elif reading.years:
        yield {"any": [_between("release_year", *span) for span in reading.years]}
    for span in reading.not_years:
        yield {"not": _between("release_year", *span, missing="include")}


def _measure_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    missing = "include" if reading.lenient else "exclude"
    for measure in reading.measures:
        if measure.is_rule:
            yield _range(measure.name, measure.low, measure.high, missing)
    if reading.instrumental is True:
        yield _range("instrumentalness", 0.5, None, "include" if reading.unheard else "exclude")
    elif reading.instrumental is False:
        yield _range("instrumentalness", None, 0.5, "include")
    if reading.mode_major is not None:
        yield {"field": "mode_major", "op": "eq", "value": reading.mode_major, "missing": missing}


def _plain_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    missing = "include" if reading.lenient else "exclude"
    if reading.explicit is False:
        yield {"field": "explicit", "op": "eq", "value": False}
    if reading.popularity == "popular":
        yield _range("popularity", 55, None, missing)
    elif reading.popularity == "hidden":
        yield _range("popularity", None, 35, missing)
    if any(reading.seconds):
        yield _range("duration_s", *reading.seconds, missing="exclude")
    yield from _title_rules(reading)


def _title_rules(reading: Intent) -> Iterator[dict[str, Any]]:
    """What titles tell: no listener wants an interlude unasked, few want karaoke or Christmas in June."""
    if reading.versions:
        yield {"field": "version", "op": "in", "value": list(reading.versions)}
    unwanted = {*UNASKED_VERSIONS, *reading.not_versions} - {*reading.versions}
    if unwanted:
        yield {"field": "version", "op": "not_in", "value": sorted(unwanted), "missing": "include"}
    yield NO_INTERLUDE
    if reading.seasons:
        yield {"field": "season", "op": "in", "value": list(reading.seasons)}
    elif not reading.season_free:
        yield NO_SEASON
    if reading.not_seasons:
        yield {"field": "season", "op": "not_in", "value": list(reading.not_seasons), "missing": "include"}


def _contains(name: str, value: str, missing: str = "exclude") -> dict[str, Any]:
    return {"field": name, "op": "contains", "value": value, "missing": missing}


def _between(name: str, low: float, high: float, missing: str = "exclude") -> dict[str, Any]:
    return {"field": name, "op": "between", "value": [low, high], "missing": missing}


def _range(name: str, low: float | None, high: float | None, missing: str) -> dict[str, Any]:
    if low is not None and high is not None:
        return _between(name, low, high, missing)
    op, value = ("gte", low) if low is not None else ("lte", high)
    return {"field": name, "op": op, "value": value, "missing": missing}


# --- the rest of the document


def _limits(reading: Intent, count: int) -> dict[str, Any]:
    named = len(reading.artists)
    if named:
        return {"per_artist": None, "per_album": max(2, -(-count // (named * 3))), "one_per_recording": True}
    each = 1 if count <= 12 else 2
    return {"per_artist": each, "per_album": each, "one_per_recording": True}


def _terms(reading: Intent) -> Iterator[dict[str, Any]]:
    for measure in reading.measures:
        if measure.near is not None:
            spread = SPREAD.get(measure.name, DEFAULT_SPREAD)
            yield _term(measure.name, round(measure.weight, 2), "near", round(measure.near, 3), spread)
    if reading.instrumental is not None:
        yield _term("instrumentalness", 1.5, "near", 0.9 if reading.instrumental else 0.0, 0.3)
    if reading.popularity == "hidden":
        yield _term("popularity", 0.8, "near", 20, 15)
    else:
        yield {"field": "popularity", "weight": 1.5 if reading.popularity else 0.4, "shape": "linear"}
    if reading.is_empty:
        yield _term("age_days", 0.4, "half_life", 0, 1460)


def _term(name: str, weight: float, shape: str, at: float, width: float) -> dict[str, Any]:
    return {"field": name, "weight": weight, "shape": shape, "at": at, "width": width}


def _order(reading: Intent) -> dict[str, Any]:
    order: dict[str, Any] = {"by": "score", "artist_gap": 3, "album_gap": 1}
    if reading.arc:
        is_tempo = any(m.name == "tempo" and m.is_rule for m in reading.measures)
        order |= {"by": "arc", "arc_field": "tempo" if is_tempo else "energy", "arc": reading.arc}
    if any(m.name in {"danceability", "tempo"} for m in reading.measures):
        order["tempo_flow"] = 0.4
    return order
