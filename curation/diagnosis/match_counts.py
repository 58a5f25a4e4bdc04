"""A census of the catalogue for the doctor: tracks by their answers, each set's spread over artists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from curation.engine import candidates
from curation.engine.candidates import Questions
from curation.engine.capacity import Shape


@dataclass(frozen=True)
class Census:
    """Tracks by the mask of their answers, and the shape of each set asked for, by the set's mask."""

    classes: Mapping[int, int]
    shapes: Mapping[int, Shape]

    @property
    def total(self) -> int:
        return sum(self.classes.values())

    def count(self, mask: int, *, but: int = 0) -> int:
        """Tracks with all answers of `mask`, and without any of `but`."""
        return sum(n for found, n in self.classes.items() if found & mask == mask and not found & but)


def take(questions: Questions, sets: Sequence[int]) -> Census:
    """Count the usable tracks by their answers; a set is every track with all answers of its mask. One pass
    over the catalogue, in one query that answers with counts and no track."""
    rows = candidates.answered(questions, more="hashtextextended(artist_ids[1], 0) AS artist, album_id")
    words = candidates.words(questions)
    parts = [_SHAPE.format(number=n, condition=_has(words, mask)) for n, mask in enumerate(sets)]
    text = _CENSUS.format(rows=rows.text, words=", ".join(words)) + "".join(parts)
    with connection.cursor() as cursor:
        cursor.execute(text, rows.params)
        return _read(cursor.fetchall(), sets)


# Artists by a number hashed from their id, because numbers are grouped many times faster than texts.
_CENSUS = """
WITH answered AS MATERIALIZED ({rows})
SELECT -1, ARRAY[{words}]::bigint[], count(*) FROM answered GROUP BY {words}
"""
_SHAPE = """
UNION ALL
SELECT {number}, albums, count(*)
  FROM (SELECT array_agg(tracks ORDER BY tracks) AS albums
          FROM (SELECT artist, count(*) AS tracks FROM answered WHERE {condition}
                 GROUP BY artist, album_id) AS by_album
         GROUP BY artist) AS by_artist
 GROUP BY albums
"""


def _has(words: Sequence[str], mask: int) -> str:
    parts = candidates.split_mask(mask, len(words))
    return " AND ".join(f"{word} & {part} = {part}" for word, part in zip(words, parts, strict=True))


def _read(rows: Sequence[tuple[Any, ...]], sets: Sequence[int]) -> Census:
    classes: Counter[int] = Counter()
    shapes: dict[int, dict[tuple[int, ...], int]] = {mask: {} for mask in sets}
    for number, values, count in rows:
        if number < 0:
            classes[candidates.mask(values)] += count
        else:
            shapes[sets[number]][tuple(values)] = count
    return Census(classes, shapes)
