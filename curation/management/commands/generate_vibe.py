"""generate_vibe TEXT [--count N] [--no-explicit] [--json]: a sentence becomes a vibe, on a terminal."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from curation import api
from curation.models import Vibe
from curation.vibes import describe, generator, saving


class Command(BaseCommand):
    help = "Turn a sentence into a playlist and print it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("text", help="how it should feel, in a sentence")
        parser.add_argument("--count", type=_count, help="songs, 1 to 50 (default: as said, or 10)")
        parser.add_argument("--no-explicit", action="store_true", help="leave out explicit songs")
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="print what the API would answer"
        )

    def handle(self, *args: Any, text: str, **options: Any) -> None:
        try:
            vibe = generator.generate(
                text,
                count=options["count"],
                explicit=False if options["no_explicit"] else None,
                now=timezone.now(),
            )
        except generator.EmptyText as error:
            raise CommandError("Say in words how it should feel.", returncode=2) from error
        except generator.EmptyCatalogue as error:
            raise CommandError("There is no music here yet: submit albums and ingest them.") from error
        if options["as_json"]:
            self.stdout.write(json.dumps(api.VibeAnswer(vibe).data, ensure_ascii=False, indent=2))
            return
        self._show(vibe)

    def _show(self, vibe: Vibe) -> None:
        self.stdout.write(f"{vibe.title}\n{vibe.summary}\nInterpreted by: {vibe.get_interpreter_display()}")
        for note in vibe.notes:
            self.stdout.write(f"Note: {note}")
        for place, song in enumerate(vibe.songs, start=1):
            length = describe.length(song["duration_ms"])
            self.stdout.write(f"{place:3}. {song['artist']} – {song['title']} ({length})  {song['reason']}")
        self.stdout.write(saving.share_url(vibe))


def _count(given: str) -> int:
    value = int(given)
    if not 1 <= value <= generator.MAX_COUNT:
        raise ValueError("from 1 to 50")
    return value
