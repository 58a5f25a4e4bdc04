"""What a night's sync will cost in calls and minutes, before it starts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts import plurals
from accounts.spotify import gateway, limiter
from playlists.models import Playlist, PlaylistCopy
from playlists.sync import drain

# A changed copy: its items and its dated name. A new one: a look, the create, its items.
CALLS_CHANGED, CALLS_NEW, CALLS_GONE = 2, 3, 1
READS_NEW = 1


@dataclass(frozen=True)
class Forecast:
    """Copies by what they need, the looks through their accounts, the pace, the time there is, and how many
    writes a day may have (0: any number)."""

    changed: int
    new: int
    gone: int
    calls_per_30s: int
    seconds_left: float
    looks: int = 0
    writes_a_day: int = 0

    @property
    def calls(self) -> int:
        return self.writes + self.new * READS_NEW + self.looks

    @property
    def writes(self) -> int:
        return self.changed * CALLS_CHANGED + self.new * (CALLS_NEW - READS_NEW) + self.gone * CALLS_GONE

    @property
    def seconds(self) -> float:
        return seconds(self.calls, self.calls_per_30s)

    @property
    def fits(self) -> bool:
        is_affordable = not self.writes_a_day or self.writes <= self.writes_a_day
        return is_affordable and self.seconds <= self.seconds_left

    def sentence(self) -> str:
        copies = self.changed + self.new + self.gone
        calls, take = plurals.counted(self.calls, "call"), plurals.verb(self.calls, "takes", "take")
        words = f"{calls} for {plurals.counted(copies, 'copy')} {take} about {spell(self.seconds)}."
        if self.fits:
            return words
        room = self._fitting()
        fit = f"{plurals.counted(room, 'copy')} {plurals.verb(room, 'fits', 'fit')}"
        return f"{words} Only about {fit} before the next plan, the most important first."

    def _fitting(self) -> int:
        bounds = [self.writes_a_day // CALLS_CHANGED] if self.writes_a_day else []
        if each := seconds(CALLS_CHANGED, self.calls_per_30s):
            bounds.append(int(self.seconds_left / each))
        return min(bounds)

    def facts(self) -> dict[str, Any]:
        figures = {"calls": self.calls, "seconds": round(self.seconds), "fits": self.fits}
        return {"forecast": figures | {"words": self.sentence()}}


def seconds(calls: int, calls_per_30s: int) -> float:
    """How long calls take: the door lets them through one by one at the rate of its window, which is a little
    longer than Spotify's."""
    window = limiter.WINDOW_SECONDS + limiter.MARGIN_SECONDS
    return calls * window / calls_per_30s if calls_per_30s else 0.0


def spell(length: float) -> str:
    if length < 90:
        return plurals.counted(round(length), "second")
    return plurals.counted(round(length / 60), "minute") if length < 5400 else f"{length / 3600:.1f} hours"


def of_the_night(now: dt.datetime, *, ends: dt.datetime) -> Forecast:
    """From the copies that have something to write now, to the next plan."""
    return _of(drain.due(now), now, ends)


def of_the_coming_night(begins: dt.datetime, *, ends: dt.datetime) -> Forecast:
    """At the plan, when there are no lists yet: as if every wanted copy got one, from the sync's time on."""
    gone = Q(is_wanted=False) | Q(playlist__status=Playlist.Status.RETIRED)
    told = PlaylistCopy.objects.live().filter(gone | Q(playlist__status=Playlist.Status.ACTIVE))
    return _of(told.filter(account__status="active"), begins, ends)


def _of(copies: QuerySet[PlaylistCopy], begins: dt.datetime, ends: dt.datetime) -> Forecast:
    gone = new = changed = 0
    on_account: Counter[int] = Counter()
    for account_id, spotify_id, is_wanted, status in copies.values_list(
        "account_id", "spotify_playlist_id", "is_wanted", "playlist__status"
    ):
        on_account[account_id] += 1
        if not is_wanted or status == Playlist.Status.RETIRED:
            gone += 1
        elif spotify_id:
            changed += 1
        else:
            new += 1
    looks = sum(-(-number // gateway.PAGE) for number in on_account.values())
    seconds_left = (ends - begins).total_seconds()
    writes_a_day = max(0, settings.SPOTIFY_DAILY_CALLS.get("playlist_write", 0))
    pace = settings.SPOTIFY_CALLS_PER_30S
    return Forecast(changed, new, gone, pace, seconds_left, looks, writes_a_day)
