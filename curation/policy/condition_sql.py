"""EXPR of vibe.policy/1, compiled to one SQL condition over a row `t` of tracks.

In that row every field is a column `f_...`: unknown values null, names as they compare (catalog.names),
lists as arrays. A list has a second column, one text whose entries stand between separators. Each is worked
out once a row, however many conditions read it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from catalog import names
from catalog.genres import taxonomy
from curation.policy import conditions, fields
from curation.policy.conditions import Condition, Expr


class Sql(NamedTuple):
    """A piece of SQL that is true or false, never null, with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")
Named = Callable[[Sql], Sql]
_SEPARATOR = "\x1f"
_IDS = {"album_id", "artist_id"}  # Spotify ids tell upper from lower case
_COMPARE = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_LISTS = {
    "genre": "tracks.genre_keys",
    "tag": "NULLIF(albums.tags_folded, '{}')",
    "artist": "NULLIF(tracks.artist_names_folded, '{}')",
    "artist_id": "NULLIF(tracks.artist_ids::text[], '{}')",
}

# What `contains` and `starts_with` look through, where that is not what the others compare.
_WRITTEN = {"genre": "tracks.genre_labels"}

# A text that means no day is no date: "0000" is before nothing.
_RELEASED = "CASE WHEN albums.released_on IS NOT NULL THEN NULLIF(albums.release_date, '') END"

# Field -> its value over tracks tr, albums al and the days since last use u.
_COLUMNS = {
    **_LISTS,
    "album": "NULLIF(albums.name_folded, '')",
    "album_id": "albums.spotify_id",
    "title": "NULLIF(tracks.name_folded, '')",
    "label": "NULLIF(albums.label_folded, '')",
    "isrc": """lower(NULLIF(tracks.isrc, '') COLLATE "C")""",
    "album_type": """lower(NULLIF(albums.album_type, '') COLLATE "C")""",
    "version": "NULLIF(tracks.version, '')",
    "season": "tracks.season",
    "popularity": "tracks.popularity::float8",
    "duration_s": "(tracks.duration_ms::float8 / 1000)",
    "release_year": "extract(year FROM albums.released_on)::float8",
    "age_days": "(%s::date - albums.released_on)::float8",
    "track_number": "tracks.track_number::float8",
    "days_since_used": "NULL::float8",
    "explicit": "tracks.explicit",
    "is_interlude": "tracks.is_interlude",
    "mode_major": "(tracks.mode = 1)",
    "release_date": f'({_RELEASED}) COLLATE "C"',
    "added_at": """to_char(tracks.added_at, 'YYYY-MM-DD') COLLATE "C\"""",
}


def columns(name: str, *, today: dt.date) -> dict[str, Sql]:
    """The columns of `t` that hold a field, each with its value over `tr`, `al` and `u`."""
    text = _COLUMNS.get(name) or f"tracks.{fields.FIELDS[name].name}"  # audio features are columns as named
    found = {f"f_{name}": Sql(text, (today,) * text.count("%s"))}
    if name in _LISTS:
        written = _WRITTEN.get(name, text)
        found[f"f_{name}_text"] = Sql(f"chr(31) || array_to_string({written}, chr(31)) || chr(31)")
    return found


def read_by(expr: Expr | None) -> set[str]:
    """The fields an expression reads."""
    return {leaf.field for leaf in conditions.leaves(expr)}


def value(field: str) -> str:
    """The column of `t` that holds a field."""
    return f"t.f_{field}"


def sql(expr: Expr | None, *, today: dt.date, named: Named = lambda test: test) -> Sql:
    """The condition of an expression; no expression holds for every track.

    `named` is handed every test of a text and says what to write for it: a caller that asks many expressions
    answers each test once."""
    return TRUE if expr is None else _compile(expr, today, named, negate=False)


def _compile(expr: Expr, today: dt.date, named: Named, *, negate: bool) -> Sql:
    """Negation is pushed down to the conditions, so that `missing` decides unknown values under `not` too."""
    match expr:
        case conditions.Not():
            return _compile(expr.not_, today, named, negate=not negate)
        case Condition():
            return _condition(expr, today, named, negate=negate)
    is_and = isinstance(expr, conditions.All) is not negate
    parts = [_compile(child, today, named, negate=negate) for child in conditions.children(expr)]
    return join(parts, "AND" if is_and else "OR")


def join(parts: list[Sql], word: str) -> Sql:
    """All parts by AND (none: true) or by OR (none: false)."""
    if not parts:
        return TRUE if word == "AND" else FALSE
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(param for part in parts for param in part.params))


def _condition(leaf: Condition, today: dt.date, named: Named, *, negate: bool) -> Sql:
    match fields.FIELDS[leaf.field].kind:
        case "text":
            is_not = leaf.op in {"ne", "not_in"}
            test = _among(leaf) if leaf.field in _LISTS else _text(leaf)
            return _decide(leaf, named(test), negate is not is_not)
        case "date":
            return _decide(leaf, _date(leaf, today), negate)
        case "bool":
            return _decide(leaf, Sql(f"{value(leaf.field)} = %s", (leaf.value,)), negate)
    return _decide(leaf, _number(leaf), negate)


def _decide(leaf: Condition, test: Sql, negate: bool) -> Sql:
    """The test, or its opposite; where it is null, the value is unknown and `missing` decides."""
    wanted = f"NOT ({test.text})" if negate else f"({test.text})"
    return Sql(f"COALESCE({wanted}, {'TRUE' if leaf.missing == 'include' else 'FALSE'})", test.params)


def _number(leaf: Condition) -> Sql:
    if leaf.op == "between":
        return Sql(f"{value(leaf.field)} BETWEEN %s AND %s", tuple(map(float, leaf.value)))
    if leaf.op == "in":
        return Sql(f"{value(leaf.field)} = ANY(%s::float8[])", (array(map(float, leaf.value)),))
    return Sql(f"{value(leaf.field)} {_COMPARE[leaf.op]} %s::float8", (float(leaf.value),))


# --- texts: the positive test; `ne` and `not_in` are its opposite


def array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of numbers, ids or texts: one parameter, and looked up by hash."""
    return "{" + ",".join(_quoted(one) if isinstance(one, str) else str(one) for one in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def among(left: str, values: Iterable[str]) -> Sql:
    """Whether an array has any of these. As keys of an object they are found by halving; `&&` would hold
    every entry against every value."""
    return Sql(f"%s::jsonb ?| {left}", (json.dumps(dict.fromkeys(values, 0), ensure_ascii=False),))


def _texts(leaf: Condition) -> list[str]:
    values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    if leaf.field in _IDS:
        return list(values)
    folded = [names.folded(text) for text in values]
    if leaf.field == "genre":
        return [_genre(text, leaf.op) for text in folded]
    return [text.replace("-", "") for text in folded] if leaf.field == "isrc" else folded


def _genre(folded: str, op: str) -> str:
    """A genre as tracks keep it: the name that stands for every spelling, or as written, hyphens as spaces.

    What has no letters names no genre, and no track has it."""
    return folded.replace("-", " ") if op in {"contains", "starts_with"} else taxonomy.name(folded)


def _text(leaf: Condition) -> Sql:
    values, left = _texts(leaf), value(leaf.field)
    if leaf.op == "contains":
        return Sql(f"strpos({left}, %s) > 0", (values[0],))
    if leaf.op == "starts_with":
        return Sql(f"starts_with({left}, %s)", (values[0],))
    return Sql(f"{left} = ANY(%s::text[])", (array(values),))


def _among(leaf: Condition) -> Sql:
    """Holds if any entry of the list does."""
    values, left = _texts(leaf), value(leaf.field)
    if leaf.op in {"contains", "starts_with"}:
        bar = _SEPARATOR if leaf.op == "starts_with" else ""
        return Sql(f"strpos({left}_text, %s) > 0", (bar + values[0],))
    if leaf.field == "genre":  # few on a track, and the index on them knows this sign alone
        return Sql(f"{left} && %s::text[]", (array(values),))
    return among(left, values)


# --- dates


def _date(leaf: Condition, today: dt.date) -> Sql:
    """Dates compare as texts, cut to the coarser precision of the two: '1999' is neither before nor after
    1999-05."""
    return join([_date_test(value(leaf.field), sign, text) for sign, text in _bounds(leaf, today)], "AND")


def _bounds(leaf: Condition, today: dt.date) -> list[tuple[str, str]]:
    match leaf.op:
        case "before":
            return [("<", leaf.value)]
        case "after":
            return [(">", leaf.value)]
        case "between":
            return [(">=", leaf.value[0]), ("<=", leaf.value[1])]
    edge = dt.date.fromordinal(max(today.toordinal() - leaf.value, 1)).isoformat()
    if leaf.op == "older_than_days":
        return [("<", edge)]
    return [(">=", edge), ("<=", today.isoformat())]


def _date_test(left: str, sign: str, text: str) -> Sql:
    return Sql(f"left({left}, {len(text)}) {sign} left(%s, length({left}))", (text,))
