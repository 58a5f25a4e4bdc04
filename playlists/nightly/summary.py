"""What happened in a night, in sentences for the morning after; read from the rows that it left."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q

from accounts import plurals
from accounts.models import Account
from catalog.models import Track
from playlists.models import Audit, HistoryEntry, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import panel, schedule

# Of each kind that many are told, and how many more there are.
SHOWN = 20


def of(date: dt.date) -> list[str]:
    """The most troublesome first; nothing where the night went as planned."""
    before, _, ends = schedule.nights(date)
    found = [
        about_stages(date), logins(ends), lists(date), by_hand(date), dead_tracks(date),
        newcomers(before, ends),
    ]  # fmt: skip
    return [sentence for sentences in found for sentence in shortened(sentences)]


def shortened(sentences: list[str]) -> list[str]:
    more = len(sentences) - SHOWN
    return sentences if more <= 0 else [*sentences[:SHOWN], f"And {more:,} more of this kind."]


def about_stages(date: dt.date) -> list[str]:
    runs = StageRun.objects.filter(run_date=date).order_by("scheduled_at", "id")
    return [sentence for run in runs for sentence in about(run)]


def about(run: StageRun) -> list[str]:
    """How a stage did not go as planned: late, skipped, tried again, cut short, more calls than fit."""
    said = []
    if run.state == StageRun.State.SKIPPED:
        return [f"{run.stage} was skipped. {run.error}"]
    if run.trigger == "schedule" and run.started_at and run.started_at - run.scheduled_at > panel.GRACE:
        said.append(
            f"{run.stage} was due at {run.scheduled_at:%H:%M} UTC and began at {run.started_at:%H:%M}."
        )
    if run.attempts > 1:
        said.append(f"{run.stage} was taken up {plurals.counted(run.attempts, 'time')}.")
    if panel.is_cut_short(run):
        left = run.total - run.done - run.failed
        said.append(f"{run.stage} was closed with {run.done:,} of {run.total:,} done and {left:,} left.")
    foreseen = run.detail.get("forecast", {})
    if foreseen.get("fits") is False:
        said.append(f"Before the {run.stage}: {foreseen['words']}")
    return said


def logins(ends: dt.datetime) -> list[str]:
    """Accounts that Spotify refused by the end of the night and that are not connected again yet."""
    refused = Account.objects.filter(status=Account.Status.NEEDS_REAUTH, grant_refused_at__lt=ends)
    waits = Count("copies", filter=Q(copies__is_wanted=True) & ~Q(copies__status="archived"))
    return [
        f"The account {account} needs a new login since {account.grant_refused_at:%Y-%m-%d %H:%M} UTC: "
        + (
            f"{plurals.counted(account.waiting, 'copy')} {plurals.verb(account.waiting, 'waits', 'wait')}."
            if account.waiting
            else "its copies moved elsewhere."
        )
        for account in refused.annotate(waiting=waits).order_by("id")
    ]


def newcomers(since: dt.datetime, ends: dt.datetime) -> list[str]:
    """Accounts connected since the plan before this night's."""
    added = Account.objects.filter(created_at__gte=since, created_at__lt=ends)
    copies = Count("copies", filter=~Q(copies__status=PlaylistCopy.Status.ARCHIVED))
    return [
        f"The account {account} is new and carries {plurals.counted(account.copy_count, 'copy')}."
        for account in added.annotate(copy_count=copies).order_by("id")
    ]


def lists(date: dt.date) -> list[str]:
    held = Snapshot.objects.filter(date=date, state=Snapshot.State.HELD).select_related("playlist")
    return [
        f"{snapshot.playlist} keeps the list it had: {snapshot.reason}"
        for snapshot in held.defer("body").order_by("playlist__global_index")
    ]


def by_hand(date: dt.date) -> list[str]:
    """What the look through the accounts' own playlists found: edited, renamed, unfollowed."""
    looks = Audit.objects.filter(date=date).exclude(findings=[]).select_related("account").order_by("id")
    return [
        f"On {look.account}: {finding['sentence']}"
        for look in looks.defer("account__access_token", "account__refresh_token")
        for finding in look.findings
    ]


def dead_tracks(date: dt.date) -> list[str]:
    places = HistoryEntry.objects.filter(batch_tag=date.isoformat(), reasons__has_key="replaced")
    rows = list(places.select_related("playlist", "track").order_by("playlist", "position"))
    dead = Track.objects.filter(spotify_id__in=[row.reasons["replaced"] for row in rows])
    names = dict(dead.values_list("spotify_id", "name"))
    return [
        f"Spotify no longer takes “{names.get(row.reasons['replaced'], row.reasons['replaced'])}”: "
        f"“{row.track.name}” has its place in {row.playlist}."
        for row in rows
    ]
