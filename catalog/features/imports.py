"""Read audio features from delimited text, row by row, with a reason for whatever cannot be used. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from accounts.spotify import ids
from catalog.features.provider import RANGES, Measures, is_within
from catalog.intake import delimited, links

SOURCE = "import"
# Names of columns are compared without case, spaces, hyphens and underscores.
_ID_COLUMN = re.compile(r"(?:spotify|track|spotifytrack)?(?:id|uri|url|link|href)")
_OTHER_COLUMN = re.compile(r"album|artist|playlist|user|added")
# So many rows show which column holds the tracks.
_SAMPLE = 100


class BadFile(ValueError):
    """The file as a whole cannot be read; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: a track and its measures, or the reason why not, and why each `dropped` one went."""

    line: int
    track_id: str
    measures: Measures
    reason: str = ""
    dropped: tuple[str, ...] = ()


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a file, streamed; each has measures or a reason. Raises BadFile for a useless header."""
    given = delimited.rows(lines)
    header = next(given, delimited.Row(1, [], ""))
    names = [_squeezed(name) for name in header.cells]
    sample = list(islice(given, _SAMPLE))
    id_column = _id_column(names, [row.cells for row in sample])
    measures = {index: _MEASURES[name] for index, name in enumerate(names) if name in _MEASURES}
    if id_column is None or not measures:
        raise BadFile(
            f"The first line must name a column spotify_id and measures such as {', '.join(RANGES)}."
        )
    for row in chain(sample, given):
        if any(cell.strip() for cell in row.cells):
            yield _row(row, id_column, measures)


def _squeezed(name: str) -> str:
    return re.sub(r"[\s_\-\ufeff]+", "", name).lower()


_MEASURES = {_squeezed(name): name for name in RANGES}


def _id_column(names: list[str], sample: list[list[str]]) -> int | None:
    """The column whose cells are tracks: a column called id may hold anything."""
    known = [index for index, name in enumerate(names) if _ID_COLUMN.fullmatch(name)]

    def worth(index: int, cell: str) -> int:
        if index >= len(names) or not _track_id(cell):
            return 0
        if not ids.is_id(cell.strip()) or names[index].startswith(("track", "spotify")):
            return 2
        return 0 if _OTHER_COLUMN.search(names[index]) else 1

    found = delimited.best_column(sample, worth)
    return found if found is not None else next(iter(known), None)


def _track_id(cell: str) -> str:
    """The id in a track's link, its URI, or an id alone; else nothing."""
    verdict = links.parse(cell)
    is_bare = verdict.ok and ids.is_id(cell.strip())
    return verdict.spotify_id or "" if verdict.kind == "track" or is_bare else ""


def _row(row: delimited.Row, id_column: int, measures: dict[int, str]) -> Row:
    given = row.cells[id_column].strip() if len(row.cells) > id_column else ""
    track_id = _track_id(given)
    if not track_id:
        return Row(row.line, "", {}, f"“{given[:40]}” is not a Spotify track id.")
    values: Measures = {}
    dropped = []
    for index, name in measures.items():
        text = row.cells[index].strip() if len(row.cells) > index else ""
        value = _number(text)
        if not text or (name, value) == ("key", -1.0):
            continue  # -1 is how exports spell an unknown key
        if value is not None and is_within(name, value):
            values[name] = value
        else:
            low, high = RANGES[name]
            dropped.append(f"{name} is “{text[:20]}”; it must be a number from {low:g} to {high:g}.")
    if values:
        return Row(row.line, track_id, values, dropped=tuple(dropped))
    return Row(row.line, track_id, {}, " ".join(dropped) or "It has no measure.")


def _number(text: str) -> float | None:
    """A number with a point or, as half of Europe writes it, a comma."""
    try:
        return float(text.replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return None
