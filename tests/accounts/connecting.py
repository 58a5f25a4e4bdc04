"""What the accounts' tests share: connecting a sandbox user the way a browser would."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import requests
from django.utils import timezone

from accounts.login import onboarding
from accounts.models import Account


def follow(authorize_url: str, **extra: str) -> dict[str, str]:
    """What Spotify sends back to the callback: code and state, or error and state.
    `extra` speaks to the sandbox.
    """
    answer = requests.get(authorize_url, params=extra, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def connected(user: str = "", *, label: str = "", now: dt.datetime | None = None) -> Account:
    """A connected account, of the sandbox user with this id or of the next one."""
    now = now or timezone.now()
    url, _ = onboarding.begin(label=label, begun_by=onboarding.API_KEY, now=now)
    back = follow(url, **({"user": user} if user else {}))
    return onboarding.finish(code=back["code"], state=back["state"], begun_by=onboarding.API_KEY, now=now)
