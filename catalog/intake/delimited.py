"""Read delimited text in any common spelling (encoding, separator, quotes) as numbered rows. Pure."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

BLANK = " \t\r\n\ufeff"
SEPARATORS = "\t;,|"
# A quoted cell may hold line breaks; a row over more lines than this is a quote that nobody closed.
LINES_OF_A_ROW = 50

# What spreadsheets write above the header, so that others know the separator.
_SEP = re.compile(r'\A\s*"?sep=(.)"?\s*\Z', re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r'[\s\ufeff]*#(?!"?\s*[\t;,|])')
_ARCHIVES = {
    b"\x1f\x8b": "a gzip file",
    b"PK": "a zip or Excel file",
    b"BZ": "a bzip2 file",
    b"%P": "a PDF file",
}
_ERRORS = {"utf-8-sig": "spreadsheet", "utf-16": "replace"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the 1-based line of the file where it begins, its cells, and its text as it stands there."""

    line: int
    cells: list[str]
    text: str


class NotText(ValueError):
    """The file is no text at all; the message says what it is and what to do."""


def decoded(data: bytes) -> str:
    """The text of a whole file: UTF-8, UTF-16 with its mark, or what spreadsheets write.

    Raises NotText.
    """
    encoding = _encoding(data[:2])
    return data.decode(encoding, _ERRORS[encoding])


def lines(file: BinaryIO) -> Iterator[str]:
    """The lines of a file of any size, decoded like `decoded`, as they are read. Raises NotText."""
    buffered = io.BufferedReader(file)  # type: ignore[type-var]
    try:
        encoding = _encoding(buffered.peek(2)[:2])
        text = io.TextIOWrapper(buffered, encoding, _ERRORS[encoding])
        try:
            yield from text
        finally:
            text.detach()
    finally:
        buffered.detach()  # the file is the caller's to close


def _encoding(first: bytes) -> str:
    if first in _ARCHIVES:
        raise NotText(f"This is {_ARCHIVES[first]}, not text; unpack it or save it as CSV and send that.")
    return "utf-16" if first in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"


def is_comment(line: str) -> bool:
    """Whether a line only speaks to people; a first column called # is none."""
    return bool(_COMMENT.match(line))


def rows(text: Iterable[str]) -> Iterator[Row]:
    """The rows of these lines that say something, as they are read; the first decides on the separator.

    Comments above it are passed over; below it, whether a # begins a comment or a title is the caller's.
    """
    ahead = _Ahead(text)
    separator, width = "", 0
    while ahead.has_more():
        if not separator:
            separator = _named(ahead.first)
            if separator or is_comment(ahead.first):
                ahead.take(1)
                continue
            separator = _likely(ahead.row())
        cells, used = _row(ahead.row(), separator, width)
        width = width or len(cells)
        number, taken = ahead.number, ahead.take(used)
        yield Row(number, cells, "\n".join(taken))


class _Ahead:
    """The lines that come next, and the number of the first."""

    def __init__(self, text: Iterable[str]) -> None:
        self._coming = (line.rstrip("\r\n") for line in text)
        self._lines: list[str] = []
        self.number = 1

    @property
    def first(self) -> str:
        return self._lines[0]

    def has_more(self) -> bool:
        """Pass over blank lines; whether a line is left that says something."""
        while self._lines and not self.first.strip(BLANK):
            self.take(1)
        if self._lines:
            return True
        for line in self._coming:
            if line.strip(BLANK):
                self._lines = [line]
                return True
            self.number += 1
        return False

    def row(self) -> list[str]:
        """The lines that the first row may take: one, or several where a quote can make it go on."""
        if '"' not in self.first:
            return self._lines[:1]
        self._lines += islice(self._coming, LINES_OF_A_ROW - len(self._lines))
        return self._lines

    def take(self, count: int) -> list[str]:
        taken, self._lines = self._lines[:count], self._lines[count:]
        self.number += count
        return taken


def best_column(sample: Iterable[list[str]], worth: Callable[[int, str], int]) -> int | None:
    """The column whose cells are worth most together, the leftmost of equals; None if none is."""
    totals: Counter[int] = Counter()
    for cells in sample:
        for index, cell in enumerate(cells):
            totals[index] += worth(index, cell)
    best = min(totals, key=lambda index: (-totals[index], index), default=None)
    return best if best is not None and totals[best] else None


def _named(line: str) -> str:
    found = _SEP.match(line.lstrip("\ufeff"))
    return found.group(1) if found else ""


def _likely(ahead: list[str]) -> str:
    """The separator that makes the most cells of the first row."""
    widths = {separator: len(_row(ahead, separator, 0)[0]) for separator in SEPARATORS}
    return max(SEPARATORS, key=widths.__getitem__)


def _row(ahead: list[str], separator: str, width: int) -> tuple[list[str], int]:
    """The cells of the first row of these lines, and over how many lines it goes.

    Over several only if its quotes are exact and it is as wide as the rows before: else a stray quote, as in
    "Heroes, would swallow the rows that follow.
    """
    first = ahead[0].lstrip("\ufeff")
    try:
        reader = csv.reader((f"{line}\n" for line in (first, *ahead[1:])), delimiter=separator, strict=True)
        cells = next(reader)
        if reader.line_num == 1 or (len(cells) > 1 and len(cells) == (width or len(cells))):
            return cells, reader.line_num
    except csv.Error:
        pass  # a stray quote, or a cell longer than csv takes
    return _one_line(first, separator, width), 1


def _one_line(line: str, separator: str, width: int) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=separator))
    except csv.Error:
        return line.split(separator)
    return cells if len(cells) == width else line.split(separator)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 are the code page that spreadsheets write in the west."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("spreadsheet", _as_cp1252)
