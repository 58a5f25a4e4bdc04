"""EXPR of vibe.policy/1, compiled to one SQL condition over a row `t` of tracks.

In that row every field is a column `f_...`: unknown values null, texts in lower case, lists as one text whose
entries stand between separators. Each column is worked out once a row, however many conditions read it."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from curation.policy import conditions, fields
from curation.policy.conditions import Condition, Expr


class Sql(NamedTuple):
    """A piece of SQL that is true or false, never null, with its parameters."""

    text: str
    params: tuple[Any, ...] = ()


TRUE, FALSE = Sql("TRUE"), Sql("FALSE")
_SEPARATOR = "\x1f"
_LISTS = {"genre", "tag", "artist", "artist_id"}
_IDS = {"album_id", "artist_id"}  # Spotify ids tell upper from lower case
_COMPARE = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def _list(column: str) -> str:
    """An array as '|one|two|' with a control character for the bar; null where it is empty."""
    text = f"chr(31) || array_to_string({column}, chr(31)) || chr(31)"
    return f"CASE WHEN cardinality({column}) > 0 THEN {text} END"


# Field -> its value over tracks tr, albums al and the days since last use u.
_COLUMNS = {
    "genre": f"lower({_list('albums.genres')})",
    "tag": f"lower({_list('albums.tags')})",
    "artist": f"lower({_list('tracks.artist_names')})",
    "artist_id": _list("tracks.artist_ids"),
    "album": "lower(NULLIF(albums.name, ''))",
    "album_id": "albums.spotify_id",
    "title": "lower(NULLIF(tracks.name, ''))",
    "label": "lower(NULLIF(albums.label, ''))",
    "isrc": "lower(NULLIF(tracks.isrc, ''))",
    "album_type": "lower(NULLIF(albums.album_type, ''))",
    "version": "lower(NULLIF(tracks.version, ''))",
    "popularity": "tracks.popularity::float8",
    "duration_s": "(tracks.duration_ms::float8 / 1000)",
    "release_year": "extract(year FROM albums.released_on)::float8",
    "age_days": "(%s::date - albums.released_on)::float8",
    "track_number": "tracks.track_number::float8",
    "days_since_used": "NULL::float8",
    "explicit": "tracks.explicit",
    "mode_major": "(tracks.mode = 1)",
    "release_date": """NULLIF(albums.release_date, '') COLLATE "C\"""",
    "added_at": """to_char(tracks.added_at, 'YYYY-MM-DD') COLLATE "C\"""",
}


def column(name: str, *, today: dt.date) -> Sql:
    """A field's value over `tr`, `al` and `u`."""
    text = _COLUMNS.get(name) or f"tracks.{fields.FIELDS[name].name}"  # audio features are columns as named
    return Sql(text, (today,) * text.count("%s"))


def read_by(expr: Expr | None) -> set[str]:
    """The fields an expression reads."""
    return {leaf.field for leaf in conditions.leaves(expr)}


def value(field: str) -> str:
    """The column of `t` that holds a field."""
    return f"t.f_{field}"


def sql(expr: Expr | None, *, today: dt.date) -> Sql:
    """The condition of an expression; no expression holds for every track."""
    return TRUE if expr is None else _compile(expr, today, negate=False)


def _compile(expr: Expr, today: dt.date, *, negate: bool) -> Sql:
    """Negation is pushed down to the conditions, so that `missing` decides unknown values under `not` too."""
    match expr:
        case conditions.Not():
            return _compile(expr.not_, today, negate=not negate)
        case Condition():
            return _condition(expr, today, negate=negate)
    is_and = isinstance(expr, conditions.All) is not negate
    parts = [_compile(child, today, negate=negate) for child in conditions.children(expr)]
    return join(parts, "AND" if is_and else "OR")


def join(parts: list[Sql], word: str) -> Sql:
    """All parts by AND (none: true) or by OR (none: false)."""
    if not parts:
        return TRUE if word == "AND" else FALSE
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(param for part in parts for param in part.params))


def _condition(leaf: Condition, today: dt.date, *, negate: bool) -> Sql:
    match fields.FIELDS[leaf.field].kind:
        case "text":
            is_not = leaf.op in {"ne", "not_in"}
            test = _among(leaf) if leaf.field in _LISTS else _text(leaf)
            return _decide(leaf, test, negate is not is_not)
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
        return Sql(f"{value(leaf.field)} IN ({_marks(leaf.value)})", tuple(map(float, leaf.value)))
    return Sql(f"{value(leaf.field)} {_COMPARE[leaf.op]} %s::float8", (float(leaf.value),))


def _marks(values: list[Any]) -> str:
    return ", ".join(["%s"] * len(values))


# --- texts: the positive test; `ne` and `not_in` are its opposite


def _texts(leaf: Condition) -> list[str]:
    values = leaf.value if isinstance(leaf.value, list) else [leaf.value]
    return values if leaf.field in _IDS else [text.lower() for text in values]


def _text(leaf: Condition) -> Sql:
    values, left = _texts(leaf), value(leaf.field)
    if leaf.op == "contains":
        return Sql(f"strpos({left}, %s) > 0", (values[0],))
    if leaf.op == "starts_with":
        return Sql(f"starts_with({left}, %s)", (values[0],))
    return Sql(f"{left} IN ({_marks(values)})", tuple(values))


def _among(leaf: Condition) -> Sql:
    """Holds if any entry of the list does: each entry stands between two separators."""
    left, bar = value(leaf.field), _SEPARATOR
    around = {"contains": ("", ""), "starts_with": (bar, "")}.get(leaf.op, (bar, bar))
    return join(
        [Sql(f"strpos({left}, %s) > 0", (around[0] + text + around[1],)) for text in _texts(leaf)], "OR"
    )


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
