"""Read audio features from CSV, row by row, with a reason for every row that cannot be used. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.spotify import ids
from catalog.features.provider import RANGES, Measures, is_within

SOURCE = "import"
_ID_COLUMNS = ("spotify_id", "track_id", "id", "uri", "track_uri", "url", "spotify_url")


class BadFile(ValueError):
    """The file as a whole cannot be read; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: a track and its measures, or the reason why not."""

    line: int
    track_id: str
    measures: Measures
    reason: str = ""


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a CSV, streamed; each has measures or a reason. Raises BadFile for a useless header."""
    reader = csv.reader(lines)
    try:
        header = [name.strip(" \ufeff").lower() for name in next(reader, [])]
        id_column = next((header.index(name) for name in _ID_COLUMNS if name in header), None)
        measures = {index: name for index, name in enumerate(header) if name in RANGES}
        if id_column is None or not measures:
            raise BadFile(
                f"The first line must name a column spotify_id and measures such as {', '.join(RANGES)}."
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, cells, id_column, measures)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFile(f"Line {reader.line_num + 1} is not CSV text: {error}") from error


def _row(line: int, cells: list[str], id_column: int, measures: dict[int, str]) -> Row:
    given = cells[id_column].strip() if len(cells) > id_column else ""
    track_id = given.removeprefix("spotify:track:").rpartition("/track/")[2].partition("?")[0]
    if not ids.is_id(track_id):
        return Row(line, "", {}, f"“{given[:40]}” is not a Spotify track id.")
    values: Measures = {}
    for index, name in measures.items():
        text = cells[index].strip() if len(cells) > index else ""
        if not text:
            continue
        value = _number(text)
        if (name, value) == ("key", -1.0):
            continue  # how exports spell an unknown key
        if value is None or not is_within(name, value):
            low, high = RANGES[name]
            return Row(
                line, track_id, {}, f"{name} is “{text[:20]}”; it must be a number from {low:g} to {high:g}."
            )
        values[name] = value
    return Row(line, track_id, values, "" if values else "It has no measure.")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
