"""Renew the access tokens that expire within 40 minutes."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts import plurals
from accounts.login import token_refresh
from accounts.models import Account

PARTLY, LATER = 3, 75


class Command(BaseCommand):
    help = "Renew the tokens that expire within 40 minutes. Exit code 3: some need a login; 75: try later."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count the accounts that are due.")
        parser.add_argument("--json", action="store_true", help="The outcome as JSON on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = Account.objects.expiring_before(now + token_refresh.AHEAD).exclude(refresh_token="").count()
            words = f"{plurals.counted(due, 'account')} {plurals.verb(due, 'is', 'are')} due"
            self._say(options, {"due": due}, words)
            return
        outcome = token_refresh.run(now=now)
        figures = {
            "renewed": outcome.renewed, "needs_reauth": outcome.needs_reauth, "delayed": outcome.delayed,
        }  # fmt: skip
        self._say(options, figures, ", ".join(f"{count} {name}" for name, count in figures.items()))
        if outcome.needs_reauth:
            sys.exit(PARTLY)
        if outcome.delayed:
            sys.exit(LATER)

    def _say(self, options: dict[str, Any], figures: dict[str, int], line: str) -> None:
        self.stdout.write(json.dumps(figures) if options["json"] else line)
