"""Import audio features from a CSV file with a column spotify_id and columns such as energy and tempo."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.features import enrich, imports

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Import audio features from a CSV file (- is standard input); bad rows are told with their reasons."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="CSV: spotify_id and any of energy, danceability, valence, tempo, key, ..."
        )
        parser.add_argument("--dry-run", action="store_true", help="read and match everything, keep nothing")
        parser.add_argument(
            "--replace", action="store_true", help="also overwrite what another source has told"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = self.load(options)
        for row in loaded.bad[:SHOWN]:
            self.stderr.write(f"{options['file']}:{row.line}: {row.reason}")
        if len(loaded.bad) > SHOWN:
            self.stderr.write(f"… and {len(loaded.bad) - SHOWN} more bad rows")
        done = "would be stored" if options["dry_run"] else "stored"
        self.stdout.write(
            f"{loaded.stored} of {loaded.rows} rows {done}; {loaded.unknown} of unknown tracks, "
            f"{loaded.kept} already known from another source, {len(loaded.bad)} bad."
        )
        if loaded.bad:
            raise SystemExit(3 if loaded.stored else 1)

    def load(self, options: dict[str, Any]) -> enrich.Loaded:
        how = {"now": timezone.now(), "replace": options["replace"], "dry_run": options["dry_run"]}
        try:
            if options["file"] == "-":
                return enrich.load(imports.rows(sys.stdin), **how)
            with open(options["file"], encoding="utf-8-sig", newline="") as lines:
                return enrich.load(imports.rows(lines), **how)
        except OSError as error:
            raise CommandError(
                f"{options['file']} cannot be read: {error.strerror}.", returncode=2
            ) from error
        except imports.BadFile as error:
            raise CommandError(f"{options['file']}: {error}") from error
