"""Conditions in words, for people: 'genre is pop or rock', 'energy is at least 0.6'."""

from __future__ import annotations

from typing import Any

from accounts import plurals
from curation.policy import conditions
from curation.policy.conditions import Condition, Expr

_MOST_NAMED = 4
_NAMES = {
    "duration_s": "length in seconds",
    "age_days": "age in days",
    "days_since_used": "days since last use",
    "artist_id": "artist id",
}
_BOOLS = {
    ("explicit", True): "explicit",
    ("explicit", False): "not explicit",
    ("is_interlude", True): "an interlude",
    ("is_interlude", False): "not an interlude",
    ("mode_major", True): "in a major key",
    ("mode_major", False): "in a minor key",
}
_SINGLE = {
    "eq": "is {}",
    "ne": "is not {}",
    "contains": "contains “{}”",
    "starts_with": "starts with “{}”",
    "lt": "is below {}",
    "lte": "is at most {}",
    "gt": "is above {}",
    "gte": "is at least {}",
    "before": "is before {}",
    "after": "is after {}",
    "within_days": "lies in the last {}",
    "older_than_days": "lies more than {} back",
}


def words(expr: Expr | None) -> str:
    """The whole expression as one phrase."""
    match expr:
        case None:
            return "every track"
        case conditions.All():
            return _join([_nested(child) for child in expr.all], " and ") or "every track"
        case conditions.Any_():
            return _join([_nested(child) for child in expr.any], " or ")
        case conditions.Not():
            return f"not ({words(expr.not_)})"
    return condition(expr)


def rules(expr: Expr | None) -> list[Expr]:
    """The parts that must all hold, so that each can be judged by itself."""
    if expr is None:
        return []
    if isinstance(expr, conditions.All):
        return [rule for child in expr.all for rule in rules(child)]
    return [expr]


def condition(leaf: Condition) -> str:
    unknown = " or unknown" if leaf.missing == "include" else ""
    if isinstance(leaf.value, bool):
        return _BOOLS[leaf.field, leaf.value] + unknown
    return f"{name(leaf.field)} {_comparison(leaf)}{unknown}"


def name(field: str) -> str:
    """A field as people call it."""
    return _NAMES.get(field, field.replace("_", " "))


def _comparison(leaf: Condition) -> str:
    match leaf.op:
        case "in":
            return f"is {_join(_named(leaf.value), ' or ')}"
        case "not_in":
            return f"is none of {_join(_named(leaf.value), ', ')}"
        case "between":
            return f"is {_plain(leaf.value[0])} to {_plain(leaf.value[1])}"
        case "within_days" | "older_than_days":
            return _SINGLE[leaf.op].format(plurals.counted(leaf.value, "day"))
    return _SINGLE[leaf.op].format(_plain(leaf.value))


def _named(values: list[Any]) -> list[str]:
    shown = [_plain(value) for value in values[:_MOST_NAMED]]
    return shown + ([f"{len(values) - _MOST_NAMED} more"] if len(values) > _MOST_NAMED else [])


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _nested(expr: Expr) -> str:
    return f"({words(expr)})" if isinstance(expr, conditions.All | conditions.Any_) else words(expr)


def _join(parts: list[str], word: str) -> str:
    return word.join(parts)
