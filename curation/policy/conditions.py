"""EXPR of vibe.policy/1: conditions over tracks, combined by all, any and not; checked with one message per
mistake."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from curation.policy import fields

MAX_DEPTH = 8  # all, any and not inside one another
MAX_CONDITIONS = 300  # of a whole policy
MAX_VALUES = 5000  # of a whole policy, entries of lists counted each
MAX_PARTS = 4 * MAX_CONDITIONS  # objects and lists of a document, before it is looked at more closely
MAX_LIST = 500
MAX_TEXT = 200


class Strict(BaseModel):
    """What every part of a policy is: frozen, nothing coerced, unknown keys refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, populate_by_name=True, allow_inf_nan=False
    )


class All(Strict):
    """Every one of these must hold; an empty list holds for every track."""

    all: list[Expr]


class Any_(Strict):
    """At least one of these must hold."""

    any: list[Expr] = Field(min_length=1)


class Not(Strict):
    """This must not hold. A track whose value is unknown stays decided by the inner `missing`."""

    not_: Expr = Field(alias="not")


class Condition(Strict):
    """One comparison; `missing` says what becomes of tracks whose value is unknown."""

    field: Annotated[str, WithJsonSchema({"enum": list(fields.FIELDS)})]
    op: Annotated[
        str, WithJsonSchema({"enum": sorted({op for ops in fields.OPERATORS.values() for op in ops})})
    ]
    value: Any
    missing: Literal["exclude", "include"] = "exclude"

    @field_validator("field")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in fields.FIELDS:
            near = difflib.get_close_matches(name, fields.FIELDS, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise PydanticCustomError(
                "unknown_field", "there is no field '{name}'{hint}", {"name": name, "hint": hint}
            )
        return name

    @field_validator("op")
    @classmethod
    def _fits_field(cls, op: str, info: ValidationInfo) -> str:
        field = fields.FIELDS.get(info.data.get("field", ""))
        if field and op not in fields.OPERATORS[field.kind]:
            known = ", ".join(fields.OPERATORS[field.kind])
            raise PydanticCustomError(
                "unknown_op",
                "'{field}' is a {kind} field and takes {known}",
                {"field": field.name, "kind": field.kind, "known": known},
            )
        return op

    @field_validator("value")
    @classmethod
    def _fits_op(cls, value: Any, info: ValidationInfo) -> Any:
        if "field" in info.data and "op" in info.data:
            problem = value_problem(fields.FIELDS[info.data["field"]].kind, info.data["op"], value)
            if problem:
                raise PydanticCustomError("bad_value", "{problem}", {"problem": problem})
        return value


def _shape(value: Any) -> str | None:
    """Which of the four kinds of EXPR this is, by its key: one branch, so one message per mistake."""
    if isinstance(value, dict):
        for key, tag in (("all", "<all>"), ("any", "<any>"), ("not", "<not>"), ("field", "<field>")):
            if key in value:
                return tag
        return None
    return next((tag for kind, tag in _TAGS if isinstance(value, kind)), None)


_TAGS: tuple[tuple[type[Strict], str], ...] = (
    (All, "<all>"),
    (Any_, "<any>"),
    (Not, "<not>"),
    (Condition, "<field>"),
)


Expr = Annotated[
    Annotated[All, Tag("<all>")]
    | Annotated[Any_, Tag("<any>")]
    | Annotated[Not, Tag("<not>")]
    | Annotated[Condition, Tag("<field>")],
    Discriminator(
        _shape,
        custom_error_type="expression",
        custom_error_message="a condition is an object with one of the keys: all, any, not, field",
    ),
]
for _model in (All, Any_, Not):
    _model.model_rebuild()


# --- what a value may be


def value_problem(kind: str, op: str, value: Any) -> str:
    """Why this value can not stand with this operator, or an empty string."""
    if op in {"in", "not_in"}:
        return _list_problem(kind, value)
    if op == "between":
        return _pair_problem(kind, value)
    if op in {"within_days", "older_than_days"}:
        is_days = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 40_000
        return "" if is_days else "must be a whole number of days from 0 to 40000"
    return _single_problem(kind, value)


def _single_problem(kind: str, value: Any) -> str:
    if kind == "text":
        is_good = isinstance(value, str) and 0 < len(value) <= MAX_TEXT and _can_be_stored(value)
        return "" if is_good else f"must be a text of 1 to {MAX_TEXT} characters"
    if kind == "bool":
        return "" if isinstance(value, bool) else "must be true or false"
    if kind == "number":
        return "" if _is_number(value) else "must be a number"
    return "" if is_date(value) else "must be a date as YYYY, YYYY-MM or YYYY-MM-DD"


def _list_problem(kind: str, value: Any) -> str:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LIST:
        return f"must be a list of 1 to {MAX_LIST} values"
    return next(
        (f"entry {i} {problem}" for i, v in enumerate(value) if (problem := _single_problem(kind, v))), ""
    )


def _pair_problem(kind: str, value: Any) -> str:
    if not isinstance(value, list) or len(value) != 2 or any(_single_problem(kind, part) for part in value):
        return f"must be a pair [from, to] of {'dates' if kind == 'date' else 'numbers'}"
    return "" if value[0] <= value[1] else "must run from the smaller to the larger"


def _can_be_stored(text: str) -> bool:
    """PostgreSQL holds no NUL, and UTF-8 no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) < 1e15
    )


def is_date(value: Any) -> bool:
    """Whether this is a date in one of Spotify's three precisions."""
    if not isinstance(value, str) or len(value) not in (4, 7, 10):
        return False
    whole = value + "-01-01"[: 10 - len(value)]
    try:
        return dt.date.fromisoformat(whole).isoformat() == whole
    except ValueError:
        return False


# --- walking


def children(expr: Expr) -> list[Expr]:
    """The parts one level down; none for a condition."""
    match expr:
        case All():
            return expr.all
        case Any_():
            return expr.any
        case Not():
            return [expr.not_]
    return []


def leaves(expr: Expr | None) -> list[Condition]:
    """Every condition in the expression, from left to right."""
    if expr is None:
        return []
    if isinstance(expr, Condition):
        return [expr]
    return [leaf for child in children(expr) for leaf in leaves(child)]


def with_missing(expr: Expr, decides: Literal["include", "exclude"]) -> Expr:
    """The same expression, with unknown values let in or kept out by every condition of it."""
    match expr:
        case All():
            return All(all=[with_missing(child, decides) for child in expr.all])
        case Any_():
            return Any_(any=[with_missing(child, decides) for child in expr.any])
        case Not():
            return Not.model_validate({"not": with_missing(expr.not_, decides)})
    return expr.model_copy(update={"missing": decides})


def values(leaf: Condition) -> int:
    """How many values a condition holds a track against."""
    return len(leaf.value) if isinstance(leaf.value, list) else 1


def nesting_problems(raw: Any) -> list[tuple[str, str]]:
    """Where and why a raw document nests too deep or is too large to be read; looks without recursion."""
    open_: list[tuple[Any, str, int, int]] = [(raw, "", 0, 0)]
    found: dict[str, str] = {}
    parts = 0
    while open_:
        value, path, levels, depth = open_.pop()
        if not isinstance(value, dict | list):
            continue
        parts += 1
        if parts > MAX_PARTS:
            return [("", f"holds too many parts (at most {MAX_CONDITIONS} conditions)")]
        if levels > MAX_DEPTH or depth > 3 * MAX_DEPTH:
            found[path] = f"nests deeper than {MAX_DEPTH} levels of all, any and not"
            continue
        open_.extend(_inside(value, path, levels, depth))
    return sorted(found.items())


def _inside(value: dict[Any, Any] | list[Any], path: str, levels: int, depth: int) -> Iterator[Any]:
    """The parts of a part, with the path of the expression they belong to and how deep they lie in it."""
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield part, path if levels else f"{path}[{number}]", levels, depth + 1
        return
    for name, part in value.items():
        if name in ("all", "any", "not"):
            yield part, path, levels + 1, depth + 1
        else:
            yield part, path if levels else f"{path}.{name}".lstrip("."), levels, depth + 1
