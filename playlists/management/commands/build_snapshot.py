"""Build the day's lists: the whole network's in one allocation, or one playlist's."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playlists import locks, rendering, rotation
from playlists.management.commands.run_day import LATER, PARTLY, date_of
from playlists.models import HistoryEntry, Playlist, Snapshot


class Command(BaseCommand):
    help = "Build today's lists. A list that exists is never rewritten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "playlist", nargs="?", metavar="PLAYLIST", help="its number (#7 or 7), public id or name"
        )
        parser.add_argument("--date", help="YYYY-MM-DD; today in UTC without it")
        parser.add_argument("--explain", action="store_true", help="show every track with its reasons")
        parser.add_argument("--dry-run", action="store_true", help="build and write nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        date = date_of(options["date"], now)
        chosen = playlist_called(options["playlist"]) if options["playlist"] else None
        try:
            outcome = rotation.build(
                date, playlist_id=chosen.pk if chosen else None, now=now, dry_run=options["dry_run"]
            )
        except (locks.Busy, rotation.GapBroken) as error:
            raise CommandError(str(error), returncode=LATER) from error
        shown = plain(outcome, options["dry_run"])
        if options["explain"]:
            shown["lists"] = explained(outcome, chosen)
        self.stdout.write(json.dumps(shown, default=str) if options["json"] else prose(shown))
        if outcome.held:
            raise SystemExit(PARTLY)


def playlist_called(given: str) -> Playlist:
    number = given.lstrip("#")
    by = {"global_index": int(number)} if number.isascii() and number.isdigit() else {"public_id": given}
    found = Playlist.objects.filter(**by).first() or Playlist.objects.filter(name=given).first()
    if found is None:
        raise CommandError(f"There is no playlist {given}: give its number, public id or name.", returncode=2)
    return found


def plain(outcome: rotation.Outcome, dry_run: bool) -> dict[str, Any]:
    return {
        "date": outcome.date,
        "dry_run": dry_run,
        "built": outcome.built,
        "held": outcome.held,
        "existing": outcome.existing,
        "sentence": outcome.sentence(),
    }


def explained(outcome: rotation.Outcome, chosen: Playlist | None) -> list[dict[str, Any]]:
    """The lists just made with the reasons of each track; for one playlist also the list that was there
    already."""
    made = [
        {
            "playlist": playlist_id,
            "relaxations": built.relaxations,
            "funnel": built.funnel,
            "tracks": named([(one.track_id, one.position, one.reasons) for one in built.entries]),
        }
        for playlist_id, built in outcome.lists.items()
    ]
    if made or chosen is None:
        return made
    kept = Snapshot.objects.built().filter(playlist=chosen, date=outcome.date).first()
    if kept is None:
        return []
    rows = HistoryEntry.objects.filter(snapshot=kept).order_by("position")
    tracks = named(list(rows.values_list("track_id", "position", "reasons")))
    return [
        {"playlist": chosen.pk, "relaxations": kept.relaxations, "funnel": kept.funnel, "tracks": tracks},
    ]


def named(rows: list[tuple[int, int, Any]]) -> list[dict[str, Any]]:
    tracks = rendering.tracks_of(track_id for track_id, _, _ in rows)
    return [
        {
            "position": position,
            "title": tracks[track_id]["title"],
            "artist": tracks[track_id]["artist"],
            "spotify_id": tracks[track_id]["spotify_id"],
            "reasons": reasons,
        }
        for track_id, position, reasons in rows
    ]


def prose(shown: dict[str, Any]) -> str:
    lines = [f"{shown['date']}: {shown['sentence']}"]
    for made in shown.get("lists", []):
        lines += ["", f"Playlist {made['playlist']}  {made['funnel']}"]
        lines += [
            f"{row['position']:3} {row['title']} - {row['artist']}  {row['reasons']}"
            for row in made["tracks"]
        ]
    return "\n".join(lines)
