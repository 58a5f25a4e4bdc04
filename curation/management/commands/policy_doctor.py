"""Say of policies, before anything runs, whether their playlists can be kept full, and what to change."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from curation.diagnosis import doctor
from curation.models import CurationPolicy
from curation.policy import language


class Command(BaseCommand):
    help = "Diagnose one policy, or all active ones: a sentence each. Exit code 3 if one is unsound."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="a policy's name; all active ones if left out")
        parser.add_argument(
            "--playlists", type=int, default=1, help="how many playlists it should feed (default: 1)"
        )
        parser.add_argument("--json", action="store_true", help="the figures too, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = [_examine(row, options["playlists"]) for row in _rows(options["name"])]
        if options["json"]:
            answer = [
                {"policy": name, "sentence": d.sentence, "sound": d.is_sound, **d.figures}
                for name, d in found
            ]
            self.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            for name, diagnosis in found:
                self.stdout.write(f"{name}: {diagnosis.sentence}")
        if not all(diagnosis.is_sound for _, diagnosis in found):
            sys.exit(3)


def _rows(name: str | None) -> list[CurationPolicy]:
    rows = CurationPolicy.objects.filter(name=name) if name else CurationPolicy.objects.active()
    found = list(rows.order_by("name", "id"))
    if name and not found:
        raise CommandError(f"There is no policy named “{name}”.")
    return found


def _examine(row: CurationPolicy, playlists: int) -> tuple[str, doctor.Diagnosis]:
    diagnosis = doctor.examine(
        language.parse(row.body),
        playlists=playlists,
        today=timezone.now().date(),
        count=settings.TRACKS_PER_PLAYLIST,
        gap_days=settings.MIN_REPEAT_GAP_DAYS,
    )
    return row.name, diagnosis
