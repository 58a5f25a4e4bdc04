"""The rows of artists: made where they are missing, and what they say by answers, files and tags."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction

from catalog import names
from catalog.genres import imports, on_tracks, sources, spelling, taxonomy
from catalog.genres.provider import KEPT, Absent, Answer, Found, NoGenre
from catalog.models import Artist, GenreAnswer

ROWS_AT_ONCE = 2000
_OUTCOMES: Mapping[type[Answer], str] = {
    Found: GenreAnswer.Outcome.FOUND,
    NoGenre: GenreAnswer.Outcome.NO_GENRE,
    Absent: GenreAnswer.Outcome.ABSENT,
}

_TOLD = ("outcome", "genres", "votes", "qid", "mbid", "country", "fetched_at", "believed_until")

# --- rows for the artists of tracks that older code wrote

# The name of the newest track that tells one.
_MISSING = """
    INSERT INTO artists (spotify_id, name, genres, tags, genres_folded, tags_reason, country, qid, mbid)
    SELECT DISTINCT ON (told.id)
        told.id, COALESCE(NULLIF(told.name, %s), ''), '{}', '{}', '{}', '', '', '', ''
    FROM tracks, unnest(tracks.artist_ids, tracks.artist_names) AS told (id, name)
    WHERE told.id IS NOT NULL AND NOT EXISTS (SELECT FROM artists WHERE artists.spotify_id = told.id)
    ORDER BY told.id, NULLIF(told.name, %s) IS NULL, tracks.id DESC
    ON CONFLICT DO NOTHING
"""
_NAMELESS = "SELECT id, name FROM artists WHERE words IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"
_NAME = """
    UPDATE artists SET words = given.words FROM json_to_recordset(%s::json) AS given (id bigint, words text)
    WHERE artists.id = given.id
"""


def complete() -> int:
    """Make the rows that are missing; how many. The migration runs this, and each asking for genres."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MISSING, [names.NOBODY, names.NOBODY])
        made = int(cursor.rowcount)
    while _named_some():
        pass
    return made


def _named_some() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NAMELESS, [ROWS_AT_ONCE])
        given = [{"id": key, "words": names.words(name)} for key, name in cursor.fetchall()]
        if given:
            cursor.execute(_NAME, [_json(given)])
        return len(given)


# --- what sources and operators say


def record(source: str, answers: Mapping[str, Answer], *, now: dt.datetime) -> int:
    """Store what a source answered, by Spotify artist id, and what follows for artists and tracks; how many
    artists were there to take it."""
    with transaction.atomic():
        artists = _hold(answers)
        told = [_answer_row(artists[artist_id], source, answers[artist_id], now) for artist_id in artists]
        GenreAnswer.objects.bulk_create(
            told,
            update_conflicts=True,
            unique_fields=["artist", "source"],
            update_fields=_TOLD,
        )
        _settle(artists.values(), checked_at=now)
    return len(artists)


class BadTags(ValueError):
    """One of the tags names no genre; the message says which."""


def read_tags(text: str) -> list[str]:
    """Tags as people write them, separated by semicolons, each spelling once. Raises BadTags."""
    given: dict[str, str] = {}
    for part in text.split(";"):
        if written := " ".join(part.split()):
            given.setdefault(spelling.key(written), written)
    bad = next((tag for key, tag in given.items() if not key or len(tag) > spelling.LONGEST), None)
    if bad is not None:
        raise BadTags(f"“{bad[:40]}” is not the name of a genre.")
    return list(given.values())


def tag(artist_id: str, tags: Iterable[str], *, reason: str) -> Artist:
    """Give an artist these tags and no others. Raises Artist.DoesNotExist."""
    with transaction.atomic():
        artist = _hold([artist_id]).get(artist_id)
        if artist is None:
            raise Artist.DoesNotExist
        artist.tags, artist.tags_reason = list(dict.fromkeys(tags)), reason.strip()
        artist.save(update_fields=["tags", "tags_reason"])
        _settle([artist], checked_at=artist.genres_checked_at)
    return artist


@dataclass(slots=True)
class Loaded:
    """What became of a file: rows read, artists that took their genres, those that no track has, bad rows."""

    rows: int = 0
    stored: int = 0
    unknown: int = 0
    bad: list[imports.Row] = field(default_factory=list)


def load(rows: Iterable[imports.Row], *, now: dt.datetime, dry_run: bool = False) -> Loaded:
    """Store the rows of a file, a thousand a transaction: they win over every source. `dry_run` does all of
    it and takes it back. Raises imports.BadFile."""
    loaded, remaining = Loaded(), iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE // 2)):
        told = {row.artist_id: Found(row.genres) for row in some if not row.reason}
        with transaction.atomic():
            stored = record(imports.SOURCE, told, now=now)
            transaction.set_rollback(dry_run)
        loaded.rows += len(some)
        loaded.stored += stored
        loaded.unknown += len(told) - stored
        loaded.bad += [row for row in some if row.reason]
    return loaded


def _hold(artist_ids: Iterable[str]) -> dict[str, Artist]:
    """The artists by Spotify id, theirs alone until the end of the transaction; in ingest's order."""
    rows = Artist.objects.filter(spotify_id__in=list(artist_ids)).order_by("spotify_id")
    return {row.spotify_id: row for row in rows.select_for_update(no_key=True)}


def _answer_row(artist: Artist, source: str, answer: Answer, now: dt.datetime) -> GenreAnswer:
    row = GenreAnswer(artist=artist, source=source, outcome=_OUTCOMES[type(answer)], fetched_at=now)
    row.believed_until = None if source == imports.SOURCE else now + KEPT[type(answer)]
    if isinstance(answer, Found):
        row.genres, row.votes = list(answer.genres), dict(answer.counts)
    if not isinstance(answer, Absent):
        row.qid, row.mbid, row.country = answer.qid, answer.mbid, answer.country
    return row


def _settle(artists: Iterable[Artist], *, checked_at: dt.datetime | None) -> None:
    """Write what artists' rows say now, and bring their tracks up to date. Their rows are held."""
    by_id = {artist.pk: artist for artist in artists}
    answers: dict[int, list[GenreAnswer]] = {key: [] for key in by_id}
    for answer in GenreAnswer.objects.filter(artist__in=by_id):
        answers[answer.artist_id].append(answer)
    order = [imports.SOURCE, *sources.named()]
    given = [settled(artist, answers[key], order) for key, artist in sorted(by_id.items())]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [checked_at, taxonomy.loaded().version, _json(given)])
    on_tracks.of_artists(artist.spotify_id for artist in by_id.values())


_SETTLE = """
    UPDATE artists SET genres = given.genres, genre_source = given.genre_source, genres_checked_at = %s,
        genres_folded = given.genres_folded, genre_keys = given.genre_keys, taxonomy = %s,
        qid = given.qid, mbid = given.mbid, country = given.country
    FROM json_to_recordset(%s::json) AS given (id bigint, genres text[], genre_source text,
        genres_folded text[], genre_keys text[], qid text, mbid text, country text)
    WHERE artists.id = given.id
"""


def settled(artist: Artist, answers: Sequence[GenreAnswer], order: Sequence[str]) -> dict[str, Any]:
    """An artist's columns: the genres of the first source in order that has any, and who else it is. Pure."""
    ranks = {source: rank for rank, source in enumerate(order)}
    ranked = sorted(answers, key=lambda one: (ranks.get(one.source, len(ranks)), one.source))
    best = next((one for one in ranked if one.genres), None)
    genres = best.genres if best else []
    labels = [*genres, *artist.tags]
    return {
        "id": artist.pk,
        "genres": genres,
        "genre_source": best.source if best else None,
        "genres_folded": [names.folded(label) for label in labels],
        "genre_keys": on_tracks.expanded(labels),
        **{name: _first(ranked, name) for name in ("qid", "mbid", "country")},
    }


def _first(ranked: Sequence[GenreAnswer], name: str) -> str:
    return next((value for one in ranked if (value := getattr(one, name))), "")


def _json(values: list[dict[str, Any]]) -> str:
    return orjson.dumps(values).decode()
