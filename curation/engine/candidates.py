"""Candidates from the catalogue: one SQL pass over the usable tracks, every policy's conditions answered in a
bit mask."""

from __future__ import annotations

import datetime as dt
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.expressions import RawSQL

from catalog.models import Track
from curation.engine import score
from curation.engine.allocation import Item
from curation.engine.demands import Bits
from curation.policy import condition_sql
from curation.policy.condition_sql import Sql
from curation.policy.conditions import Expr
from curation.policy.language import Blocks, Policy

_WORD = 60  # conditions per bigint of the mask
_USAGE = "days_since_used"
_MOST_SHARED = 1000  # PostgreSQL takes 1,664 columns at most
_OWN = ("id", "spotify_id", "artist_ids", "album_id", "recording_key")


@dataclass
class Questions:
    """The conditions to ask of every track; the same condition is asked once. `fields` are wanted as
    values."""

    today: dt.date
    asked: dict[Sql, int] = field(default_factory=dict)
    exprs: dict[Sql, tuple[Expr | None, Blocks | None]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    read: set[str] = field(default_factory=set)

    def bit(self, sql: Sql) -> int:
        return 1 << self.asked.setdefault(sql, len(self.asked))

    def condition(self, expr: Expr | None, block: Blocks | None = None) -> int:
        self.read |= condition_sql.read_by(expr)
        sql = _condition(expr, block, self.today)
        self.exprs[sql] = (expr, block)
        return self.bit(sql)

    def policy(self, policy: Policy) -> Bits:
        """Ask all that a policy asks; where its answers will stand."""
        pins = sorted(pin.track for pin in policy.pin if pin.is_on(self.today))
        pinned = Sql("t.spotify_id = ANY(%s::text[])", (condition_sql.array(pins),))
        return Bits(
            where=self.condition(policy.where, policy.block),
            fallback=self.condition(policy.fallback_where, policy.block) if policy.fallback_where else 0,
            pools=tuple(self.condition(pool.where) for pool in policy.blend),
            pinned=self.bit(condition_sql.join([pinned, *_not_blocked(policy.block)], "AND")) if pins else 0,
        )


@dataclass(frozen=True)
class Found:
    """The tracks that may be chosen, and how many other usable ones there are by mask: those that rest
    anyway, and by mask 0 those that no policy wants."""

    items: list[Item]
    others: dict[int, int] = field(default_factory=dict)

    @property
    def usable(self) -> int:
        return len(self.items) + sum(self.others.values())

    @property
    def resting(self) -> int:
        return self.usable - len(self.items) - self.others.get(0, 0)


def ask(policies: Iterable[Policy], *, today: dt.date) -> tuple[Questions, list[Bits]]:
    """The questions of several policies and, in the same order, where each finds its answers."""
    known = list(policies)
    questions = Questions(today)
    bits = [questions.policy(policy) for policy in known]
    questions.fields = score.wanted(known)
    return questions, bits


def select(questions: Questions, *, usage: Mapping[int, dt.date] | None = None) -> list[Item]:
    """Every usable track that any question is true of, by id. One query."""
    return split(questions, usage=usage or {}, resting=()).items


def split(questions: Questions, *, usage: Mapping[int, dt.date], resting: Sequence[int]) -> Found:
    """The same, but tracks named in `resting` are only counted. One pass over the catalogue answers both."""
    wanted = [condition_sql.value(name) for name in questions.fields]
    own = ("spotify_id", "artist_ids", "album_id", "recording_key", *wanted)
    kept = ", ".join(f"CASE WHEN NOT resting THEN {name} END AS v{n}" for n, name in enumerate(own))
    text, params = _masked(questions, usage, resting, Sql(f", id, resting, {kept}"))
    words = _word_count(questions)
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT.format(rows=text, **_pieces(words, len(own))), params)
        rows = cursor.fetchall()
    chosen = sorted((row for row in rows if row[words] > 0), key=operator.itemgetter(words))
    return Found(
        [_item(row, words) for row in chosen],
        {_mask(row[:words]): -row[words] for row in rows if row[words] < 0},
    )


# Rows with an id are tracks; those with a negative one count the others by mask.
_SPLIT = """
WITH f AS MATERIALIZED ({rows})
SELECT {masks}, id, {values} FROM f WHERE NOT resting AND ({any_mask})
UNION ALL
SELECT {masks}, -count(*), {nulls} FROM f WHERE resting OR NOT ({any_mask}) GROUP BY {masks}
"""


def _pieces(words: int, values: int) -> dict[str, str]:
    return {
        "masks": ", ".join(f"m{n}" for n in range(words)),
        "any_mask": " OR ".join(f"m{n} <> 0" for n in range(words)),
        "values": ", ".join(f"v{n}" for n in range(values)),
        "nulls": ", ".join(["NULL"] * values),
    }


def classes(questions: Questions) -> dict[int, int]:
    """How many usable tracks have each mask. One query."""
    rows, params = _masked(questions, {}, (), Sql(""))
    keys = _pieces(_word_count(questions), 0)["masks"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {keys}, count(*) FROM ({rows}) f GROUP BY {keys}", params)  # noqa: S608 - our own
        return {_mask(row[:-1]): row[-1] for row in cursor.fetchall()}


def answered(questions: Questions, *, more: str = "id") -> Sql:
    """Every usable track as a row of the mask's words m0, m1, ... and columns of its own, for a caller that
    goes on in SQL; `words(questions)` says how many words there are."""
    text, params = _masked(questions, {}, (), Sql(f", {more}"))
    return Sql(text, tuple(params))


def words(questions: Questions) -> tuple[str, ...]:
    return tuple(f"m{n}" for n in range(_word_count(questions)))


def mask(words: Sequence[int]) -> int:
    """The mask that a row's words spell."""
    return _mask(words)


def split_mask(mask: int, words: int) -> list[int]:
    """The words that spell a mask."""
    return [(mask >> (_WORD * n)) & ((1 << _WORD) - 1) for n in range(words)]


def answers(questions: Questions, track_id: int, *, usage: Mapping[int, dt.date]) -> int:
    """The mask of one track; 0 if it is not usable. One query."""
    rows, params = _masked(questions, usage, (), Sql(", id"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({rows}) f WHERE id = %s", [*params, track_id])  # noqa: S608 - our own pieces
        row = cursor.fetchone()
        return _mask(row[:-1]) if row else 0


def _item(row: tuple[Any, ...], words: int) -> Item:
    track_id, spotify_id, artists, album, recording, *values = row[words:]
    mask = row[0] if words == 1 else _mask(row[:words])
    return Item(track_id, mask, spotify_id, artists, album, recording, tuple(values))


def _mask(words: Sequence[int]) -> int:
    return sum(word << (_WORD * n) for n, word in enumerate(words))


def _word_count(questions: Questions) -> int:
    return max(-(-len(questions.asked) // _WORD), 1)


def _masked(
    questions: Questions, usage: Mapping[int, dt.date], resting: Sequence[int], more: Sql
) -> tuple[str, list[Any]]:
    """Rows with m0, m1, ... (the answers, 60 to a bigint) and `more` columns."""
    asked, tests = _shared(questions)
    words, params = [], []
    for n in range(_word_count(questions)):
        part = asked[n * _WORD : (n + 1) * _WORD]
        bits = [f"CASE WHEN {sql.text} THEN {1 << bit}::bigint ELSE 0 END" for bit, sql in enumerate(part)]
        words.append(f"{' + '.join(bits) or '0::bigint'} AS m{n}")
        params += [param for sql in part for param in sql.params]
    source = _source(questions, tests, usage, resting)
    text = f"SELECT {', '.join(words)}{more.text} FROM {source.text} t"  # noqa: S608 - our own pieces
    return text, [*params, *source.params]


def _shared(questions: Questions) -> tuple[list[Sql], list[Sql]]:
    """The conditions as asked, and the tests of texts that stand in them more than once: each of these is
    answered once a row, as a column c0, c1, ... One that stands alone stays where `and` may pass it over."""
    counts: Counter[Sql] = Counter()

    def count(test: Sql) -> Sql:
        counts[test] += 1
        return test

    for expr, block in questions.exprs.values():
        _condition(expr, block, questions.today, count)
    tests = [test for test, number in counts.items() if number > 1][:_MOST_SHARED]
    columns = {test: Sql(f"t.c{number}") for number, test in enumerate(tests)}

    def named(test: Sql) -> Sql:
        return columns.get(test, test)

    exprs = questions.exprs
    asked = [
        _condition(*exprs[sql], questions.today, named) if sql in exprs else sql for sql in questions.asked
    ]
    return asked, tests


def _condition(
    expr: Expr | None, block: Blocks | None, today: dt.date, named: condition_sql.Named = lambda test: test
) -> Sql:
    parts = [condition_sql.sql(expr, today=today, named=named), *(_not_blocked(block) if block else ())]
    return condition_sql.join([part for part in parts if part != condition_sql.TRUE], "AND")


def _source(
    questions: Questions, tests: Sequence[Sql], usage: Mapping[int, dt.date], resting: Sequence[int] = ()
) -> Sql:
    """The usable tracks as rows `t`, a column for each field read and for each of the shared tests."""
    source = _fields(questions, resting)
    if _USAGE in questions.read | set(questions.fields):
        days = [abs((questions.today - used).days) for used in usage.values()]
        joined = (
            f"(SELECT r.*, u.days::float8 AS f_{_USAGE} FROM {source.text} r"  # noqa: S608 - our own pieces
            " LEFT JOIN unnest(%s::bigint[], %s::int[]) u(id, days) ON u.id = r.id)"
        )
        source = Sql(joined, (*source.params, condition_sql.array(usage), condition_sql.array(days)))
    if not tests:
        return source
    columns = ", ".join(f"{test.text} AS c{number}" for number, test in enumerate(tests))
    params = [param for test in tests for param in test.params]
    return Sql(f"(SELECT t.*, {columns} FROM {source.text} t OFFSET 0)", (*params, *source.params))  # noqa: S608


def _fields(questions: Questions, resting: Sequence[int]) -> Sql:
    """The usable tracks with the fields that are read; OFFSET 0 keeps each worked out once."""
    read = (questions.read | set(questions.fields)) - {_USAGE}
    values: dict[str, Sql] = {}
    for name in sorted(read):
        values |= condition_sql.columns(name, today=questions.today)
    rows = Track.objects.usable().order_by()
    rows = rows.annotate(resting=RawSQL("tracks.id = ANY(%s::bigint[])", [condition_sql.array(resting)]))
    own = list(_OWN)
    if any(
        "albums." in sql.text or "album_spotify_id" in sql.text
        for sql in (*values.values(), *questions.asked)
    ):
        # Naming the album first makes its join the one that is called albums, as the columns say.
        rows = rows.annotate(album_spotify_id=F("album__spotify_id"))
        own.append("album_spotify_id")
    rows = rows.annotate(**{name: RawSQL(sql.text, sql.params) for name, sql in values.items()})  # noqa: S611
    text, params = rows.values(*own, "resting", *values).query.sql_with_params()
    return Sql(f"({text} OFFSET 0)", params)


def _not_blocked(block: Blocks) -> list[Sql]:
    found = []
    if block.tracks:
        found.append(Sql("t.spotify_id <> ALL(%s::text[])", (condition_sql.array(block.tracks),)))
    if block.artists:
        any_of = condition_sql.among("t.artist_ids::text[]", block.artists)
        found.append(Sql(f"NOT {any_of.text}", any_of.params))
    if block.albums:
        found.append(Sql("t.album_spotify_id <> ALL(%s::text[])", (condition_sql.array(block.albums),)))
    return found


def tally(questions: Questions) -> list[int]:
    """How many usable tracks there are, then how many each question is true of, as asked. One query."""
    asked, tests = _shared(questions)
    source = _source(questions, tests, {})
    columns = "".join(f", count(*) FILTER (WHERE {sql.text})" for sql in asked)
    text = f"SELECT count(*){columns} FROM {source.text} t"  # noqa: S608 - our own pieces
    with connection.cursor() as cursor:
        cursor.execute(text, [*(p for sql in asked for p in sql.params), *source.params])
        row: tuple[int, ...] = cursor.fetchone() or ()
        return list(row)


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """What is said of a track that was chosen: for ordering it and for showing it."""

    track_id: int
    spotify_id: str
    title: str
    artist: str
    artists: tuple[str, ...]
    album: str
    album_id: str
    image_url: str
    duration_ms: int
    explicit: bool
    popularity: int | None
    released: dt.date | None
    features: Mapping[str, float]
    energy: float | None
    danceability: float | None


def facts(track_ids: Iterable[int]) -> dict[int, TrackFacts]:
    """The facts of each track by its id. One query."""
    rows = Track.objects.filter(pk__in=list(track_ids)).select_related("album")
    return {row.pk: _facts(row) for row in rows.only(*_FACTS)}


_FACTS = (
    "spotify_id",
    "name",
    "artist",
    "artist_names",
    "duration_ms",
    "explicit",
    "popularity",
    "audio_features",
    "energy",
    "danceability",
    "album__name",
    "album__spotify_id",
    "album__image_url",
    "album__released_on",
)


def _facts(row: Track) -> TrackFacts:
    return TrackFacts(
        track_id=row.pk,
        spotify_id=row.spotify_id,
        title=row.name,
        artist=row.artist,
        artists=tuple(row.artist_names),
        album=row.album.name,
        album_id=row.album.spotify_id,
        image_url=row.album.image_url,
        duration_ms=row.duration_ms,
        explicit=row.explicit,
        popularity=row.popularity,
        released=row.album.released_on,
        features=row.audio_features or {},
        energy=row.energy,
        danceability=row.danceability,
    )
