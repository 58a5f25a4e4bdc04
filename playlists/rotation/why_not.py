"""Why a track is, or is not, in a playlist's list of a day: one sentence for whoever asks."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from catalog.models import Track
from curation.diagnosis import reasons, refusals
from curation.engine import demands
from curation.policy import language
from playlists.models import HistoryEntry, Playlist

NOTHING = (
    "No rule refuses it today: the places went to tracks that have rested longer, are harder to place or fit "
    "better, within the limits per artist and album."
)


def sentence(playlist: Playlist, track: Track, *, on: dt.date) -> str:
    """Its place and reasons if it is in the day's list; else the first rule of the policy that refuses it."""
    own = HistoryEntry.objects.filter(playlist=playlist, track=track, batch_tag=on.isoformat())
    entry = own.filter(snapshot__state="built").first()
    if entry is not None:
        return f"It is in the list, at place {entry.position}: {reasons.phrase(entry.reasons)}."
    try:
        rules = language.parse(playlist.policy.body)
    except language.PolicyError as error:
        return error.sentence(playlist.policy.name)
    gap = settings.MIN_REPEAT_GAP_DAYS
    last = nearest_use(playlist, track, rules, on=on)
    return refusals.first(rules, track.pk, today=on, gap_days=gap, last_used=last) or NOTHING


def nearest_use(playlist: Playlist, track: Track, rules: language.Policy, *, on: dt.date) -> dt.date | None:
    """The use nearest to the day, before or after it, among those that the policy's scope counts."""
    reach = dt.timedelta(days=demands.gap(rules, settings.MIN_REPEAT_GAP_DAYS))
    span = ((on - reach).isoformat(), (on + reach).isoformat())
    uses = HistoryEntry.objects.filter(track=track, batch_tag__range=span)
    if rules.rotation.scope == "theme":
        uses = uses.filter(playlist__theme_tag=playlist.theme_tag)
    elif rules.rotation.scope == "playlist":
        uses = uses.filter(playlist=playlist)
    dates = (dt.date.fromisoformat(tag) for tag in set(uses.values_list("batch_tag", flat=True)))
    return min(dates, key=lambda date: (abs(date - on), date), default=None)
