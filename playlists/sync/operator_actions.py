"""What an operator decides about one copy: keep or overwrite an edit by hand, let its playlist go, or have it
made again.

Each is a change of the row under the account's lock, and enqueues it: the next push does the writing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from accounts import enqueue
from accounts.spotify import errors
from playlists import locks
from playlists.models import PlaylistCopy
from playlists.sync import writes


class NotPossible(Exception):
    """This can not be done to this copy now; the message says why and what to do."""


def keep_edit(copy_id: int) -> PlaylistCopy:
    """What somebody made of the copy on Spotify stays until the next list."""
    with _held(copy_id) as copy:
        if copy.status == PlaylistCopy.Status.SYNCED or not copy.spotify_playlist_id:
            raise NotPossible("No edit by hand waits here: what is on Spotify stays until the next list.")
        _again(copy, keeps_edit=True)
    return copy


def overwrite_edit(copy_id: int) -> PlaylistCopy:
    """The newest list is written over whatever is on Spotify, however the playlist treats edits."""
    with _held(copy_id) as copy:
        _again(copy, items_hash="", details_hash="", keeps_edit=False)
    return copy


def detach(copy_id: int) -> PlaylistCopy:
    """Let the playlist on Spotify go as it is, and have another one made. It is never adopted again."""
    with _held(copy_id) as copy:
        _refuse_without_playlist(copy)
        writes.reset_remote(copy)
        _again(copy)
    return copy


def recreate(copy_id: int) -> PlaylistCopy:
    """Have another playlist made; the one there is taken off the account once the new one is up."""
    with _held(copy_id) as copy:
        _refuse_without_playlist(copy)
        writes.save(copy, leftovers=[*copy.leftovers, copy.spotify_playlist_id])
        writes.reset_remote(copy)
        _again(copy)
    return copy


def clear_leftovers(copy: PlaylistCopy, writer: writes.Writer) -> None:
    """Take off the account what was replaced; what Spotify does not let us remove stays there."""
    for one in list(copy.leftovers):
        writer.check()
        # Gone already, or not ours to remove: nothing is gained by asking again.
        with contextlib.suppress(errors.NotFound, errors.Forbidden, errors.CapabilityMissing):
            writer.gateway.unfollow(one)
        writes.save(copy, leftovers=[kept for kept in copy.leftovers if kept != one])


@contextlib.contextmanager
def _held(copy_id: int) -> Iterator[PlaylistCopy]:
    """The copy, while no worker writes to its account."""
    copy = PlaylistCopy.objects.select_related("playlist", "account").get(pk=copy_id)
    if copy.status == PlaylistCopy.Status.ARCHIVED or not copy.is_wanted:
        raise NotPossible("This copy is archived or on its way out: the plan decides where copies are.")
    with locks.account(copy.account_id) as lock:
        if lock is None:
            raise NotPossible(f"A worker is writing to {copy.account} just now: try again in a minute.")
        copy.refresh_from_db()
        yield copy


def _refuse_without_playlist(copy: PlaylistCopy) -> None:
    if not copy.spotify_playlist_id:
        raise NotPossible("It has no playlist on Spotify yet: the next push makes one.")


def _again(copy: PlaylistCopy, **fields: object) -> None:
    """Try it at once, with a clean slate."""
    fresh = {"status": PlaylistCopy.Status.PENDING, "not_before": None, "attempts": 0}
    writes.save(copy, **fresh, error_kind="", error_message="", **fields)
    enqueue.after_commit("ensure_playlist_for_account", copy_id=copy.pk)
