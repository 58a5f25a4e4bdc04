"""Re-encrypt all stored tokens under the first key of SPOTIFY_TOKEN_KEY; workers may run meanwhile."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.login import key_rotation

FAILED, PARTLY = 1, 3


class Command(BaseCommand):
    help = (
        "Put the new key first in SPOTIFY_TOKEN_KEY, restart everything, run this until nothing is left "
        "under an old key (exit code 0), then remove the old key. Exit code 3: run it again; 1: some open "
        "with no key."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and write nothing.")
        parser.add_argument("--json", action="store_true", help="The outcome as JSON on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        outcome = key_rotation.rotate(dry_run=options["dry_run"])
        figures = dataclasses.asdict(outcome)
        line = ", ".join(f"{count} {name}" for name, count in figures.items())
        self.stdout.write(json.dumps(figures) if options["json"] else line)
        if outcome.unreadable:
            self.stderr.write("Some tokens open with no key of SPOTIFY_TOKEN_KEY: put the missing key back.")
            sys.exit(FAILED)
        if outcome.busy:
            self.stderr.write("Some rows were in use: run it again.")
            sys.exit(PARTLY)
