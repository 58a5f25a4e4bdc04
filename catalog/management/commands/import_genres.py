"""Import artists' genres from a CSV file: an artist's id or link, a comma, genres separated by semicolons."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import plurals
from catalog.genres import artist_rows, imports
from catalog.intake import delimited

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Import artists' genres from a CSV file (- is standard input): an artist's id or link, a comma, "
        "genres separated by semicolons. They win over every source; bad rows are told with their reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the CSV file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="read and match everything, keep nothing")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = self.load(options["file"], dry_run=options["dry_run"])
        for row in loaded.bad[:SHOWN]:
            self.stderr.write(f"{options['file']}:{row.line}: {row.reason}")
        if len(loaded.bad) > SHOWN:
            self.stderr.write(
                f"… and {plurals.counted(len(loaded.bad) - SHOWN, 'more row')} with something bad"
            )
        self.stdout.write(json.dumps(facts(loaded)) if options["json"] else in_words(loaded, **options))
        if loaded.bad:
            raise SystemExit(3 if loaded.stored else 1)

    def load(self, name: str, *, dry_run: bool) -> artist_rows.Loaded:
        now = timezone.now()
        try:
            if name == "-":
                return artist_rows.load(
                    imports.rows(delimited.lines(sys.stdin.buffer)), now=now, dry_run=dry_run
                )
            with open(name, "rb") as file:
                return artist_rows.load(imports.rows(delimited.lines(file)), now=now, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error
        except (imports.BadFile, delimited.NotText) as error:
            raise CommandError(f"{name}: {error}") from error


def facts(loaded: artist_rows.Loaded) -> dict[str, Any]:
    bad = [{"line": row.line, "reason": row.reason} for row in loaded.bad]
    return {"rows": loaded.rows, "stored": loaded.stored, "unknown": loaded.unknown, "bad": bad}


def in_words(loaded: artist_rows.Loaded, *, dry_run: bool, **options: Any) -> str:
    done = "would be stored" if dry_run else "stored"
    rows = plurals.counted(loaded.rows, "row")
    return f"{loaded.stored} of {rows} {done}; {loaded.unknown} not in the catalogue, {len(loaded.bad)} bad."
