"""Read what people paste or upload (text, CSV, a list) into numbered entries, or refuse it whole. Pure."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from accounts.spotify import ids
from catalog.intake import delimited, links

MAX_LINES = 10_000
MAX_BYTES = 2 * 1024 * 1024
MAX_LINE = 300
# A line this long is no list of links at all; between the two limits a line is refused alone.
MAX_SANE_LINE = 10_000
SHOWN = 120

# The shortest thing that could be meant as a link; shorter words are not even looked at.
_SHORTEST = 8
_ID_LENGTH = 22
# What stands between a link and the words, HTML, Markdown or forum code around it; never a part of it.
_BETWEEN = re.compile(
    r"""(?:[\s,;|"'<>]|\]\(?|\[url=|(?<![^\s"'])(?:src|href)=(?=["']?https?:))+""", re.IGNORECASE
)
# Surrogates are what is left of bytes that were no text.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]")
_ALBUM_COLUMN = re.compile(
    r"\A(?:spotify )?album[ _-]?(?:url|uri|link|id)\Z|\Aalbum[ _-]?spotify[ _-]?(?:url|uri|id)\Z"
)
_LINK_COLUMN = re.compile(r"\A(?:spotify[ _-]?)?(?:url|uri|link|href|id)s?\Z")
_OTHER_COLUMN = re.compile(r"track|song|artist|playlist|user|show|episode")


class RefusedSubmission(ValueError):
    """The submission as a whole cannot be taken; the message says why and what to do."""


class TooLarge(RefusedSubmission):
    """More bytes than MAX_BYTES."""


class TooManyLines(RefusedSubmission):
    """More entries than MAX_LINES."""


class LineTooLong(RefusedSubmission):
    """A line so long that this cannot be a list of links."""


class NotText(RefusedSubmission):
    """Compressed, binary, or with NUL characters."""


class Nothing(RefusedSubmission):
    """No line in it says anything."""


@dataclass(frozen=True, slots=True)
class SubmittedLine:
    """One link as submitted: its 1-based line, the text and what it means."""

    line: int
    value: str
    verdict: links.ParsedLink


def read(given: str | bytes | Sequence[str]) -> list[SubmittedLine]:
    """All entries of a submission in their order. Raises RefusedSubmission.

    A line or an item may hold several links, and words, HTML or Markdown around them. In text, blank lines
    and # comments count as lines but are no entries, and a table's column of links is found by its cells.
    """
    if isinstance(given, bytes):
        given = decoded(given)
    entries = list(_capped(_from_text(given) if isinstance(given, str) else _from_list(given)))
    if not entries:
        raise Nothing("There is nothing in it to take: put at least one album link on a line.")
    return entries


def one(given: str) -> str:
    """The one album link in what somebody pasted. Raises RefusedSubmission, with what is wrong with it."""
    entries = read([given])
    if bad := next((entry for entry in entries if not entry.verdict.ok), None):
        raise RefusedSubmission(bad.verdict.reason)
    if len({entry.verdict.spotify_id for entry in entries}) > 1:
        raise RefusedSubmission("There are several links in it; send one album at a time.")
    return entries[0].value


def decoded(data: bytes) -> str:
    """The text in an uploaded file. Raises TooLarge or NotText."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    try:
        return delimited.decoded(data)
    except delimited.NotText as error:
        raise NotText(str(error)) from error


def digest(entries: Iterable[SubmittedLine]) -> str:
    """The same for the same entries on the same lines, whatever their line endings were."""
    text = "\n".join(f"{entry.line}\t{entry.value.strip()}" for entry in entries)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def shown(value: str) -> str:
    """A value short enough to show beside its reason."""
    return value if len(value) <= SHOWN else value[: SHOWN - 1] + "…"


def _from_list(items: Sequence[str]) -> Iterator[SubmittedLine]:
    if len(items) > MAX_LINES:
        raise too_many()
    if sum(len(item) for item in items) > MAX_BYTES:
        raise _too_large()
    for number, item in enumerate(items, 1):
        _refuse_control(item)
        _refuse_long(len(item))
        yield from (_entry(number, value) for value in _links_in(item))


def _from_text(text: str) -> Iterator[SubmittedLine]:
    if len(text) > MAX_BYTES:
        raise _too_large()
    _refuse_control(text)
    _refuse_long(max(map(len, io.StringIO(text, newline=None)), default=0))
    telling = (
        row for row in delimited.rows(io.StringIO(text, newline=None)) if not delimited.is_comment(row.text)
    )
    rows = list(islice(telling, MAX_LINES + 2))
    if len(rows) > MAX_LINES + 1:  # with a header; refused before the first is looked at
        raise too_many()
    column = _link_column([row.cells for row in rows])
    for row in rows if column is None else rows[1:]:
        yield from (_entry(row.line, value) for value in _values(row, column))


def _entry(number: int, value: str) -> SubmittedLine:
    verdict = links.TOO_LONG if len(value) > MAX_LINE else links.parse(value)
    return SubmittedLine(number, value, verdict)


def _values(row: delimited.Row, column: int | None) -> list[str]:
    """The links of a row: those in the column of links, or anywhere in a row where that says nothing."""
    if column is not None and len(row.cells) > column and row.cells[column].strip(delimited.BLANK):
        return _links_in(row.cells[column])
    return _links_in(row.text)


def _links_in(text: str) -> list[str]:
    """The parts of a text that look like links, without what stands around them; else all of it."""
    linkish = [part for part in _BETWEEN.split(text) if _is_linkish(part)]
    if len(linkish) > 1 or (linkish and not links.parse(text).ok):
        return linkish
    return [text]


def _is_linkish(part: str) -> bool:
    if len(part) < _SHORTEST:
        return False
    verdict = links.parse(part)
    return "://" in part or bool(verdict.kind) or verdict.verdict != "invalid"


def _link_column(rows: list[list[str]]) -> int | None:
    """The column of album links, if the first of these rows is the header of a table, else None.

    The cells choose it: a column called url may hold anything. The names only break ties, and tell a header
    from a line of words.
    """
    header = rows[0] if rows else []
    if any(_is_linkish(cell) for cell in header):
        return None
    names = [cell.strip(delimited.BLANK).lower() for cell in header]
    found = delimited.best_column(rows[1:], lambda index, cell: _worth(names[index : index + 1], cell))
    named = _named_column(names)
    if named is None and not _is_table(rows):
        return None
    return named if found is None else found


def _named_column(names: list[str]) -> int | None:
    for pattern in (_ALBUM_COLUMN, _LINK_COLUMN):
        for index, name in enumerate(names):
            if pattern.match(name):
                return index
    return None


def _is_table(rows: list[list[str]]) -> bool:
    """Whether most rows have the cells that the first one announces."""
    width = len(rows[0]) if rows else 0
    return width > 1 and sum(len(cells) == width for cells in rows[1:]) * 2 > len(rows[1:])


def _worth(name: list[str], cell: str) -> int:
    """How surely a cell names an album: a link says so, a bare id only below a name that does not deny it."""
    if len(cell) < _ID_LENGTH or not any(links.parse(part).ok for part in _links_in(cell)):
        return 0
    if not ids.is_id(cell.strip(delimited.BLANK)) or "album" in "".join(name):
        return 2
    return 0 if _OTHER_COLUMN.search("".join(name)) else 1


def _capped(entries: Iterator[SubmittedLine]) -> Iterator[SubmittedLine]:
    for count, entry in enumerate(entries, 1):
        if count > MAX_LINES:
            raise too_many()
        yield entry


def _refuse_long(length: int) -> None:
    if length > MAX_SANE_LINE + 1:  # with its line break
        raise LineTooLong(f"A line has {length:,} characters; put one album link on a line.")


def _refuse_control(text: str) -> None:
    if _CONTROL.search(text):
        raise NotText("This is not plain text (it holds NUL or control characters); send text or CSV.")


def too_many() -> TooManyLines:
    return TooManyLines(
        f"More than {MAX_LINES:,} lines; split the list and send the parts one after another."
    )


def _too_large() -> TooLarge:
    return TooLarge("More than 2 MB; split the list and send the parts one after another.")
