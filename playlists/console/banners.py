"""What on the console's front page needs a person: one sentence each, and where to go about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts import console, plurals
from accounts.gateway_state import grant_expiry
from accounts.models import Account, Alarm, Circuit
from playlists.models import Pause
from playlists.nightly import canary, panel
from playlists.sync import pause

SHOWN_ALARMS = 5
SHOWN_CONSENTS = 5
KEYS = {
    "SPOTIFY_CLIENT_ID": "SPOTIFY_CLIENT_ID",
    "SPOTIFY_CLIENT_SECRET": "SPOTIFY_CLIENT_SECRET",
    "SPOTIFY_TOKEN_KEYS": "SPOTIFY_TOKEN_KEY",
    "ADMIN_API_KEY": "ADMIN_API_KEY",
}


@dataclass(frozen=True)
class Banner:
    tone: str  # danger | warning
    text: str
    url: str = ""
    link: str = ""


def banners(
    now: dt.datetime, accounts: Sequence[Mapping[str, Any]], stages: Iterable[panel.Stage]
) -> list[Banner]:
    """Empty when nothing needs a person. Three queries."""
    paused = [row for row in Pause.objects.filter(lifted_at=None).order_by("pk") if row.is_in_force(now)]
    broken = Circuit.objects.exclude(state=Circuit.State.CLOSED).filter(open_until__gt=now)
    alarms = Alarm.objects.filter(cleared_at=None).order_by("-last_seen_at")
    return [
        *missing_keys(),
        *(_paused(row) for row in paused),
        *(_open_circuit(row, now) for row in broken.order_by("bucket")),
        *(_alarm(row) for row in alarms[:SHOWN_ALARMS]),
        *about_accounts(accounts, now),
        *about_stages(stages),
    ]


def missing_keys() -> list[Banner]:
    names = [name for setting, name in KEYS.items() if not getattr(settings, setting)]
    if not names:
        return []
    return [Banner("danger", f"Not set: {', '.join(names)}. Put it into .env and start again.")]


def _paused(row: Pause) -> Banner:
    if row.paused_by == canary.BY:
        return Banner(
            "danger", pause.sentence(row), reverse("admin:playlists_pause_change", args=[row.pk]), "Answer"
        )
    return Banner("danger", pause.sentence(row), reverse("admin:playlists_pause_changelist"), "Resume")


def _open_circuit(row: Circuit, now: dt.datetime) -> Banner:
    closes = console.relative(row.open_until, now) if row.open_until else "later"
    why = row.reason or "Spotify does not answer well"
    url = reverse("admin:accounts_circuit_change", args=[row.pk])
    return Banner("danger", f"The circuit “{row.bucket}” is open and closes {closes}: {why}", url, "Look")


def _alarm(row: Alarm) -> Banner:
    return Banner("danger", row.text, reverse("admin:accounts_alarm_change", args=[row.pk]), "Look")


def about_accounts(accounts: Sequence[Mapping[str, Any]], now: dt.datetime) -> list[Banner]:
    """Logins that are lost, and consents that soon end; `accounts` as dashboard.accounts_of gives them."""
    url, found = reverse("admin:accounts_account_changelist"), []
    lost = [str(row["name"]) for row in accounts if row["status"] == Account.Status.NEEDS_REAUTH]
    if lost:
        names = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        text = f"To be connected again: {names}. Spotify no longer accepts the login."
        found.append(Banner("danger", text, f"{url}?status__exact=needs_reauth", "Connect"))
    return found + about_consents(accounts, now)


def about_consents(accounts: Sequence[Mapping[str, Any]], now: dt.datetime) -> list[Banner]:
    """Logins that run out within 30, 14 and 3 days, the soonest first, each with what is at stake."""
    used = [
        row for row in accounts if row["status"] not in {Account.Status.NEEDS_REAUTH, Account.Status.DISABLED}
    ]
    soon = [row for row in used if grant_expiry.warning_level(row["consent_due"], now) is not None]
    soon.sort(key=lambda row: row["consent_due"])
    found = [_consent(row, now) for row in soon[:SHOWN_CONSENTS]]
    if more := len(soon) - len(found):
        url = reverse("admin:accounts_account_changelist")
        text = (
            f"{plurals.counted(more, 'more login')} {plurals.verb(more, 'runs', 'run')} out within 30 days."
        )
        found.append(Banner("warning", text, url, "Look"))
    return found


def _consent(row: Mapping[str, Any], now: dt.datetime) -> Banner:
    text = grant_expiry.warning(row["name"], row["consent_due"], playlists=row["used"], now=now)
    is_close = (grant_expiry.warning_level(row["consent_due"], now) or 0) <= min(grant_expiry.WARN_DAYS)
    return Banner("danger" if is_close else "warning", text, row["url"], "Connect again")


def about_genres(*, missing: Sequence[str], costs: str) -> list[Banner]:
    """What keeps sources of genres from being asked, where policies want to know them."""
    return [Banner("warning", f"{' '.join(missing)} {costs}")] if missing and costs else []


def about_stages(stages: Iterable[panel.Stage]) -> list[Banner]:
    url = reverse("admin:playlists_stagerun_changelist")
    return [
        Banner("danger", f"{stage.name.capitalize()}: {stage.trouble}", url, "Look")
        for stage in stages
        if stage.trouble
    ]
