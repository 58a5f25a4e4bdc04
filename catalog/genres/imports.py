"""Read artists' genres from CSV, row by row, with a reason for every row that cannot be used. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.spotify import ids
from catalog.genres.spelling import LONGEST, key

SOURCE = "import"
MOST_GENRES = 30
_ID_COLUMNS = ("artist_id", "spotify_id", "id", "artist", "uri", "url", "link", "spotify_url")
_LINK = re.compile(
    r"\A(?:(?:https?://)?open\.spotify\.com/(?:intl-[a-zA-Z-]+/)?artist/|spotify:artist:)?"
    r"([0-9A-Za-z]{22})/?(?:[?#].*)?\Z"
)
SHAPE = "an artist's Spotify id or link, a comma, and genres separated by semicolons"


class BadFile(ValueError):
    """The file as a whole cannot be read; the message says what it should look like."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: an artist and its genres as written, or the reason why not."""

    line: int
    artist_id: str
    genres: tuple[str, ...]
    reason: str = ""


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a CSV, streamed. A first line that names its columns may put them in another order.

    Raises BadFile for text that is no CSV.
    """
    reader = csv.reader(lines)
    columns: tuple[int, int] | None = None
    seen: dict[str, int] = {}
    try:
        for cells in reader:
            if not any(cell.strip(" \ufeff") for cell in cells):
                continue
            if columns is None:
                named = _header(cells)
                columns = named or (0, 1)
                if named:
                    continue
            row = _row(reader.line_num, cells, *columns)
            first = row.line if row.reason else seen.setdefault(row.artist_id, row.line)
            yield row if first == row.line else _bad(row, f"Line {first} has this artist already.")
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFile(f"Line {reader.line_num + 1} is not CSV text ({error}): write {SHAPE}.") from error


def _header(cells: list[str]) -> tuple[int, int] | None:
    """Where id and genres stand, if this line is a header."""
    names = [cell.strip(" \ufeff").casefold() for cell in cells]
    id_column = next((names.index(name) for name in _ID_COLUMNS if name in names), None)
    return (id_column, names.index("genres")) if id_column is not None and "genres" in names else None


def _row(line: int, cells: list[str], id_column: int, genres_column: int) -> Row:
    given = cells[id_column].strip(" \ufeff") if len(cells) > id_column else ""
    match = _LINK.match(given)
    if match is None or not ids.is_id(match[1]):
        return Row(line, "", (), f"“{given[:40]}” is not a Spotify artist id or link.")
    row = Row(line, match[1], _genres(cells[genres_column] if len(cells) > genres_column else ""))
    if (id_column, genres_column) == (0, 1) and any(cell.strip() for cell in cells[2:]):
        return _bad(row, "It has more than two columns: separate genres by semicolons.")
    if not row.genres:
        return _bad(row, "It names no genre.")
    if len(row.genres) > MOST_GENRES:
        return _bad(row, f"It names {len(row.genres)} genres; {MOST_GENRES} are the most.")
    bad = next((genre for genre in row.genres if not key(genre) or len(genre) > LONGEST), None)
    return _bad(row, f"“{bad[:40]}” is not the name of a genre.") if bad is not None else row


def _genres(cell: str) -> tuple[str, ...]:
    """As written, each spelling once."""
    distinct: dict[str, str] = {}
    for part in cell.split(";"):
        if genre := " ".join(part.replace("\0", "").split()):
            distinct.setdefault(key(genre), genre)
    return tuple(distinct.values())


def _bad(row: Row, reason: str) -> Row:
    return Row(row.line, row.artist_id, (), reason)
