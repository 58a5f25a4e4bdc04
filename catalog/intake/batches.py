"""Take album links in: a verdict for every line, a batch, and its new albums queued in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction

from accounts.enqueue import after_commit
from catalog import advisory_locks
from catalog.intake import blocks, submissions
from catalog.intake.submissions import SubmittedLine
from catalog.models import AlbumSource, Batch

Given = str | bytes | Sequence[str]

_INSERT = """
    INSERT INTO album_sources
        (batch_id, url, spotify_album_id, status, failure_reason, attempts, priority, created_at)
    SELECT %s, given.url, given.album_id, 'queued', '', 0, %s, %s
    FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS given (url, album_id, place)
    ORDER BY given.place
    ON CONFLICT (spotify_album_id) DO NOTHING
"""
STATES = {
    "queued": "waits in the queue",
    "fetching": "is being fetched",
    "ingested": "is in the catalogue",
}
AGAIN = "To have it tried again, queue it again on the console's page of album sources."


@dataclass(frozen=True, slots=True)
class Line:
    """What would become of one entry.

    Verdicts: new, duplicate, known, failed, blocked, wrong_type, short_link or invalid.
    """

    line: int
    value: str
    verdict: str
    spotify_id: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """How an album stands that was submitted before, and why it failed if it did."""

    status: str
    why: str = ""
    is_set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A submitted album that failed before: nothing happens to it until somebody queues it again."""

    line: int
    value: str
    known: Known

    @property
    def reason(self) -> str:
        return f"It failed before: {self.known.why} {AGAIN}"

    @property
    def public_reason(self) -> str:
        """For strangers, who need not know which operator set it aside."""
        why = "an operator set it aside." if self.known.is_set_aside else self.known.why
        return f"It failed before: {why} Whoever runs this site can queue it again."

    def told(self) -> dict[str, Any]:
        return {"line": self.line, "value": self.value, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission: `lines` = queued (distinct new albums) + duplicates + invalid.

    `known` distinct albums were in the table before; those among them that failed stand in `failed`, by the
    line that named them first. `check` alone fills `verdicts`, one for each line.
    """

    batch_id: int | None
    lines: int
    queued: int
    duplicates: int
    known: int
    invalid: list[dict[str, Any]]
    failed: list[Failed]
    verdicts: list[Line]


def check(given: Given) -> Receipt:
    """What `enqueue` would answer, and a verdict for each line; writes nothing. Raises RefusedSubmission."""
    entries = _without_blocked(submissions.read(given))
    urls = _distinct(entries)
    known = _known(urls)
    return _receipt(None, entries, len(urls) - len(known), len(known), known, judged(entries, known))


def enqueue(
    given: Given, *, by: str, label: str = "", priority: int = 0, now: dt.datetime, ring: bool = True
) -> Receipt:
    """Store the submission as a batch and queue its new albums. The same text again is the same batch.

    `ring=False` leaves the workers asleep: the caller ingests by itself. Raises RefusedSubmission and
    advisory_locks.Busy.
    """
    entries = _without_blocked(submissions.read(given))
    urls = _distinct(entries)
    about = {
        "label": label,
        "submitted_by": by,
        "priority": priority,
        "created_at": now,
        "lines": len(entries),
    }
    with transaction.atomic():
        # One after the other: sources keep the order of their lines, and two submissions cannot deadlock.
        advisory_locks.wait_for_turn(advisory_locks.INTAKE)
        batch, is_new = Batch.objects.get_or_create(digest=submissions.digest(entries), defaults=about)
        queued = _insert(batch, urls, now)
        failed = _known(urls, status=AlbumSource.Status.FAILED) if queued < len(urls) else {}
        adopted = AlbumSource.objects.adopt(urls, priority=priority) if queued < len(urls) else 0
        receipt = _receipt(batch.pk, entries, queued, len(urls) - queued, failed, [])
        if is_new:
            batch.queued, batch.duplicates, batch.invalid = (
                receipt.queued,
                receipt.duplicates,
                receipt.invalid,
            )
            batch.save(update_fields=["queued", "duplicates", "invalid"])
        if ring and (queued or adopted):
            after_commit("ingest_albums_from_sources")
    return receipt


def judged(entries: list[SubmittedLine], known: dict[str, Known]) -> list[Line]:
    """The verdict of each entry, given how the albums stand that are known already. Pure."""
    first_seen: dict[str, int] = {}
    lines = []
    for entry in entries:
        verdict, reason = _standing(entry, known, first_seen)
        first_seen.setdefault(entry.verdict.spotify_id or "", entry.line)
        lines.append(
            Line(entry.line, submissions.shown(entry.value), verdict, entry.verdict.spotify_id, reason)
        )
    return lines


def _standing(
    entry: SubmittedLine, known: dict[str, Known], first_seen: dict[str, int]
) -> tuple[str, str | None]:
    spotify_id = entry.verdict.spotify_id
    if not entry.verdict.ok or spotify_id is None:
        return entry.verdict.verdict, entry.verdict.reason
    if spotify_id in known and known[spotify_id].status == AlbumSource.Status.FAILED:
        return "failed", Failed(entry.line, entry.value, known[spotify_id]).reason
    if spotify_id in known:
        return "known", f"Already known: it {STATES[known[spotify_id].status]}."
    if spotify_id in first_seen:
        return "duplicate", f"The same album as on line {first_seen[spotify_id]}."
    return "new", None


def _without_blocked(entries: list[SubmittedLine]) -> list[SubmittedLine]:
    """The entries with those of albums that are blocked, or whose known artists are, turned into refusals."""
    ids = {entry.verdict.spotify_id for entry in entries if entry.verdict.ok and entry.verdict.spotify_id}
    why = blocks.album_reasons(ids)
    return [_refused(entry, why) for entry in entries]


def _refused(entry: SubmittedLine, why: dict[str, str]) -> SubmittedLine:
    reason = why.get(entry.verdict.spotify_id or "") if entry.verdict.ok else None
    return (
        replace(entry, verdict=replace(entry.verdict, verdict="blocked", reason=reason)) if reason else entry
    )


def _receipt(
    batch_id: int | None,
    entries: list[SubmittedLine],
    queued: int,
    known: int,
    before: dict[str, Known],
    verdicts: list[Line],
) -> Receipt:
    good = sum(entry.verdict.ok for entry in entries)
    invalid = [
        {"line": entry.line, "value": submissions.shown(entry.value), "reason": entry.verdict.reason}
        for entry in entries
        if not entry.verdict.ok
    ]
    failed = list(_failed(entries, before))
    return Receipt(batch_id, len(entries), queued, good - queued, known, invalid, failed, verdicts)


def _failed(entries: list[SubmittedLine], known: dict[str, Known]) -> Iterator[Failed]:
    """The entries that name a failed album first."""
    failed = {one: how for one, how in known.items() if how.status == AlbumSource.Status.FAILED}
    for entry in entries:
        if entry.verdict.ok and (how := failed.pop(entry.verdict.spotify_id or "", None)):
            yield Failed(entry.line, submissions.shown(entry.value), how)


def _known(ids: Iterable[str], **of: str) -> dict[str, Known]:
    """How the albums among these stand that were submitted before."""
    rows = AlbumSource.objects.filter(spotify_album_id__in=ids, **of).values_list(
        "spotify_album_id", "status", "failure_reason", "set_aside_at"
    )
    return {one: Known(status, why, aside is not None) for one, status, why, aside in rows}


def _distinct(entries: list[SubmittedLine]) -> dict[str, str]:
    """{album id: the text that named it first}."""
    found: dict[str, str] = {}
    for entry in entries:
        if entry.verdict.ok and entry.verdict.spotify_id:
            found.setdefault(entry.verdict.spotify_id, entry.value)
    return found


def _insert(batch: Batch, urls: dict[str, str], now: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [batch.pk, batch.priority, now, list(urls.values()), list(urls)])
        return cursor.rowcount
