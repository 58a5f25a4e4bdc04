"""The console's time machine: a playlist as of any day, two days compared, and where a track has been."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts import console
from catalog.models import Track
from curation.diagnosis import reasons
from playlists.models import HistoryEntry, Playlist, Snapshot
from playlists.rotation import timeline, why_not

DAYS = 30


class Asked(forms.Form):
    """The days to look at, and a track to look for; all may be left out."""

    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    against = forms.DateField(
        required=False, label="Compared with", widget=forms.DateInput(attrs={"type": "date"})
    )
    track = forms.CharField(
        required=False,
        max_length=200,
        label="Where has a track been?",
        widget=forms.TextInput(attrs={"placeholder": "its id or link"}),
    )

    def clean_track(self) -> Track | None:
        given = self.cleaned_data["track"]
        if not given:
            return None
        found = Track.objects.filter(spotify_id=console.spotify_id(given) or "").first()
        if found is None:
            raise forms.ValidationError("No track of the catalogue has this id: paste a track's link.")
        return found


def page(request: HttpRequest, object_id: int) -> TemplateResponse:
    """/admin/playlists/playlist/<id>/days/?day=&against=&track="""
    playlist = get_object_or_404(Playlist, pk=object_id)
    form = Asked(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    today = timezone.now().date()
    day = given.get("day") or today
    shown = timeline.as_of(playlist, day)
    against = given.get("against") or (shown.date if shown else day) - dt.timedelta(days=1)
    context = {
        **admin.site.each_context(request),
        "title": f"{playlist}, day by day",
        "opts": Playlist._meta,
        "playlist": playlist,
        "form": form if form.errors else Asked(initial=_filled_in(request, day, against)),
        "day": day,
        "against": against,
        "shown": shown,
        "up": shown if day >= today else timeline.as_of(playlist, today),
        "days": timeline.days(playlist, max(day, today), DAYS),
        "may_restore": request.user.has_perm("playlists.change_snapshot"),
        **about(playlist, given.get("track"), day),
        **compared(playlist, shown, against),
    }
    return TemplateResponse(request, "admin/playlists/days.html", context)


def about(playlist: Playlist, track: Track | None, day: dt.date) -> dict[str, Any]:
    """Where a track has been, and why it is in this playlist's list of the day or is not."""
    if track is None:
        return {}
    why = why_not.sentence(playlist, track, on=day)
    return {"track": track, "uses": timeline.whereabouts(track), "why": why}


def _filled_in(request: HttpRequest, day: dt.date, against: dt.date) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "against": against.isoformat(),
        "track": request.GET.get("track", ""),
    }


def compared(playlist: Playlist, shown: Snapshot | None, against: dt.date) -> dict[str, Any]:
    """The rows of the list, each with what became of it since the other day, and those that went."""
    other = timeline.as_of(playlist, against)
    entries = entries_of(shown) if shown else []
    before = HistoryEntry.objects.of(other).spotify_ids()
    change = timeline.difference(before, [row["track"].spotify_id for row in entries])
    came = set(change.came)
    for row in entries:
        one = row["track"].spotify_id
        moved = change.moved.get(one)
        row["change"] = "came" if one in came else f"moved from {moved[0]}" if moved else ""
    return {
        "other": other,
        "entries": entries,
        "change": change,
        "went": Track.objects.filter(spotify_id__in=change.went).order_by("artist", "name", "id"),
    }


def entries_of(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rows of a snapshot in order, each with its reasons in words."""
    rows = HistoryEntry.objects.of(snapshot).select_related("track", "track__album")
    return [{"entry": row, "track": row.track, "reason": reasons.phrase(row.reasons)} for row in rows]
