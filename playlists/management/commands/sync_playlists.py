"""Make the copies on Spotify match, in this very process."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from playlists.management.commands.build_snapshot import playlist_called
from playlists.management.commands.run_day import LATER, PARTLY
from playlists.nightly import canary, schedule
from playlists.sync import drain, forecast, pause, resync


class Command(BaseCommand):
    help = "Write what is due: name, description and tracks of every copy that is not as it should be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", help="only this account: its label, Spotify user id or number")
        parser.add_argument("--playlist", help="only this playlist: its number, public id or name")
        parser.add_argument("--dry-run", action="store_true", help="tell what is due and write nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        accounts = accounts_called(options["account"])
        due = drain.due(now).filter(account__in=accounts)
        playlist = playlist_called(options["playlist"]) if options["playlist"] else None
        if playlist:
            due = due.filter(playlist=playlist)
        chosen = list(due.values_list("pk", flat=True))
        if not chosen:
            self.stderr.write(resync.why_none(playlist))
        foreseen = forecast.of_the_night(now, ends=schedule.next_plan(now))
        self.stderr.write(foreseen.sentence())
        drained = drain.Drained()
        if not options["dry_run"]:
            if found := pause.current(now):
                raise CommandError(pause.sentence(found), returncode=LATER)
            drained = work_through(accounts, chosen)
        shown = {
            "due": len(chosen),
            "dry_run": options["dry_run"],
            **drained.states,
            "messages": drained.messages,
        }
        self.stdout.write(json.dumps(shown, default=str) if options["json"] else prose(shown))
        if drained.stopped:
            raise SystemExit(LATER)
        if drained.states["failed"] or drained.states["waiting"]:
            raise SystemExit(PARTLY)


def accounts_called(given: str | None) -> list[Account]:
    if not given:
        return list(Account.objects.active().order_by("id"))
    by_number = Q(pk=int(given)) if given.isascii() and given.isdigit() and len(given) < 10 else Q(pk=None)
    found = list(Account.objects.filter(Q(label=given) | Q(spotify_user_id=given) | by_number))
    if not found:
        raise CommandError(
            f"There is no account {given}: give its label, Spotify user id or number.", returncode=2
        )
    return found


def work_through(accounts: list[Account], chosen: list[int]) -> drain.Drained:
    total, clock = drain.Drained(), timezone.now
    for account in accounts:
        one = drain.account(account.pk, clock=clock, date=clock().date(), allowance=canary.check, only=chosen)
        total.merge(one)
    return total


def prose(shown: dict[str, Any]) -> str:
    figures = ", ".join(
        f"{value} {key}" for key, value in shown.items() if isinstance(value, int) and key != "dry_run"
    )
    return "\n".join([figures, *dict.fromkeys(shown["messages"])])
