"""The red switch: while a pause is in force, nothing is written to Spotify. Read before every write."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from playlists.models import Pause


class Paused(Exception):
    """A pause is in force; `pause` says by whom, why and until when."""

    def __init__(self, pause: Pause) -> None:
        super().__init__(sentence(pause))
        self.pause = pause


def current(now: dt.datetime) -> Pause | None:
    in_force = Pause.objects.filter(Q(until__isnull=True) | Q(until__gt=now), lifted_at__isnull=True)
    return in_force.order_by("-paused_at", "-id").first()


def refuse_while_paused(now: dt.datetime) -> None:
    """Raise Paused where a pause is in force."""
    if found := current(now):
        raise Paused(found)


def begin(*, reason: str, by: str, now: dt.datetime, until: dt.datetime | None = None) -> Pause:
    if not reason.strip():
        raise ValueError("Say why the network is paused.")
    return Pause.objects.create(reason=reason.strip(), paused_by=by, paused_at=now, until=until)


def lift(*, by: str, now: dt.datetime) -> int:
    """End every pause in force; how many there were."""
    in_force = Pause.objects.filter(Q(until__isnull=True) | Q(until__gt=now), lifted_at__isnull=True)
    return in_force.update(lifted_at=now, lifted_by=by)


def sentence(pause: Pause) -> str:
    until = f" until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else ""
    return f"The network is paused by {pause.paused_by}{until}: {pause.reason}"
