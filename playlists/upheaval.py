"""Which playlists a sync would turn into something else for those who follow them.

Lists change every day: with R days of rest, today's shares no track with yesterday's, and the policy promises
just that. What no policy promises is counted here, in playlists:

* other rules: the new list was made under other rules than the list that is up, and not one of its tracks
  would have fitted those (a policy rewritten, or another one chosen);
* taken down: its playlist is retired, so that its copies are removed from Spotify;
* gone: a copy was missing from its account and is made anew, without its followers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from curation.engine import candidates
from curation.models import PolicyRevision
from curation.policy import language
from playlists.models import Audit, Playlist, PlaylistCopy, Snapshot


@dataclass(frozen=True)
class Change:
    """A list that waits to be written where one of other rules is up."""

    playlist_id: int
    snapshot_id: int
    old_revision_id: int


def other_rules(today: dt.date) -> list[int]:
    """Playlists whose new list has not one track that the rules of the list that is up would admit."""
    changes = _under_other_rules()
    rules = _parsed({one.old_revision_id for one in changes})
    fitting = _fitting({one for one in changes if one.old_revision_id in rules}, rules, today)
    return sorted(one.playlist_id for one in changes if fitting.get(one) == 0)


def taken_down() -> list[int]:
    """Retired playlists that are still up on Spotify."""
    up = PlaylistCopy.objects.live().filter(playlist__status=Playlist.Status.RETIRED)
    found = up.filter(spotify_playlist_id__isnull=False).values_list("playlist", flat=True)
    return sorted(set(found))


def gone(date: dt.date) -> list[int]:
    """Playlists of which the date's look through the accounts found a copy missing."""
    findings = Audit.objects.filter(date=date).exclude(findings=[]).values_list("findings", flat=True)
    missing = [one["copy_id"] for found in findings for one in found if one["kind"] == "missing"]
    return sorted(set(PlaylistCopy.objects.filter(pk__in=missing).values_list("playlist", flat=True)))


def _under_other_rules() -> set[Change]:
    """Two queries: copies with something to write, made by another revision than what they carry."""
    behind = PlaylistCopy.objects.wanted().live().behind().filter(synced_snapshot__revision__isnull=False)
    named = ("playlist", "newest_id", "synced_snapshot__revision")
    rows = list(behind.values_list(*named).distinct())
    newest = _revisions_of({snapshot for _, snapshot, _ in rows})
    return {
        Change(playlist, snapshot, old)
        for playlist, snapshot, old in rows
        if snapshot in newest and newest[snapshot] != old
    }


def _revisions_of(snapshots: Iterable[int | None]) -> dict[int, int | None]:
    made = Snapshot.objects.filter(pk__in=list(snapshots), revision__isnull=False)
    return dict(made.values_list("pk", "revision"))


def _parsed(revisions: Iterable[int]) -> dict[int, language.Policy]:
    """Revisions whose rules say which tracks they admit; an open one admits all and is left out."""
    found = {}
    for row in PolicyRevision.objects.filter(pk__in=list(revisions)):
        try:
            found[row.pk] = language.parse(row.body)
        except language.PolicyError:
            continue
    return {key: rules for key, rules in found.items() if rules.where is not None}


def _fitting(
    changes: Iterable[Change], rules: Mapping[int, language.Policy], today: dt.date
) -> Mapping[Change, int]:
    """{change: how many tracks of the new list the old rules admit}. One query."""
    kept = sorted(changes, key=lambda one: (one.playlist_id, one.snapshot_id, one.old_revision_id))
    if not kept:
        return {}
    questions, bits = candidates.ask(rules.values(), today=today)
    bit_of = {key: one.where | one.fallback for key, one in zip(rules, bits, strict=True)}
    masks = _masks_of(questions, [one.snapshot_id for one in kept])
    return {
        one: sum(bool(mask & bit_of[one.old_revision_id]) for mask in masks[one.snapshot_id]) for one in kept
    }


def _masks_of(questions: candidates.Questions, snapshots: list[int]) -> Mapping[int, list[int]]:
    """{snapshot: the answers of each of its usable tracks}."""
    rows = candidates.answered(questions)
    words = ", ".join(f"f.{name}" for name in candidates.words(questions))
    text = (
        f"SELECT entry.snapshot_id, {words} FROM playlist_entries_history entry "  # noqa: S608 - our own pieces
        f"JOIN ({rows.text}) f ON f.id = entry.track_id WHERE entry.snapshot_id = ANY(%s)"
    )
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(text, [*rows.params, snapshots])
        for snapshot, *mask in cursor.fetchall():
            found[snapshot].append(candidates.mask(mask))
    return found
