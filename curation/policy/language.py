"""The curation policy language vibe.policy/1: one model that validates and documents a playlist's rules."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from curation.policy import conditions, fields, relaxation, upgrades
from curation.policy.conditions import Expr, Strict

Key = TypeVar("Key")
SCHEMA = "vibe.policy/1"
MAX_COUNT = 500
REST = "rest"  # what a clock calls the places that no pool has a share of

SpotifyId = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{22}$")]


def _day(value: Any) -> Any:
    """A day as YYYY-MM-DD; pydantic alone would also take a moment or a number of seconds."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and len(value) == len("2026-01-31") and conditions.is_date(value):
        return dt.date.fromisoformat(value)
    raise PydanticCustomError("day", "must be a day as YYYY-MM-DD")


def _looser(value: Any) -> Any:
    """What a step relaxes to; one message, where a union would give one for each of its members."""
    if value is None or isinstance(value, int):
        return value
    raise PydanticCustomError("to", "must be a whole number, false or null")


Day = Annotated[dt.date, BeforeValidator(_day)]
Looser = Annotated[Any, BeforeValidator(_looser), WithJsonSchema({"type": ["integer", "boolean", "null"]})]
Share = Annotated[float, Field(ge=0, le=1)]
Shortfall = Literal["hold", "least_recent", "short"]
OrderBy = Literal["score", "arc", "clock", "release", "shuffle"]


class PolicyError(ValueError):
    """A document that is no policy; `errors` holds one {"path", "message"} per mistake."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{error['path'] or 'policy'}: {error['message']}" for error in errors))

    def sentence(self, name: str) -> str:
        """The first mistake, for people who know the stored policy by its name."""
        first = self.errors[0]
        return f"The policy {name} is not valid: {first['path'] or 'policy'}: {first['message']}"


class Target(Strict):
    """How many tracks, how few are acceptable, and what happens below that."""

    count: int | None = Field(default=None, ge=1, le=MAX_COUNT, description="the network's size when absent")
    min_count: int | None = Field(default=None, ge=1, le=MAX_COUNT, description="`count` when absent")
    on_shortfall: Shortfall = "hold"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.count and self.min_count and self.min_count > self.count:
            raise PydanticCustomError("min_count", "min_count is larger than count")
        return self


class Limits(Strict):
    """How often one artist (any artist of a track), album or recording may stand in a list; null is no
    limit."""

    per_artist: int | None = Field(default=2, ge=1, le=MAX_COUNT)
    per_album: int | None = Field(default=2, ge=1, le=MAX_COUNT)
    one_per_recording: bool = True


class Rotation(Strict):
    """How long a track rests, and from whose uses that is counted."""

    repeat_gap_days: int | None = Field(
        default=None, ge=0, le=3650, description="the network's gap when absent"
    )
    scope: Literal["network", "theme", "playlist"] = "network"


class Pool(Strict):
    """A named share of the list with a condition of its own."""

    name: str = Field(pattern=r"^[a-z0-9_-]{1,30}$")
    share: float = Field(gt=0, le=1)
    where: Expr


class Term(Strict):
    """One thing a good track has: a number field, turned into 0..1 by a shape, with a weight."""

    field: Literal[fields.NUMBERS]  # type: ignore[valid-type]
    weight: float = Field(default=1.0, ge=-5, le=5)
    shape: Literal["linear", "near", "half_life"] = "linear"
    at: float | None = None
    width: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.shape == "near" and (self.at is None or self.width is None):
            raise PydanticCustomError("term", "a 'near' term needs 'at' and 'width'")
        if self.shape == "half_life" and self.width is None:
            raise PydanticCustomError(
                "term", "a 'half_life' term needs 'width', the half-life in the field's unit"
            )
        return self


class Score(Strict):
    """What is preferred inside what the rules leave free; jitter mixes in seeded chance."""

    terms: list[Term] = Field(default_factory=list, max_length=20)
    jitter: Share = 0.2


class Order(Strict):
    """How the list runs. A gap is the number of other tracks between two of one artist or album."""

    by: OrderBy = "score"
    clock: list[str] = Field(default_factory=list, max_length=100)
    artist_gap: int = Field(default=1, ge=0, le=100)
    album_gap: int = Field(default=0, ge=0, le=100)
    arc_field: Literal["energy", "valence", "tempo", "danceability"] = "energy"
    arc: Literal["flat", "build", "wind_down", "peak", "wave"] = "flat"
    tempo_flow: Share = 0.0
    harmonic_flow: Share = 0.0


class Pin(Strict):
    """A track held at a place between two days, both included."""

    track: SpotifyId
    position: int = Field(ge=1, le=MAX_COUNT)
    start: Day | None = None
    end: Day | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start and self.end and self.start > self.end:
            raise PydanticCustomError("pin", "the pin ends before it starts")
        return self

    def is_on(self, today: dt.date) -> bool:
        return (self.start is None or self.start <= today) and (self.end is None or today <= self.end)


class Blocks(Strict):
    """What must never be in the list, by Spotify id."""

    tracks: list[SpotifyId] = Field(default_factory=list, max_length=5000)
    artists: list[SpotifyId] = Field(default_factory=list, max_length=5000)
    albums: list[SpotifyId] = Field(default_factory=list, max_length=5000)


class Relax(Strict):
    """One step of giving way, taken only while the list is shorter than min_count."""

    path: Literal[relaxation.PATHS]  # type: ignore[valid-type]
    to: Looser = None


class Policy(Strict):
    """A whole vibe.policy/1 document."""

    schema_: Literal["vibe.policy/1"] = Field(alias="schema")
    target: Target = Target()
    where: Expr | None = None
    fallback_where: Expr | None = None
    limits: Limits = Limits()
    rotation: Rotation = Rotation()
    blend: list[Pool] = Field(default_factory=list, max_length=10)
    score: Score = Score()
    order: Order = Order()
    pin: list[Pin] = Field(default_factory=list, max_length=50)
    block: Blocks = Blocks()
    relax: list[Relax] = Field(default_factory=list, max_length=20)


# --- reading and writing


def parse(document: Any) -> Policy:
    """The policy of a JSON document (already decoded), of this version or of one that upgrading knows. Raises
    PolicyError with one entry per mistake."""
    is_object = isinstance(document, dict)
    problems = conditions.nesting_problems(document) if is_object else [("", "must be an object")]
    if problems:
        raise PolicyError([{"path": path, "message": message} for path, message in problems])
    try:
        policy = Policy.model_validate(upgrades.newest(document))
    except ValidationError as error:
        raise PolicyError([_plain(item) for item in error.errors(include_url=False)]) from None
    errors = [*_structure(policy), *relaxation.problems(policy)]
    if errors:
        raise PolicyError(errors)
    return policy


def parsed(bodies: Mapping[Key, Any]) -> tuple[dict[Key, Policy], dict[Key, PolicyError]]:
    """Stored documents by any key: those that parse, and what is wrong with the others.

    One broken policy (written by hand, or for another version) then fails alone."""
    sound: dict[Key, Policy] = {}
    broken: dict[Key, PolicyError] = {}
    for key, document in bodies.items():
        try:
            sound[key] = parse(document)
        except PolicyError as error:
            broken[key] = error
    return sound, broken


def body(policy: Policy) -> dict[str, Any]:
    """The document again, with what the author said and nothing else."""
    return policy.model_dump(mode="json", by_alias=True, exclude_unset=True)


def full(policy: Policy) -> dict[str, Any]:
    """The document with every default written out."""
    return policy.model_dump(mode="json", by_alias=True)


def canonical(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(policy: Policy) -> str:
    """sha256 (hex) of the canonical JSON of what the author said."""
    return hashlib.sha256(canonical(body(policy)).encode()).hexdigest()


@functools.cache
def json_schema() -> dict[str, Any]:
    """The language as JSON Schema 2020-12."""
    schema = Policy.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:vibe:policy:1", **schema}


# --- mistakes in words


def _plain(item: Any) -> dict[str, str]:
    return {"path": _path(item["loc"]), "message": _message(item)}


def _path(loc: tuple[int | str, ...]) -> str:
    """'where.all[0].op': the way through the document, without the names of union branches."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not part.startswith("<"):
            path += f".{part}" if path else part
    return path


def _message(item: Any) -> str:
    match item["type"]:
        case "extra_forbidden":
            return "is not part of the language"
        case "missing":
            return "is required"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be an object"
        case "list_type":
            return "must be a list"
        case "string_pattern_mismatch" if "22" in item["ctx"]["pattern"]:
            return "must be a Spotify id of 22 letters and digits"
        case "string_pattern_mismatch":
            return "must be 1 to 30 of a-z, 0-9, _ and -"
    message: str = item["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return message


def _structure(policy: Policy) -> list[dict[str, str]]:
    """What single parts can not see: shares, clock names, pins on one place, too many conditions."""
    found = []
    names = [pool.name for pool in policy.blend]
    if sum(pool.share for pool in policy.blend) > 1 + 1e-9:
        found.append(("blend", "the shares sum to more than 1"))
    found += [(f"blend[{i}].name", f"'{n}' is named twice") for i, n in enumerate(names) if n in names[:i]]
    found += [
        (f"blend[{i}].name", f"'{REST}' is what no pool has a share of, and no pool's name")
        for i, name in enumerate(names)
        if name == REST
    ]
    if policy.order.by == "clock" and not policy.order.clock:
        found.append(("order.clock", "an order by clock needs a clock of pool names"))
    found += [
        (f"order.clock[{i}]", f"no pool is named '{name}'")
        for i, name in enumerate(policy.order.clock)
        if name not in {*names, REST}
    ]
    found += _pin_problems(policy)
    found += _size_problems(policy)
    return [{"path": path, "message": message} for path, message in found]


def _size_problems(policy: Policy) -> list[tuple[str, str]]:
    """Every condition is asked of every track, so a policy may not ask without end."""
    leaves = [leaf for expr in _expressions(policy) for leaf in conditions.leaves(expr)]
    values = sum(map(conditions.values, leaves))
    counted = (
        (len(leaves), conditions.MAX_CONDITIONS, "conditions"),
        (values, conditions.MAX_VALUES, "values"),
    )
    return [
        ("", f"holds {number:,} {what} in all; at most {most:,} are allowed")
        for number, most, what in counted
        if number > most
    ]


def _pin_problems(policy: Policy) -> list[tuple[str, str]]:
    found = []
    for i, pin in enumerate(policy.pin):
        if policy.target.count and pin.position > policy.target.count:
            found.append((f"pin[{i}].position", "lies behind the end of the list"))
        if pin.track in policy.block.tracks:
            found.append((f"pin[{i}].track", "is pinned and blocked; a block always wins"))
        if any(_collide(pin, other) for other in policy.pin[:i]):
            found.append((f"pin[{i}]", "shares its track or its place with an earlier pin on the same days"))
    return found


def _collide(one: Pin, other: Pin) -> bool:
    is_same = one.position == other.position or one.track == other.track
    start = max(one.start or dt.date.min, other.start or dt.date.min)
    return is_same and start <= min(one.end or dt.date.max, other.end or dt.date.max)


def _expressions(policy: Policy) -> list[Expr | None]:
    return [policy.where, policy.fallback_where, *(pool.where for pool in policy.blend)]
