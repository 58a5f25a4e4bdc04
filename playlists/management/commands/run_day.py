"""Run one whole day, or some of its stages, in this very process."""

from __future__ import annotations

import datetime as dt
import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playlists.nightly import run_day, stages

DONE, PARTLY, LATER = 0, 3, 75


class Command(BaseCommand):
    help = (
        "Scale, ingest, enrich, curate and sync for a date, beside any workers that live. "
        "The same date again keeps its plan and writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", help="YYYY-MM-DD; today in UTC without it")
        parser.add_argument(
            "--stages", default=",".join(stages.NAMES), help="some of scale,ingest,enrich,curate,sync"
        )
        parser.add_argument("--replan", action="store_true", help="plan the date again where it has a plan")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen and write nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        report = run_day.run(
            date_of(options["date"], now),
            names=stages_of(options["stages"]),
            now=now,
            dry_run=options["dry_run"],
            replan=options["replan"],
            say=self.stderr.write,
        )
        if options["json"]:
            self.stdout.write(
                json.dumps(plain(report), default=str, indent=2 if sys.stdout.isatty() else None)
            )
        else:
            for step in report.steps:
                self.stdout.write(f"{step.stage:7} {step.sentence}")
        if code := exit_code(report):
            raise SystemExit(code)


def date_of(given: str | None, now: dt.datetime) -> dt.date:
    try:
        return dt.date.fromisoformat(given) if given else now.date()
    except ValueError as error:
        raise CommandError(f"{given} is not a date: write it as YYYY-MM-DD.", returncode=2) from error


def stages_of(given: str) -> list[str]:
    asked = [one.strip() for one in given.split(",") if one.strip()]
    unknown = sorted(set(asked) - set(stages.NAMES))
    if unknown or not asked:
        raise CommandError(
            f"Unknown stages: {', '.join(unknown) or 'none given'}. There are {', '.join(stages.NAMES)}.",
            returncode=2,
        )
    return asked


def exit_code(report: run_day.Report) -> int:
    if report.is_blocked:
        return LATER
    return PARTLY if report.is_partly_failed else DONE


def plain(report: run_day.Report) -> dict[str, Any]:
    return {
        "date": report.date.isoformat(),
        "dry_run": report.dry_run,
        "blocked": report.is_blocked,
        "stages": [asdict(step) for step in report.steps],
    }
