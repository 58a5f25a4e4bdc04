"""Build the day's lists: the whole network's in one allocation, or one playlist's."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import plurals
from curation.diagnosis import doctor, reasons
from curation.policy import language
from playlists import locks
from playlists.management.commands.run_day import LATER, PARTLY, date_of
from playlists.models import HistoryEntry, Playlist, Snapshot
from playlists.rotation import recording, rendering, snapshots


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
            outcome = snapshots.build(
                date, playlist_id=chosen.pk if chosen else None, now=now, dry_run=options["dry_run"]
            )
        except (locks.Busy, recording.GapBroken) as error:
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


def plain(outcome: snapshots.BuildResult, dry_run: bool) -> dict[str, Any]:
    return {
        "date": outcome.date,
        "dry_run": dry_run,
        "built": outcome.built,
        "held": outcome.held,
        "existing": outcome.existing,
        "sentence": outcome.sentence(),
    }


def explained(outcome: snapshots.BuildResult, chosen: Playlist | None) -> list[dict[str, Any]]:
    """The lists just made, or held, with the reasons of each track; for one playlist also the list that was
    there already."""
    made = {key: (list(one.relaxations), one.funnel, _of(one.entries)) for key, one in outcome.lists.items()}
    held: dict[int, Any] = {key: ([], {}, []) for key in outcome.held}
    if not made and not held and chosen is not None:
        kept = Snapshot.objects.built().filter(playlist=chosen, date=outcome.date).first()
        if kept is not None:
            made = {chosen.pk: (kept.relaxations, kept.funnel, _stored(kept))}
    playlists = Playlist.objects.select_related("policy").in_bulk([*made, *held])
    refused = _refused(playlists.values(), outcome.date)
    return [
        {
            "playlist": key,
            "name": str(playlists[key]),
            "policy": playlists[key].policy.name,
            "held": outcome.held.get(key, ""),
            "relaxations": relaxations,
            "funnel": funnel,
            "rules": refused.get(playlists[key].policy_id, []),
            "tracks": named(tracks),
        }
        for key, (relaxations, funnel, tracks) in {**made, **held}.items()
    ]


def _of(entries: Sequence[Any]) -> list[tuple[int, int, Any]]:
    return [(one.track_id, one.position, one.reasons) for one in entries]


def _stored(kept: Snapshot) -> list[tuple[int, int, Any]]:
    return list(HistoryEntry.objects.of(kept).values_list("track_id", "position", "reasons"))


def _refused(playlists: Iterable[Playlist], date: dt.date) -> dict[int, list[dict[str, Any]]]:
    """How many tracks each rule of a policy refuses; a policy that does not parse is left out."""
    sound, _ = language.parsed({one.policy_id: one.policy.body for one in playlists})
    return {key: doctor.refused(rules, today=date) for key, rules in sound.items()}


def named(rows: list[tuple[int, int, Any]]) -> list[dict[str, Any]]:
    tracks = rendering.tracks_of(track_id for track_id, _, _ in rows)
    return [
        {
            "position": position,
            "title": tracks[track_id]["title"],
            "artist": tracks[track_id]["artist"],
            "spotify_id": tracks[track_id]["spotify_id"],
            "reasons": why,
        }
        for track_id, position, why in rows
    ]


def prose(shown: dict[str, Any]) -> str:
    lines = [f"{shown['date']}: {shown['sentence']}"]
    for made in shown.get("lists", []):
        lines += ["", f"{made['name']}, by the policy {made['policy']}", *funnel(made)]
        lines += [f"  Gave way: {step['words']}." for step in made["relaxations"]]
        lines += [
            f"  {row['position']:3}  {row['title']} - {row['artist']}  ({reasons.phrase(row['reasons'])})"
            for row in made["tracks"]
        ]
    return "\n".join(lines)


_FUNNEL = (
    ("catalogue", "in the catalogue"),
    ("matched", "match the policy"),
    ("rested", "of them have rested"),
    ("chosen", "chosen"),
)


def funnel(made: dict[str, Any]) -> list[str]:
    """From the whole catalogue down to the list, and what each rule keeps out on the way."""
    found, rules = made["funnel"], made["rules"]
    lines = [f"  {found[name]:9,}  {words}" for name, words in _FUNNEL if name in found]
    if "wanted" in found and lines:
        lines[-1] += f" for {plurals.counted(found['wanted'], 'place')}"
    if made["held"]:
        lines.append(f"  Held: {made['held']}")
    if rules:
        lines.append("  Kept out by each rule (and by that rule alone):")
        lines += [f"  {one['refused']:9,}  ({one['alone']:,})  {one['rule']}" for one in rules]
    return lines
