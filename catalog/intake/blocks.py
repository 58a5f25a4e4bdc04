"""Block and unblock artists, albums and tracks, and say why something is blocked."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from accounts.spotify import ids
from catalog.models import Block


class BadBlock(ValueError):
    """The id, the kind or the reason makes no sense; the message says which."""


def add(*, kind: str, spotify_id: str, reason: str, by: str, name: str = "") -> Block:
    """Block one thing from now on; blocking it again only changes the reason. Raises BadBlock."""
    if kind not in Block.Kind.values:
        raise BadBlock(f"“{kind}” cannot be blocked; choose artist, album or track.")
    if not ids.is_id(spotify_id):
        raise BadBlock("That is not a Spotify id: ids are 22 letters and digits.")
    if not reason.strip():
        raise BadBlock("Say why: people who submit it will read the reason.")
    values = {"reason": reason.strip(), "blocked_by": by, "name": name}
    return Block.objects.update_or_create(kind=kind, spotify_id=spotify_id, defaults=values)[0]


def remove(*, kind: str, spotify_id: str) -> bool:
    """Lift a block; whether there was one."""
    return bool(Block.objects.filter(kind=kind, spotify_id=spotify_id).delete()[0])


def album_reasons(album_ids: Iterable[str]) -> dict[str, str]:
    """Why each of `album_ids` may not be taken, as far as it is known: itself or an artist of it is blocked.

    One query. The artists of an album that was never fetched are not known.
    """
    wanted = list(album_ids)
    with connection.cursor() as cursor:
        cursor.execute(_ALBUM_REASONS, [wanted, wanted])
        return {album_id: f"{what} is blocked: {reason}" for album_id, what, reason in cursor.fetchall()}


_ALBUM_REASONS = """
    SELECT albums.spotify_id, 'Its artist', block.reason
    FROM albums JOIN catalog_blocks AS block
      ON block.kind = 'artist' AND block.spotify_id = ANY(albums.artist_ids)
    WHERE albums.spotify_id = ANY(%s)
    UNION ALL
    SELECT spotify_id, 'This album', reason FROM catalog_blocks WHERE kind = 'album' AND spotify_id = ANY(%s)
"""


def reasons(kind: str, spotify_ids: Iterable[str]) -> dict[str, str]:
    """Why each blocked one of `spotify_ids` is blocked. One query."""
    found = Block.objects.filter(kind=kind, spotify_id__in=list(spotify_ids))
    return dict(found.values_list("spotify_id", "reason"))
