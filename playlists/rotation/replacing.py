"""Change a written list where it must be: a track that Spotify will not take gives its place to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from curation import engine
from curation.policy import language
from playlists import locks
from playlists.models import HistoryEntry, Snapshot
from playlists.rotation import rendering, snapshots

# How many are asked for per place, so that one with an artist not yet in the list can be chosen.
CHOICE = 5


class NoReplacement(Exception):
    """No rested track of the policy is left for the place."""


def replace(snapshot_id: int, dead: Sequence[str], *, now: dt.datetime) -> None:
    """Give the dead tracks' places to rested tracks of the same policy, and render the list again.

    Where none is left the places stay: the list is then not published, and its copies say why."""
    with transaction.atomic():
        locks.hold_for_transaction(locks.ROTATION)
        snapshot = (
            Snapshot.objects.select_for_update(of=("self",))
            .select_related("playlist__policy")
            .get(pk=snapshot_id)
        )
        entries = list(HistoryEntry.objects.of(snapshot))
        places = [entry for entry in entries if entry.spotify_track_id in set(dead)]
        fresh = choose(snapshot, len(places))
        for place, (track_id, spotify_id) in zip(places, fresh, strict=False):
            place.reasons = {"replaced": place.spotify_track_id, "why": "Spotify no longer takes that track."}
            place.track_id, place.spotify_track_id = track_id, spotify_id
        HistoryEntry.objects.bulk_update(places, ["track", "spotify_track_id", "reasons"])
        render(snapshot)


def choose(snapshot: Snapshot, number: int) -> list[tuple[int, str]]:
    """Rested tracks that the policy admits and nothing else of that day uses, new artists first."""
    playlist, rules = snapshot.playlist, language.parse(snapshot.playlist.policy.body)
    target = rules.target.model_copy(
        update={"count": number * CHOICE, "min_count": number, "on_shortfall": "short"}
    )
    rules = rules.model_copy(update={"target": target, "pin": [], "blend": []})
    demand = engine.Demand(playlist.pk, playlist.theme_tag, playlist.policy_id, rules)
    found = engine.build_day(
        [demand],
        usage=snapshots.usage_of([demand], snapshot.date),
        today=snapshot.date,
        count=number * CHOICE,
        gap_days=settings.MIN_REPEAT_GAP_DAYS,
    )
    made = found.lists.get(playlist.pk)
    if made is None:
        return []
    there = set(HistoryEntry.objects.filter(snapshot=snapshot).values_list("track__artist", flat=True))
    rows = rendering.tracks_of(entry.track_id for entry in made.entries)
    ranked = sorted(made.entries, key=lambda entry: (rows[entry.track_id]["artist"] in there, entry.position))
    return [(entry.track_id, entry.spotify_track_id) for entry in ranked[:number]]


def render(snapshot: Snapshot) -> None:
    """Write body and digest again from the entries."""
    ids = HistoryEntry.objects.of(snapshot).track_ids()
    tracks = rendering.tracks_of(ids)
    rows = [tracks[one] for one in ids]
    snapshot.body = rendering.body(snapshot.playlist, snapshot.date, rows)
    snapshot.digest = rendering.digest([row["spotify_id"] for row in rows])
    snapshot.save(update_fields=["body", "digest"])
