"""Give a copy its playlist on Spotify: find what an interrupted create left, adopt it, or create exactly one.

The intent is committed before the POST, with a marker that the description carries. Whatever is killed when,
the next attempt looks through the account's own playlists first, and creates again only when the lost create
can have no effect any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from accounts.spotify import errors, payloads
from playlists.models import PlaylistCopy
from playlists.rotation import naming
from playlists.sync import steps, writes


def ensure(copy: PlaylistCopy, wanted: steps.Wanted, writer: writes.Writer) -> None:
    """The row has its playlist's id afterwards. Raises Waits while a lost create may still take effect."""
    if found := look(copy, writer):
        adopt(copy, found, wanted)
    else:
        create(copy, wanted, writer)


def look(copy: PlaylistCopy, writer: writes.Writer) -> list[payloads.Playlist]:
    """The account's own playlists that are this copy: by marker, else by the name on any day; oldest
    first."""
    taken = set(copy.former_ids)
    taken |= set(
        PlaylistCopy.objects.filter(account=copy.account_id, spotify_playlist_id__isnull=False)
        .exclude(pk=copy.pk)
        .values_list("spotify_playlist_id", flat=True)
    )
    own = [one for one in writer.gateway.my_playlists() if is_own(one, copy) and one.spotify_id not in taken]
    return matches(copy, own)


def is_own(found: payloads.Playlist, copy: PlaylistCopy) -> bool:
    """Whether the account made it: the list also holds playlists that it only follows."""
    return not found.owner_id or found.owner_id == copy.account.spotify_user_id


def matches(copy: PlaylistCopy, own: Sequence[payloads.Playlist]) -> list[payloads.Playlist]:
    """Spotify lists the newest first; the oldest is the one that people may follow."""
    marker = naming.marker(copy.pk, copy.epoch)
    marked = [one for one in own if naming.bears_marker(one.description, marker)]
    named = [
        one
        for one in own
        if not naming.bears_any_marker(one.description)
        and naming.is_named_for(
            one.name, theme_tag=copy.playlist.theme_tag, global_index=copy.playlist.global_index
        )
    ]
    return list(reversed(marked or named))


def adopt(copy: PlaylistCopy, found: Sequence[payloads.Playlist], wanted: steps.Wanted) -> None:
    first, others = found[0], found[1:]
    is_described = (first.name, first.description) == (wanted.name, wanted.description)
    writes.save(
        copy,
        spotify_playlist_id=first.spotify_id,
        external_url=first.external_url,
        intent_at=None,
        items_hash="",
        details_hash=wanted.details_hash if is_described else "",
        error_message=f"Also on the account: {', '.join(one.spotify_id for one in others)}" if others else "",
    )


def create(copy: PlaylistCopy, wanted: steps.Wanted, writer: writes.Writer) -> None:
    """One POST, never repeated here; a lost answer is looked for once, and otherwise waited out."""
    now = writer.clock()
    if not steps.may_create(copy.intent_at, now):
        raise _in_doubt(copy.intent_at or now)
    writes.save(copy, intent_at=now, status=PlaylistCopy.Status.SYNCING)
    writer.check()
    try:
        made = writer.gateway.create_playlist(name=wanted.name, description=wanted.description, public=True)
    except (errors.Ambiguous, errors.BadAnswer):
        found = look(copy, writer)
        if not found:
            raise _in_doubt(now) from None
        adopt(copy, found, wanted)
        return
    except errors.Blocked:
        writes.save(copy, intent_at=None)  # nothing was sent
        raise
    writes.save(
        copy,
        spotify_playlist_id=made.spotify_id,
        external_url=made.external_url,
        intent_at=None,
        items_hash="",
        details_hash=wanted.details_hash,
    )


def _in_doubt(intent_at: dt.datetime) -> writes.Waits:
    return writes.Waits(
        "A playlist was being created when the answer was lost; looking again before making another.",
        until=intent_at + steps.SETTLE,
        kind="in_doubt",
    )
