"""Show the plan of the day, or a what-if; with --apply make it so."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playlists import locks
from playlists.api import serializers
from playlists.management.commands.run_day import LATER, date_of
from playlists.planning import scaling


class Command(BaseCommand):
    help = "How many playlists, why, and what changes for it. Without --apply nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--set", action="append", default=[], metavar="NAME=N", help=f"one of {names()}, as a what-if"
        )
        parser.add_argument("--date", help="YYYY-MM-DD; today in UTC without it")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--apply", action="store_true", help="carry the plan out")
        how.add_argument("--dry-run", action="store_true", help="write nothing (as without --apply)")
        parser.add_argument("--json", action="store_true", help="the plan as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        plan = scaling.plan_for(date_of(options["date"], now), overrides=overrides_of(options["set"]))
        shown = serializers.plan(plan)
        if options["apply"]:
            try:
                shown = serializers.stored_plan(scaling.apply(plan, by="command", now=now))
            except scaling.NotApplicable as error:
                raise CommandError(str(error), returncode=2) from error
            except locks.Busy as error:
                raise CommandError(str(error), returncode=LATER) from error
        self.stdout.write(json.dumps(shown, default=str) if options["json"] else prose(shown))


def names() -> str:
    return ", ".join(sorted(scaling.OVERRIDES))


def overrides_of(given: list[str]) -> dict[str, int]:
    found = {}
    for one in given:
        name, _, value = one.partition("=")
        if name not in scaling.OVERRIDES or not (value.isascii() and value.isdigit()) or len(value) > 9:
            raise CommandError(f"{one}: write NAME=N, with a NAME of {names()}.", returncode=2)
        if name in {"K", "R"} and int(value) < 1:
            raise CommandError(f"{one}: {name} is at least 1.", returncode=2)
        found[name] = int(value)
    return found


def prose(plan: dict[str, Any]) -> str:
    figures = "  ".join(
        f"{key}={plan['stats'][key]}" for key in ("T", "K", "R", "p_target", "p_safe", "p_planned")
    )
    lines = [f"Plan of {plan['run_date']} ({plan['status']})", figures, *plan["reasons"], ""]
    lines += [
        f"{action['action']:7} #{action['global_index']:03}  {action['reason']}" for action in plan["actions"]
    ]
    return "\n".join(lines).rstrip()
