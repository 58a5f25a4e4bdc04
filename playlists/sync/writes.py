"""What must hold before every write to Spotify, and how a copy's row is saved while one goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.spotify.gateway import Gateway
from playlists import locks
from playlists.models import PlaylistCopy
from playlists.sync import pause


class LockLost(Exception):
    """The account's lock went with a broken connection: another process may be writing by now."""


class Waits(Exception):
    """Nothing more to do until a moment; the message says why."""

    def __init__(self, message: str, *, until: dt.datetime, kind: str) -> None:
        super().__init__(message)
        self.message, self.until, self.kind = message, until, kind


@dataclass(frozen=True)
class Writer:
    """One account's door, held under its lock."""

    gateway: Gateway
    lock: locks.SessionLock
    clock: Callable[[], dt.datetime]

    def check(self) -> None:
        """Call right before every write: raises Paused or LockLost."""
        pause.refuse_while_paused(self.clock())
        if not self.lock.is_mine():
            raise LockLost("The lock of the account was lost with its database connection.")


def save(copy: PlaylistCopy, **fields: Any) -> None:
    """Write only these columns, at once: the plan may change others of the same row meanwhile."""
    PlaylistCopy.objects.filter(pk=copy.pk).update(**fields)
    for name, value in fields.items():
        setattr(copy, name, value)


def reset_remote(copy: PlaylistCopy) -> None:
    """Forget a copy that is gone, so that the next push makes another under the next epoch."""
    copy.reset_remote()
    copy.save(update_fields=_RENEWED)


_RENEWED = [
    "former_ids", "spotify_playlist_id", "external_url", "intent_at", "synced_snapshot", "items_hash",
    "details_hash", "error_message", "error_kind", "epoch", "status", "keeps_edit",
]  # fmt: skip
