"""Connect a Spotify account from a terminal: print the login address, then finish with the code it led to."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.login import onboarding
from accounts.models import Account
from accounts.spotify import errors

LATER = 75


class Command(BaseCommand):
    help = (
        "Without --code: prints the address to log in at. The browser is sent back to the callback, which "
        "finishes the login where the site runs; where it does not, pass that address' code and state here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--label", default="", help="A name for people.")
        parser.add_argument("--account", type=int, help="Renew this account's login; refuses anybody else's.")
        parser.add_argument(
            "--code", default="", help="The code of the address the browser was sent back to."
        )
        parser.add_argument("--state", default="", help="The state of that address.")
        parser.add_argument("--url", default="", help="Or that whole address.")
        parser.add_argument("--json", action="store_true", help="JSON on stdout.")

    def handle(self, *args: Any, **options: Any) -> None:
        code, state = _code_and_state(options)
        if bool(code) != bool(state):
            raise CommandError("--code and --state belong together.", returncode=2)
        figures = self._finish(code, state) if code else self._begin(options)
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(map(str, figures.values())))

    def _begin(self, options: dict[str, Any]) -> dict[str, Any]:
        account = None
        if options["account"] is not None:
            account = Account.objects.filter(pk=options["account"]).first()
            if account is None:
                raise CommandError(f"There is no account {options['account']}.", returncode=2)
        url, state = onboarding.begin(
            label=options["label"], begun_by=onboarding.COMMAND, now=timezone.now(), account=account
        )
        return {"authorize_url": url, "state": state}

    def _finish(self, code: str, state: str) -> dict[str, Any]:
        try:
            account = onboarding.finish(
                code=code, state=state, begun_by=onboarding.COMMAND, now=timezone.now()
            )
        except onboarding.LoginError as error:
            raise CommandError(error.message) from None
        except (errors.Unavailable, errors.Blocked) as error:
            self.stderr.write(f"Try later: {error}")
            sys.exit(LATER)
        except errors.SpotifyError as error:
            raise CommandError(f"Spotify refuses: {error}") from None
        return {
            "account": account.pk,
            "name": str(account),
            "spotify_user_id": account.spotify_user_id,
            "status": account.status,
            "missing_scopes": onboarding.missing_scopes(account),
        }


def _code_and_state(options: dict[str, Any]) -> tuple[str, str]:
    query = parse_qs(urlsplit(options["url"]).query)
    code = options["code"] or query.get("code", [""])[0]
    return code, options["state"] or query.get("state", [""])[0]
