"""Album sources as CSV that streams, and that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet

from catalog.models import AlbumSource

COLUMNS = (
    "spotify_album_id", "url", "status", "failure_reason", "attempts", "not_before", "created_at",
    "ingested_at", "batch_id",
)  # fmt: skip
# Spreadsheets run cells that begin like this.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_AT_ONCE = 2000


def sources(chosen: QuerySet[AlbumSource]) -> Iterator[str]:
    """These sources, oldest first, a line at a time; constant memory whatever their number."""
    rows = chosen.order_by("pk").values_list(*COLUMNS)
    yield line(COLUMNS)
    for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
        yield line(row)


def line(cells: Iterable[Any]) -> str:
    """One line of CSV; times as ISO 8601, nothing for None."""
    text = io.StringIO()
    csv.writer(text).writerow([disarmed(written(cell)) for cell in cells])
    return text.getvalue()


def written(cell: Any) -> str:
    if cell is None:
        return ""
    return cell.isoformat(timespec="seconds") if hasattr(cell, "isoformat") else str(cell)


def disarmed(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
