"""What an operator decides about one copy: keep or overwrite an edit by hand, let its playlist go, or have it
made anew.

Each is a change of the row under the account's lock, and a ring: the writing is done by the next push.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from accounts.spotify import errors
from playlists import bells, locks, writing
from playlists.models import Placement


class NotPossible(Exception):
    """This can not be done to this copy now; the message says why and what to do."""


def keep_edit(placement_id: int) -> Placement:
    """What somebody made of the copy on Spotify stays until the next list."""
    with _held(placement_id) as copy:
        if copy.status == Placement.Status.SYNCED or not copy.spotify_playlist_id:
            raise NotPossible("No edit by hand waits here: what is on Spotify stays until the next list.")
        _again(copy, keeps_edit=True)
    return copy


def overwrite_edit(placement_id: int) -> Placement:
    """The newest list is written over whatever is on Spotify, however the playlist treats edits."""
    with _held(placement_id) as copy:
        _again(copy, items_hash="", details_hash="", keeps_edit=False)
    return copy


def detach(placement_id: int) -> Placement:
    """Let the playlist on Spotify go as it is, and have another one made. It is never adopted again."""
    with _held(placement_id) as copy:
        _refuse_without_playlist(copy)
        writing.begin_anew(copy)
        _again(copy)
    return copy


def make_anew(placement_id: int) -> Placement:
    """Have another playlist made; the one there is taken off the account once the new one is up."""
    with _held(placement_id) as copy:
        _refuse_without_playlist(copy)
        writing.save(copy, leftovers=[*copy.leftovers, copy.spotify_playlist_id])
        writing.begin_anew(copy)
        _again(copy)
    return copy


def clear_leftovers(copy: Placement, writer: writing.Writer) -> None:
    """Take off the account what was replaced; what Spotify does not let us remove stays there."""
    for one in list(copy.leftovers):
        writer.check()
        # Gone already, or not ours to remove: nothing is gained by asking again.
        with contextlib.suppress(errors.NotFound, errors.Forbidden, errors.CapabilityMissing):
            writer.gateway.unfollow(one)
        writing.save(copy, leftovers=[kept for kept in copy.leftovers if kept != one])


@contextlib.contextmanager
def _held(placement_id: int) -> Iterator[Placement]:
    """The copy while nobody writes to its account."""
    copy = Placement.objects.select_related("playlist", "account").get(pk=placement_id)
    if copy.status == Placement.Status.ARCHIVED or not copy.is_wanted:
        raise NotPossible("This copy is archived or on its way out: the plan decides where copies are.")
    with locks.account(copy.account_id) as lock:
        if lock is None:
            raise NotPossible(f"A worker is writing to {copy.account} just now: try again in a minute.")
        copy.refresh_from_db()
        yield copy


def _refuse_without_playlist(copy: Placement) -> None:
    if not copy.spotify_playlist_id:
        raise NotPossible("It has no playlist on Spotify yet: the next push makes one.")


def _again(copy: Placement, **fields: object) -> None:
    """Try it at once, with a clean slate."""
    fresh = {"status": Placement.Status.PENDING, "not_before": None, "attempts": 0}
    writing.save(copy, **fresh, error_kind="", error_message="", **fields)
    bells.ring("ensure_playlist_for_account", placement_id=copy.pk)
