"""Queue album links from the command line or a file, and with --now ingest them in this very process."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, TextColumn

from accounts import plurals
from accounts.gateway_state import gateways
from catalog import advisory_locks
from catalog.ingest import ingest, progress
from catalog.intake import batches, submissions

# Waits no longer than this are worth sitting out before the command says "try later".
PATIENCE = dt.timedelta(seconds=60)
DONE, ERROR, PARTLY, LATER = 0, 1, 3, 75


@dataclass(frozen=True, slots=True)
class Submission:
    """What was given in one place: the place's name and the links."""

    name: str
    given: list[str] | bytes


class Command(BaseCommand):
    help = "Queue Spotify album links. Bad lines are told as file:line: reason; the others are taken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("urls", nargs="*", metavar="URL", help="album links, URIs or ids")
        parser.add_argument("--file", help="text or CSV with album links; - is standard input")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--now", action="store_true", help="ingest in this process, with progress on stderr")
        how.add_argument("--queue", action="store_true", help="only queue, for the workers (the default)")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen and write nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")
        parser.add_argument("--label", default="", help="how the batch will be found again")

    def handle(self, *args: Any, **options: Any) -> None:
        handed_in = list(self.submissions(options))
        if not handed_in:
            raise CommandError("Give album links, or a file with --file (- is standard input).", returncode=2)
        receipts = [self.take(submission, options) for submission in handed_in]
        ingested = None
        if options["now"] and not options["dry_run"]:
            ingested = self.ingest([receipt.batch_id for receipt in receipts if receipt.batch_id])
        self.tell(receipts, ingested, options)
        if code := exit_code(receipts, ingested):
            raise SystemExit(code)

    def submissions(self, options: dict[str, Any]) -> list[Submission]:
        given = [Submission("arguments", options["urls"])] if options["urls"] else []
        if options["file"]:
            given.append(Submission(options["file"], read(options["file"])))
        return given

    def take(self, submission: Submission, options: dict[str, Any]) -> batches.Receipt:
        try:
            if options["dry_run"]:
                receipt = batches.check(submission.given)
            else:
                about = {"label": options["label"], "ring": not options["now"]}
                receipt = batches.enqueue(submission.given, by="command", now=timezone.now(), **about)
        except submissions.RefusedSubmission as refusal:
            raise CommandError(f"{submission.name}: {refusal}", returncode=2) from refusal
        except advisory_locks.Busy as error:
            raise CommandError(str(error), returncode=LATER) from error
        for bad in receipt.invalid:
            self.stderr.write(f"{submission.name}:{bad['line']}: {bad['reason']}")
        for failed in receipt.failed:
            self.stderr.write(f"{submission.name}:{failed.line}: {failed.reason}")
        return receipt

    def ingest(self, batch_ids: list[int]) -> dict[str, Any]:
        """Ingest the batches here until nothing of them is left, or only what must wait over a minute."""
        gateway = gateways.for_app(lane="ingest")
        totals: dict[str, Any] = {
            "ingested": 0,
            "failed": 0,
            "waiting": 0,
            "blocked_until": None,
            "reason": "",
        }
        with bar() as shown:
            for batch_id in batch_ids:
                ingest_batch(gateway, batch_id, totals, shown)
        return totals

    def tell(
        self, receipts: list[batches.Receipt], ingested: dict[str, Any] | None, options: dict[str, Any]
    ) -> None:
        answer = summary(receipts, ingested)
        if options["json"]:
            self.stdout.write(json.dumps(answer, default=str))
            return
        verb = "would be queued" if options["dry_run"] else "queued"
        text = (
            f"{answer['queued']} {verb}, {plurals.counted(answer['duplicates'], 'duplicate')}, "
            f"{len(answer['invalid'])} invalid."
        )
        if answer["failed"]:
            text += f" {len(answer['failed'])} failed before."
        if ingested:
            text += (
                f" {ingested['ingested']} ingested, {ingested['failed']} failed, {ingested['waiting']} "
                f"{plurals.verb(ingested['waiting'], 'waits', 'wait')}."
            )
        self.stdout.write(text)
        if ingested and ingested["reason"]:
            self.stderr.write(f"{ingested['reason']} (until {ingested['blocked_until']:%Y-%m-%d %H:%M} UTC)")


def read(name: str) -> bytes:
    """At most one byte more than is allowed; catalog.intake.submissions refuses what is too much."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(submissions.MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(submissions.MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error


def ingest_batch(gateway: Any, batch_id: int, totals: dict[str, Any], shown: Progress) -> None:
    """Run after run, sitting out short waits; adds to `totals`."""
    task = shown.add_task(f"batch {batch_id}", total=None)

    def tick() -> float:
        counted = progress.counts(batch_id=batch_id)
        shown.update(task, total=counted["total"], completed=counted["ingested"] + counted["failed"])
        return 1.0

    while True:
        outcome = ingest.run(gateway=gateway, now=timezone.now(), batch_id=batch_id, time_left=tick)
        tick()
        totals["ingested"] += outcome.ingested
        totals["failed"] += outcome.failed
        left = progress.counts(batch_id=batch_id)
        wait = (left["waiting_until"] or timezone.now()) - timezone.now()
        if not left["queued"] or wait > PATIENCE:
            break
        time.sleep(max(0.5, wait.total_seconds()))
    totals["waiting"] += left["queued"] + left["fetching"]
    totals["blocked_until"], totals["reason"] = outcome.blocked_until, outcome.reason


def summary(receipts: list[batches.Receipt], ingested: dict[str, Any] | None) -> dict[str, Any]:
    added = {
        name: sum(getattr(receipt, name) for receipt in receipts)
        for name in ("lines", "queued", "duplicates", "known")
    }
    invalid = [bad for receipt in receipts for bad in receipt.invalid]
    ids = [receipt.batch_id for receipt in receipts if receipt.batch_id]
    answer: dict[str, Any] = {"batch_id": ids[0] if ids else None, "batch_ids": ids, **added}
    failed = [one.told() for receipt in receipts for one in receipt.failed]
    return {**answer, "failed": failed, "invalid": invalid} | ({"now": ingested} if ingested else {})


def exit_code(receipts: list[batches.Receipt], ingested: dict[str, Any] | None) -> int:
    """0 all done, 1 nothing taken, 3 some of it, 75 some of it must wait."""
    taken = sum(receipt.queued + receipt.duplicates for receipt in receipts)
    if not taken:
        return ERROR
    if ingested and ingested["waiting"]:
        return LATER
    has_bad_lines = any(receipt.invalid or receipt.failed for receipt in receipts)
    return PARTLY if has_bad_lines or (ingested and ingested["failed"]) else DONE


def bar() -> Progress:
    """A bar on a terminal; nothing but the result elsewhere."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, console=console, disable=not console.is_terminal)
