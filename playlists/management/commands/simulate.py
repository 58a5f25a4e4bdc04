"""How the coming days would go: lists filled and held, the gap obtained, the share of the catalogue used."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playlists import locks, rehearsal
from playlists.management.commands.run_day import LATER, date_of

MOST_DAYS = 400


class Command(BaseCommand):
    help = "Plan and build the next days for real, and take everything back. Nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, required=True, help=f"1 to {MOST_DAYS}")
        parser.add_argument("--date", help="the first day, YYYY-MM-DD; tomorrow without it")
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"--days must be from 1 to {MOST_DAYS}.", returncode=2)
        now = timezone.now()
        start = date_of(options["date"], now + dt.timedelta(days=0 if options["date"] else 1))
        try:
            nights = rehearsal.rehearse(options["days"], start=start, now=now, say=self.stderr.write)
        except locks.Busy as error:
            raise CommandError(str(error), returncode=LATER) from error
        shown = rehearsal.summary(nights)
        if options["json"]:
            self.stdout.write(json.dumps(shown | {"nights": [asdict(one) for one in nights]}, default=str))
        else:
            self.stdout.write("\n".join(f"{name}: {value}" for name, value in shown.items()))
