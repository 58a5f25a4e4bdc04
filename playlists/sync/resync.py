"""Enqueue copies when an operator asks: what waits after an error is tried at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from playlists import bells
from playlists.models import Playlist, PlaylistCopy
from playlists.sync import drain

# These wait for a reason that asking again does not end.
KEPT_WAITING = ("blocked", "in_doubt")

NO_COPIES = (
    "has no copies yet: they follow at the next scale run. To have them now, run scale on the console's page "
    "of nights, then sync again."
)
NO_LIST = "has no list yet: build today's list first, or wait for the next curate run; its copies follow."
IN_STEP = "Every copy carries the newest list already: nothing is to be written."
WAITING = "The copies that are behind cannot be written now: the page of copies says why for each of them."


def sync_all(now: dt.datetime, *, playlist: Playlist | None = None) -> dict[str, Any]:
    """{"queued", "copies", "why"}: the copies enqueued, of one playlist or of all; why, if none."""
    with transaction.atomic():
        waiting = PlaylistCopy.objects.live().filter(not_before__gt=now).exclude(error_kind__in=KEPT_WAITING)
        if playlist is not None:
            waiting = waiting.filter(playlist=playlist)
        waiting.update(not_before=None, attempts=0)
        due = drain.due(now)
        if playlist is not None:
            due = due.filter(playlist=playlist)
        found = list(due.values_list("pk", flat=True))
        for copy_id in found:
            bells.ring("ensure_playlist_for_account", copy_id=copy_id)
    return {"queued": len(found), "copies": found, "why": "" if found else why_none(playlist)}


def why_none(playlist: Playlist | None = None) -> str:
    """Why no copy has anything to write now, and what to do."""
    copies, this = PlaylistCopy.objects.wanted().live(), "The network"
    if playlist is not None:
        if playlist.status != Playlist.Status.ACTIVE:
            return f"This playlist is {playlist.status}: nothing is written to its copies."
        copies, this = copies.filter(playlist=playlist), "This playlist"
    if not copies.exists():
        return f"{this} {NO_COPIES}"
    if not copies.listed().exists():
        return f"{this} {NO_LIST}"
    return WAITING if copies.behind().exists() else IN_STEP
