"""Ring for copies at an operator's wish: what waits after an error is tried at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from playlists import bells
from playlists.models import Playlist, PlaylistCopy
from playlists.sync import drain

# These wait for a reason that asking again does not end.
KEPT_WAITING = ("blocked", "in_doubt")


def sync_all(now: dt.datetime, *, playlist: Playlist | None = None) -> dict[str, Any]:
    """{"queued", "copies"}: the copies rung for, of one playlist or of all."""
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
    return {"queued": len(found), "copies": found}
