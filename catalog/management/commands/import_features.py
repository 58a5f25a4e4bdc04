"""Import audio features from a CSV file with a column of track ids and columns such as energy and tempo."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import plurals
from catalog.features import enrich, imports
from catalog.intake import delimited

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Import audio features from a CSV file (- is standard input); bad rows are told with their reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            help="CSV of any spelling: a column of track ids, URIs or links, and any of energy, "
            "danceability, valence, tempo, key, ...",
        )
        parser.add_argument("--dry-run", action="store_true", help="read and match everything, keep nothing")
        parser.add_argument(
            "--replace", action="store_true", help="also overwrite what another source has told"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = self.load(options)
        told = sorted([*loaded.bad, *loaded.partly], key=lambda row: row.line)
        for row in told[:SHOWN]:
            self.stderr.write(f"{options['file']}:{row.line}: {row.reason or ' '.join(row.dropped)}")
        if len(told) > SHOWN:
            self.stderr.write(f"… and {plurals.counted(len(told) - SHOWN, 'more row')} with something bad")
        done = "would be stored" if options["dry_run"] else "stored"
        rows = plurals.counted(loaded.rows, "row")
        self.stdout.write(
            f"{loaded.stored} of {rows} {done}; {loaded.unknown} not in the catalogue, "
            f"{loaded.kept} already known from another source, {len(loaded.bad)} bad, "
            f"{len(loaded.partly)} without a bad measure."
        )
        if told:
            raise SystemExit(3 if loaded.stored else 1)

    def load(self, options: dict[str, Any]) -> enrich.Loaded:
        how = {"now": timezone.now(), "replace": options["replace"], "dry_run": options["dry_run"]}
        try:
            if options["file"] == "-":
                return enrich.load(imports.rows(delimited.lines(sys.stdin.buffer)), **how)
            with open(options["file"], "rb") as file:
                return enrich.load(imports.rows(delimited.lines(file)), **how)
        except OSError as error:
            raise CommandError(
                f"{options['file']} cannot be read: {error.strerror}.", returncode=2
            ) from error
        except (imports.BadFile, delimited.NotText) as error:
            raise CommandError(f"{options['file']}: {error}") from error
