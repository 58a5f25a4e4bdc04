"""A vibe.policy/1 document without one of the wishes that its chips say; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from curation.vibes import compose, describe
from curation.vibes.describe import Chip

Json = dict[str, Any]
Drops = Callable[[Mapping[str, Any], bool], bool]

# Never wished for and never shown, so never taken away.
ALWAYS: list[Json] = [
    {"field": "version", "op": "not_in", "value": list(compose.UNASKED_VERSIONS), "missing": "include"},
    compose.NO_INTERLUDE,
    compose.NO_SEASON,
]


def find(policy: Mapping[str, Any], key: str) -> Chip | None:
    """The chip of the policy with this key."""
    return next((chip for chip in describe.chips(policy) if chip.key == key), None)


def without(policy: Mapping[str, Any], chip: Chip) -> Json:
    """The policy with everything gone that made the chip: conditions, the ways out of them, preferences."""
    body: Json = dict(policy)
    if chip.kind == "arc":
        kept = {name: value for name, value in body["order"].items() if name not in ("arc", "arc_field")}
        return {**body, "order": {**kept, "by": "score"}}
    if chip.kind == "lean":
        return _without_terms(body, {field for field, lean in describe.leanings(policy) if lean == chip})
    gone = _leaves_of(body.get("where") or {"all": []}, chip)
    body["where"] = _top(_pruned(body.get("where") or {"all": []}, _drops(gone)), policy)
    body = _without_ways_out(body, gone)
    fields = {leaf["field"] for leaf, denied in gone if not denied}
    return _without_terms(_with_usual_limits(body) if "artist" in fields else body, fields)


def strict(body: Mapping[str, Any]) -> Json:
    """The policy without its ways out, for when enough songs fit."""
    ways_out = {"fallback_where", "blend"}
    kept = {name: value for name, value in body.items() if name not in ways_out}
    return {**kept, "relax": [step for step in body["relax"] if step["path"] not in ("where", "blend")]}


# --- conditions


def _leaves_of(where: Mapping[str, Any], chip: Chip) -> list[tuple[Mapping[str, Any], bool]]:
    """The conditions that the chip says: one, or all the genres that are welcome."""
    leaves = list(describe.leaves(where))
    if chip == describe.genre_chip(where):
        return [(leaf, denied) for leaf, denied in leaves if leaf["field"] == "genre" and not denied]
    return [(leaf, denied) for leaf, denied in leaves if describe.chip_of(leaf, denied=denied) == chip]


def _drops(gone: list[tuple[Mapping[str, Any], bool]]) -> Drops:
    return lambda leaf, denied: (leaf, denied) in gone


def _pruned(expr: Mapping[str, Any], drops: Drops, *, denied: bool = False) -> Json | None:
    """The expression without the leaves that `drops` names; None where nothing of it is left."""
    if "field" in expr:
        return None if drops(expr, denied) else dict(expr)
    if "not" in expr:
        inner = _pruned(expr["not"], drops, denied=not denied)
        return None if inner is None else {"not": inner}
    (name,) = (name for name in ("all", "any") if name in expr)
    kept = [part for one in expr[name] if (part := _pruned(one, drops, denied=denied)) is not None]
    return {name: kept} if kept else None


def _top(expr: Json | None, policy: Mapping[str, Any]) -> Json:
    """An expression in the form that composing gives, with what is always asked for in it; a season only
    where the policy asked about one."""
    parts = [] if expr is None else expr.get("all", [expr])
    asked = {leaf["field"] for leaf, _ in describe.leaves({"all": parts})}
    before = {leaf["field"] for leaf, _ in describe.leaves(policy.get("where") or {"all": []})}
    missing = [rule for rule in ALWAYS if rule["field"] not in asked]
    return {"all": [*parts, *(rule for rule in missing if rule["field"] in before | {"version"})]}


def _without_ways_out(body: Json, gone: list[tuple[Mapping[str, Any], bool]]) -> Json:
    """The conditions to fall back to and the places kept for what is near, without the same wishes: there
    they may have been drawn wider."""
    if "fallback_where" not in body:
        return body
    drops = _drops_wider(gone, body["where"])
    body["fallback_where"] = _top(_pruned(body["fallback_where"], drops), body)
    pools = [(pool, _pruned(pool["where"], drops)) for pool in body["blend"]]
    body["blend"] = [{**pool, "where": _top(where, body)} for pool, where in pools if where is not None]
    return body


def _drops_wider(gone: list[tuple[Mapping[str, Any], bool]], where: Mapping[str, Any]) -> Drops:
    left = {leaf["field"] for leaf, denied in describe.leaves(where) if not denied}

    def drops(leaf: Mapping[str, Any], denied: bool) -> bool:
        same = [one for one, was_denied in gone if one["field"] == leaf["field"] and was_denied == denied]
        if denied or not same or leaf["field"] in left:
            return any(_covers(leaf, one) for one in same)
        return True

    return drops


def _covers(leaf: Mapping[str, Any], one: Mapping[str, Any]) -> bool:
    if leaf["op"] == one["op"] == "between":
        (low, high), (least, most) = leaf["value"], one["value"]
        return bool(low <= least and most <= high)
    return bool(leaf["op"] == one["op"] and leaf["value"] == one["value"])


# --- preferences


def _without_terms(body: Json, fields: set[str]) -> Json:
    kept = [term if term["field"] not in fields else _plain(term) for term in body["score"]["terms"]]
    return {**body, "score": {**body["score"], "terms": [term for term in kept if term]}}


def _plain(term: Mapping[str, Any]) -> Json | None:
    """What stays of a preference that was taken back: well-known songs a little before others."""
    if term["field"] != "popularity":
        return None
    return {"field": "popularity", "weight": 0.4, "shape": "linear"}


def _with_usual_limits(body: Json) -> Json:
    """Named artists may fill a list; once none is named, songs come from many."""
    each = 1 if body["target"]["count"] <= 12 else 2
    return {**body, "limits": {**body["limits"], "per_artist": each, "per_album": each}}
