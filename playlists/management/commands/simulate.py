"""How the coming days would go: lists filled and held, the rest obtained, the share of the catalogue used."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import plurals
from playlists import locks
from playlists.management.commands.run_day import LATER, date_of
from playlists.rotation import rehearsal

MOST_DAYS = 400
_HEADS = ("Policy", "Lists", "Held", "Fill", "First short day", "Rest min/med/p95", "Tracks used", "Skew")


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
            found = rehearsal.rehearse(options["days"], start=start, now=now, say=self.stderr.write)
        except locks.Busy as error:
            raise CommandError(str(error), returncode=LATER) from error
        shown = rehearsal.summary(found)
        if options["json"]:
            nights = [asdict(one) for one in found.nights]
            self.stdout.write(json.dumps(shown | {"nights": nights}, default=str, ensure_ascii=False))
        else:
            self.stdout.write(prose(shown, start))


def prose(shown: Mapping[str, Any], start: dt.date) -> str:
    """The outlook for people: the network in a sentence, a line for each policy, and what gives way."""
    network, policies = shown["network"], shown["policies"]
    days = plurals.counted(shown["days"], "day")
    lines = [
        f"{days} from {start}, rehearsed and taken back: nothing was written.",
        f"The network fills {percent(network['fill'])} of {plurals.counted(network['slots'], 'place')}"
        f" ({percent(shown['worst_fill'])} on its worst day) and holds {network['held_lists']:,} of"
        f" {plurals.counted(network['lists'], 'list')}; {_rested(network['gap'])};"
        f" {percent(network['coverage'])} of the catalogue is used.",
    ]
    if not policies:
        return "\n".join([*lines, "No playlist is active, so there is nothing to rehearse."])
    return "\n".join(
        [*lines, "", *_table([_HEADS, *(_row(one) for one in policies)]), *_giving_way(policies)]
    )


def _rested(gap: Mapping[str, float | None]) -> str:
    if gap["min"] is None:
        return "no track is used twice"
    return f"a track rests {_rest(gap)} days (min/median/p95)"


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        one["policy"],
        f"{one['lists']:,}",
        f"{one['held_lists']:,}",
        percent(one["fill"]),
        one["first_short_day"] or "none",
        _rest(one["gap"]),
        f"{one['tracks_used']:,} of {one['tracks_matched']:,} ({percent(one['coverage'])})",
        f"{one['skew']:.2f}",
    )


def _rest(gap: Mapping[str, float | None]) -> str:
    if gap["min"] is None:
        return "-"
    return "/".join(f"{gap[name]:g}" for name in ("min", "median", "p95"))


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their longest text, the first to the left and the figures to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(_aligned(row, widths)) for row in rows]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]


def _giving_way(policies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which relax steps were taken, how often, and whose lists were held."""
    found = []
    for one in policies:
        if one["relaxations"]:
            steps = ", ".join(f"{path} in {lists:,}" for path, lists in sorted(one["relaxations"].items()))
            found.append(
                f"{one['policy']} gives way from {one['first_relaxed_day']} on:"
                f" {steps} of {plurals.counted(one['lists'], 'list')}."
            )
        if one["held_lists"]:
            found.append(
                f"{one['policy']} keeps an older list up {plurals.counted(one['held_lists'], 'time')}:"
                f" see policy_doctor “{one['policy']}”."
            )
    return ["", *found] if found else ["", "No list gives way and none is held."]


def percent(share: float) -> str:
    """100 % only where nothing is missing."""
    shown = f"{share:.1%}" if share >= 1 or round(share, 3) < 1 else "99.9%"
    return shown.replace(".0%", "%").replace("%", " %")
