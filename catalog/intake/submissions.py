"""Read what people paste or upload (text, CSV, a list) into numbered entries, or refuse it whole. Pure."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from catalog.intake import links

MAX_LINES = 10_000
MAX_BYTES = 2 * 1024 * 1024
MAX_LINE = 300
# A line this long is no list of links at all; between the two limits a line is refused alone.
MAX_SANE_LINE = 10_000
SHOWN = 120

# The shortest thing that could be meant as a link; shorter words are not even looked at.
_SHORTEST = 8
_BLANK = " \t\ufeff"
_BETWEEN = re.compile(r"[\s,;|]+")
# Surrogates are what is left of bytes that were no text.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ud800-\udfff]")
_ARCHIVES = {
    b"\x1f\x8b": "a gzip file",
    b"PK": "a zip or Excel file",
    b"BZ": "a bzip2 file",
    b"%P": "a PDF file",
}
_ALBUM_COLUMN = re.compile(
    r"\A(?:spotify )?album[ _-]?(?:url|uri|link|id)\Z|\Aalbum[ _-]?spotify[ _-]?(?:url|uri|id)\Z"
)
_LINK_COLUMN = re.compile(r"\A(?:spotify[ _-]?)?(?:url|uri|link|href|id)s?\Z")


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

    In text, blank lines and # comments count as lines but are no entries, a line may hold several links,
    and a CSV header chooses the column. In a list every item is one entry.
    """
    if isinstance(given, bytes):
        given = decoded(given)
    entries = list(_capped(_from_text(given) if isinstance(given, str) else _from_list(given)))
    if not entries:
        raise Nothing("There is nothing in it to take: put at least one album link on a line.")
    return entries


def decoded(data: bytes) -> str:
    """The text in an uploaded file. Raises TooLarge or NotText."""
    if len(data) > MAX_BYTES:
        raise _too_large()
    if data[:2] in _ARCHIVES:
        raise NotText(f"This is {_ARCHIVES[data[:2]]}, not text; unpack it or save it as CSV and send that.")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Spreadsheets write the local code page; links are ASCII, so the rest may be read roughly.
        return data.decode("cp1252", "replace")


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
        _refuse_nonsense(item)
        yield _entry(number, item)


def _from_text(text: str) -> Iterator[SubmittedLine]:
    if len(text) > MAX_BYTES:
        raise _too_large()
    _refuse_control(text)
    lines = list(islice(_telling(text), MAX_LINES + 2))
    if len(lines) > MAX_LINES + 1:  # with a header; refused before the first is looked at
        raise too_many()
    for _, line in lines:
        _refuse_nonsense(line)
    column = _link_column(lines[0][1].strip(_BLANK)) if lines else None
    for number, line in lines[1:] if column else lines:
        yield from (_entry(number, value) for value in _values(line, column))


def _telling(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        bare = line.strip(_BLANK)
        if bare and not bare.startswith("#"):
            yield number, line


def _entry(number: int, value: str) -> SubmittedLine:
    verdict = links.TOO_LONG if len(value) > MAX_LINE else links.parse(value)
    return SubmittedLine(number, value, verdict)


def _values(line: str, column: tuple[int, str] | None) -> list[str]:
    """The links of one line: the header's column, or the parts that look like links, or the whole line."""
    if column:
        cells = _cells(line, column[1])
        return [cells[column[0]]] if len(cells) > column[0] else [line]
    linkish = [part for part in _BETWEEN.split(line) if _is_linkish(part)]
    if len(linkish) > 1 or (linkish and not links.parse(line).ok):
        return linkish
    return [line]


def _is_linkish(part: str) -> bool:
    if len(part) < _SHORTEST:
        return False
    verdict = links.parse(part)
    return "://" in part or bool(verdict.kind) or verdict.verdict != "invalid"


def _link_column(line: str) -> tuple[int, str] | None:
    """The column of the links and the delimiter, if this first line is the header of a CSV."""
    for delimiter in "\t;,":
        names = [cell.strip(" \ufeff").lower() for cell in _cells(line, delimiter)]
        for pattern in (_ALBUM_COLUMN, _LINK_COLUMN):
            for index, name in enumerate(names):
                if pattern.match(name):
                    return index, delimiter
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _capped(entries: Iterator[SubmittedLine]) -> Iterator[SubmittedLine]:
    for count, entry in enumerate(entries, 1):
        if count > MAX_LINES:
            raise too_many()
        yield entry


def _refuse_nonsense(line: str) -> None:
    _refuse_control(line)
    if len(line) > MAX_SANE_LINE:
        raise LineTooLong(f"A line has {len(line):,} characters; put one album link on a line.")


def _refuse_control(text: str) -> None:
    if _CONTROL.search(text):
        raise NotText("This is not plain text (it holds NUL or control characters); send text or CSV.")


def too_many() -> TooManyLines:
    return TooManyLines(
        f"More than {MAX_LINES:,} lines; split the list and send the parts one after another."
    )


def _too_large() -> TooLarge:
    return TooLarge("More than 2 MB; split the list and send the parts one after another.")
