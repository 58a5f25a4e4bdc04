"""Once a day, look through an account's own playlists: what is missing, and what was changed by hand."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Mapping, Sequence
from typing import Any

from accounts import plurals
from accounts.gateway_state import gateways
from accounts.spotify import errors, payloads
from playlists.models import Audit, PlaylistCopy
from playlists.sync import push, writes


def audit_daily(account_id: int, *, date: dt.date, clock: push.Clock) -> list[str]:
    """The day's findings in sentences; nothing where the account was looked through on this date or has no
    copies.

    A copy that is no longer in the list was unfollowed or deleted: it is made again. Call under the account's
    lock."""
    copies = _with_a_playlist(account_id)
    if not copies or Audit.objects.filter(account=account_id, date=date).exists():
        return []
    try:
        there = {one.spotify_id: one for one in gateways.for_account(account_id, lane="sync").my_playlists()}
    except errors.SpotifyError:
        return []  # the pushes that follow meet the same trouble, and say so where it belongs
    findings = [finding for copy in copies for finding in judge(copy, there)]
    for finding in findings:
        _act_on(finding)
    Audit.objects.create(
        account_id=account_id,
        date=date,
        seen=len(there),
        findings=[{key: value for key, value in one.items() if key != "copy"} for one in findings],
        created_at=clock(),
    )
    return [one["sentence"] for one in findings]


def _with_a_playlist(account_id: int) -> Sequence[PlaylistCopy]:
    live = PlaylistCopy.objects.live().filter(
        account=account_id, is_wanted=True, spotify_playlist_id__isnull=False
    )
    return list(
        live.select_related("playlist", "synced_snapshot").defer("synced_snapshot__body").order_by("id")
    )


def judge(copy: PlaylistCopy, there: Mapping[str, payloads.Playlist]) -> list[dict[str, Any]]:
    """What is wrong with a copy, going by the account's list; nothing where all is as it should be."""
    found = there.get(copy.spotify_playlist_id or "")
    if found is None:
        words = f"{copy.playlist} was unfollowed or deleted on Spotify: a new copy is made."
        return [_finding(copy, "missing", words)]
    findings = []
    if copy.details_hash and _details_hash(found) != copy.details_hash:
        words = f"{copy.playlist} was renamed or given another description by hand: its own name comes back."
        findings.append(_finding(copy, "renamed", words))
    size = copy.synced_snapshot.size if copy.synced_snapshot else 0
    if copy.items_hash and size and found.total != size:
        had = plurals.counted(found.total, "track")
        words = f"{copy.playlist} had {had} instead of {size}: somebody edited it."
        findings.append(_finding(copy, "edited", words))
    return findings


def _finding(copy: PlaylistCopy, kind: str, sentence: str) -> dict[str, Any]:
    return {"copy": copy, "copy_id": copy.pk, "kind": kind, "sentence": sentence}


def _details_hash(found: payloads.Playlist) -> str:
    return push.steps.Wanted(found.name, html.unescape(found.description), "").details_hash


def _act_on(finding: Mapping[str, Any]) -> None:
    copy: PlaylistCopy = finding["copy"]
    match finding["kind"]:
        case "missing":
            writes.reset_remote(copy)
        case "renamed":
            writes.save(copy, details_hash="", status=PlaylistCopy.Status.PENDING)
        case "edited" if copy.playlist.drift == copy.playlist.Drift.OVERWRITE:
            writes.save(copy, items_hash="", status=PlaylistCopy.Status.PENDING)
