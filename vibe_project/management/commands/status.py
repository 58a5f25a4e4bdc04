"""Say what waits, what is blocked, why and until when."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from playlists.console import status


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        facts = status.at(timezone.now())
        self.stdout.write(json.dumps(facts, indent=2) if options["json"] else in_words(facts))


def in_words(facts: dict[str, Any]) -> str:
    lines = [f"Vibe at {facts['time']}, Spotify in {facts['mode']} mode"]
    for name in ("accounts", "album_sources", "copies", "snapshots_today"):
        counted = ", ".join(f"{key} {value}" for key, value in facts[name].items() if value is not None)
        lines.append(f"{name.replace('_', ' ')}: {counted or 'none'}")
    for stage in facts["stages_today"]:
        counted = f"{stage['done']} of {stage['total']}, {stage['failed']} failed"
        lines.append(f"{stage['stage']}: {stage['state']}, {counted}")
    for what, of in (("features", "playable tracks"), ("genres", "artists")):
        known = facts["coverage"][what]
        lines.append(
            f"{what}: found for {known['found']:,} of {known['total']:,} {of}, "
            f"absent for {known['absent']:,}, {known['not_asked']:,} not asked yet"
        )
    if facts["genres"]["missing"]:
        lines.append(" ".join([*facts["genres"]["missing"], facts["genres"]["costs"]]).strip())
    lines += facts["happened"]
    lines += [f"BLOCKED {row['what']}: {row['why']}{until(row)}" for row in facts["blocked"]]
    return "\n".join(lines if facts["blocked"] else [*lines, "Nothing is blocked."])


def until(row: dict[str, Any]) -> str:
    return f" (until {row['until']})" if row["until"] else ""
