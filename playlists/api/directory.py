"""What the public may see: playlists with their newest list, their copies' links, and their accounts."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.models import Account
from playlists.models import Playlist, PlaylistCopy, Snapshot
from playlists.rotation import naming


def playlists() -> QuerySet[Playlist]:
    """Playlists that are kept up, with `newest_date` and `newest_size` of their newest list."""
    newest = Snapshot.objects.built().filter(playlist=OuterRef("pk")).newest_first()
    return Playlist.objects.exclude(status=Playlist.Status.RETIRED).annotate(
        newest_date=Subquery(newest.values("date")[:1]), newest_size=Subquery(newest.values("size")[:1])
    )


def with_links(found: QuerySet[Playlist]) -> QuerySet[Playlist]:
    """Adds the copies that are up, in one more query."""
    copies = PlaylistCopy.objects.live().filter(is_wanted=True, external_url__isnull=False)
    copies = copies.filter(last_synced_at__isnull=False).select_related("account").order_by("id")
    return found.prefetch_related(Prefetch("copies", queryset=copies, to_attr="copies_up"))


def account_id(account: Account) -> str:
    """An account's opaque id: stable as long as it is the same Spotify user, and no row number."""
    return hashlib.sha256(f"vibe account {account.spotify_user_id}".encode()).hexdigest()[:16]


def accounts() -> QuerySet[Account]:
    """Accounts that carry a copy which is up."""
    up = PlaylistCopy.objects.live().filter(external_url__isnull=False, last_synced_at__isnull=False)
    shown = Account.objects.exclude(status=Account.Status.DISABLED)
    return shown.filter(pk__in=up.values("account")).only("id", "display_name", "spotify_user_id")


def account_called(opaque: str) -> Account | None:
    return next((account for account in accounts() if account_id(account) == opaque), None)


def describe(playlist: Playlist) -> dict[str, Any]:
    """A playlist of `with_links(playlists())` as the API answers it."""
    date: dt.date | None = playlist.newest_date  # type: ignore[attr-defined]
    copies: Sequence[PlaylistCopy] = playlist.copies_up  # type: ignore[attr-defined]
    tag, index = playlist.theme_tag, playlist.global_index
    return {
        "id": playlist.public_id,
        "name": playlist.name,
        "theme_tag": tag,
        "number": index,
        "title": naming.name(theme_tag=tag, global_index=index, date=date) if date else None,
        "date": date,
        "size": playlist.newest_size or 0,  # type: ignore[attr-defined]
        "last_synced_at": max((copy.last_synced_at for copy in copies if copy.last_synced_at), default=None),
        "links": [link(copy) for copy in copies],
    }


def link(copy: PlaylistCopy) -> dict[str, Any]:
    return {
        "account": account_id(copy.account),
        "account_name": copy.account.display_name,
        "external_url": copy.external_url,
        "last_synced_at": copy.last_synced_at,
    }


def describe_account(account: Account, counts: dict[int, int]) -> dict[str, Any]:
    return {
        "id": account_id(account),
        "name": account.display_name,
        "external_url": f"https://open.spotify.com/user/{account.spotify_user_id}",
        "playlists": counts.get(account.pk, 0),
    }


def counts_of(found: Iterable[Account]) -> dict[int, int]:
    """{account: copies that are up}, in one query."""
    counts: dict[int, int] = defaultdict(int)
    for owner in copies_on(found).values_list("account_id", flat=True):
        counts[owner] += 1
    return counts


def copies_on(found: Iterable[Account]) -> QuerySet[PlaylistCopy]:
    live = PlaylistCopy.objects.live().filter(account__in=list(found), is_wanted=True)
    up = live.filter(external_url__isnull=False, last_synced_at__isnull=False)
    return up.exclude(playlist__status=Playlist.Status.RETIRED).select_related("playlist")


def describe_copy(copy: PlaylistCopy) -> dict[str, Any]:
    return {
        "id": copy.playlist.public_id,
        "name": copy.playlist.name,
        "theme_tag": copy.playlist.theme_tag,
        "number": copy.playlist.global_index,
        "external_url": copy.external_url,
        "last_synced_at": copy.last_synced_at,
    }


@dataclass(frozen=True)
class Rendered:
    """A stored answer and the hash that is its ETag."""

    body: bytes
    digest: str


def tracks(public_id: str, date: dt.date | None) -> Rendered | None:
    """The stored list of a day, or the newest; None where there is none. One query."""
    lists = Snapshot.objects.built().filter(playlist__public_id=public_id)
    lists = lists.exclude(playlist__status=Playlist.Status.RETIRED)
    if date is not None:
        lists = lists.filter(date=date)
    found = lists.newest_first().values_list("body", "digest").first()
    return Rendered(bytes(found[0]), found[1]) if found else None


def day_of(public_id: str, date: dt.date | None) -> Snapshot | None:
    """A day's snapshot with its stored body, for the page."""
    lists = Snapshot.objects.built().filter(playlist__public_id=public_id)
    return (lists.filter(date=date) if date else lists).newest_first().first()


def days(playlist: Playlist, count: int) -> list[Snapshot]:
    """The newest days, built and held, without their bodies."""
    return list(playlist.snapshots.defer("body", "funnel", "relaxations").newest_first()[:count])


def search(found: QuerySet[Playlist], words: str) -> QuerySet[Playlist]:
    if not words:
        return found
    number = words.lstrip("#")
    by_number = (
        Q(global_index=int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else Q()
    )
    return found.filter(Q(name__icontains=words) | Q(theme_tag__icontains=words) | by_number)


def ordered(found: QuerySet[Playlist]) -> QuerySet[Playlist]:
    return found.order_by(F("newest_date").desc(nulls_last=True), "global_index")
