"""Make one copy on Spotify equal to its playlist's newest list, whatever was interrupted before.

All writes of one account happen under its advisory lock. A hash of the ordered uris decides what is needed: a
copy that is right costs no call, a changed one two.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.gateway_state import gateways
from accounts.login import activation
from accounts.models import Account
from accounts.spotify import errors
from catalog.intake import blocks
from playlists import locks
from playlists.models import HistoryEntry, Playlist, PlaylistCopy, Snapshot
from playlists.rotation import naming, rendering, replacing
from playlists.sync import dead_tracks, operator_actions, pause, provision, steps, writes

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class PushResult:
    """How a push ended. `state`: synced | unchanged | archived | waiting | busy | paused | blocked |
    failed."""

    copy_id: int
    state: str
    message: str = ""
    until: dt.datetime | None = None


def push(copy_id: int, *, now: dt.datetime) -> PushResult:
    """Bring one copy up to date under its account's lock. Safe to repeat at any time and from anywhere."""
    account_id = PlaylistCopy.objects.filter(pk=copy_id).values_list("account_id", flat=True).first()
    if account_id is None:
        return PushResult(copy_id, "failed", "There is no such copy.")
    with locks.account(account_id) as lock:
        if lock is None:
            return PushResult(copy_id, "busy", "Another process is writing to this account.")
        return push_locked(copy_id, lock=lock, clock=lambda: now)


def push_locked(copy_id: int, *, lock: locks.SessionLock, clock: Clock) -> PushResult:
    copy = PlaylistCopy.objects.with_newest().select_related("playlist__policy", "account").get(pk=copy_id)
    if copy.status == PlaylistCopy.Status.ARCHIVED:
        return PushResult(copy.pk, "unchanged")
    if copy.account.status != Account.Status.ACTIVE:
        return _wait_for_account(copy)
    try:
        return _bring_up(copy, lock, clock)
    except pause.Paused as stop:
        return PushResult(copy.pk, "paused", str(stop), stop.pause.until)
    except writes.LockLost as stop:
        return PushResult(copy.pk, "busy", str(stop))
    except locks.Busy as stop:  # a day is being built, and a dead track of this list waits for its end
        return PushResult(copy.pk, "waiting", str(stop))
    except writes.Waits as stop:
        return _wait(copy, stop)
    except errors.SpotifyError as error:
        return _settle(copy, error, clock())


def _bring_up(copy: PlaylistCopy, lock: locks.SessionLock, clock: Clock) -> PushResult:
    wanted = wanted_for(copy)
    step = steps.next_step(_facts(copy), wanted)
    if step is steps.NextStep.NOTHING:
        is_kept_up = wanted is not None and copy.playlist.status == Playlist.Status.ACTIVE
        return _nothing_to_write(copy, clock()) if is_kept_up else PushResult(copy.pk, "unchanged")
    if step is steps.NextStep.WAIT_FOR_SUCCESSOR:
        return PushResult(copy.pk, "waiting", "Stays up until the copy that takes its place is synced.")
    pause.refuse_while_paused(clock())
    writer = writes.Writer(gateways.for_account(copy.account_id, lane="sync"), lock, clock)
    if step is steps.NextStep.ARCHIVE or wanted is None:
        return _archive(copy, writer)
    try:
        _provision_and_write(copy, wanted, writer)
    except errors.NotFound:  # the playlist is gone from Spotify: once more with a new one
        writes.reset_remote(copy)
        _provision_and_write(copy, wanted_for(copy) or wanted, writer)
    operator_actions.clear_leftovers(copy, writer)
    return _done(copy, clock())


def _provision_and_write(copy: PlaylistCopy, wanted: steps.Wanted, writer: writes.Writer) -> None:
    if not copy.spotify_playlist_id:
        provision.ensure(copy, wanted, writer)
    _write(copy, wanted, writer)


def _facts(copy: PlaylistCopy) -> steps.CopyState:
    is_wanted = copy.is_wanted and copy.playlist.status != Playlist.Status.RETIRED
    return steps.CopyState(
        has_copy=bool(copy.spotify_playlist_id),
        in_doubt=copy.intent_at is not None,
        is_wanted=is_wanted,
        is_paused=copy.playlist.status == Playlist.Status.PAUSED,
        successors_up=is_wanted or _successors_are_up(copy),
        items_hash=copy.items_hash,
        details_hash=copy.details_hash,
        has_leftovers=bool(copy.leftovers),
    )


def _successors_are_up(copy: PlaylistCopy) -> bool:
    if copy.playlist.status == Playlist.Status.RETIRED:
        return True
    others = PlaylistCopy.objects.filter(playlist=copy.playlist_id, is_wanted=True).exclude(pk=copy.pk)
    return others.exists() and not others.exclude(status=PlaylistCopy.Status.SYNCED).exists()


def wanted_for(copy: PlaylistCopy) -> steps.Wanted | None:
    """What the newest list asks of this copy; None where the playlist has no list yet. `copy` needs
    `newest_id`."""
    if copy.newest_id is None:
        return None
    playlist, snapshot = copy.playlist, Snapshot.objects.defer("body").get(pk=copy.newest_id)
    return steps.Wanted(
        name=naming.name(
            theme_tag=playlist.theme_tag, global_index=playlist.global_index, date=snapshot.date
        ),
        description=naming.description(
            policy=playlist.policy.name,
            date=snapshot.date,
            count=snapshot.size,
            gap_days=settings.MIN_REPEAT_GAP_DAYS,
            marker=naming.marker(copy.pk, copy.epoch),
        ),
        items_hash=snapshot.digest,
    )


def _write(copy: PlaylistCopy, wanted: steps.Wanted, writer: writes.Writer) -> None:
    """Items first, then the details; each is saved as soon as it is up."""
    if copy.items_hash != wanted.items_hash and not _keeps_hand_edit(copy, writer):
        if copy.status != PlaylistCopy.Status.SYNCING:
            writes.save(copy, status=PlaylistCopy.Status.SYNCING)
        _put_items(copy, writer)
    if copy.details_hash != wanted.details_hash:
        writer.check()
        writer.gateway.change_details(
            remote_id(copy), name=wanted.name, description=wanted.description, public=True
        )
        writes.save(copy, details_hash=wanted.details_hash)


def _keeps_hand_edit(copy: PlaylistCopy, writer: writes.Writer) -> bool:
    """Only playlists that do not simply overwrite pay for the look. Adopted: the edit stays until the next
    list."""
    is_overwritten = copy.playlist.drift == Playlist.Drift.OVERWRITE or not copy.items_hash
    if is_overwritten and not copy.keeps_edit:
        return False
    there = rendering.digest(writer.gateway.playlist_track_ids(remote_id(copy)))
    if there == copy.items_hash:
        return copy.keeps_edit  # kept already, by a push that was interrupted
    if copy.playlist.drift == Playlist.Drift.HOLD and not copy.keeps_edit:
        words = (
            "Somebody edited this copy on Spotify, and the playlist is set to hold: overwrite or adopt it."
        )
        raise writes.Waits(words, until=writer.clock() + steps.LATER, kind="drift")
    writes.save(copy, items_hash=there)
    return True


def _put_items(copy: PlaylistCopy, writer: writes.Writer) -> None:
    track_ids = HistoryEntry.objects.of(copy.newest_id).spotify_ids()
    try:
        _put(copy, track_ids, writer)
    except dead_tracks.REFUSALS as error:
        if isinstance(error, errors.NotFound):
            # NotFound again where it is the playlist, and not a track, that is gone.
            writer.gateway.playlist(remote_id(copy))
        if not _is_taken_after_all(copy, track_ids, writer, error):
            _put(copy, HistoryEntry.objects.of(copy.newest_id).spotify_ids(), writer)


def _put(copy: PlaylistCopy, track_ids: Sequence[str], writer: writes.Writer) -> None:
    if not track_ids:
        raise writes.Waits(
            "The list is empty: it is not published.", until=writer.clock() + steps.LATER, kind="empty"
        )
    writer.check()
    writer.gateway.replace_items(remote_id(copy), track_ids)
    writes.save(copy, items_hash=rendering.digest(track_ids))


def _is_taken_after_all(
    copy: PlaylistCopy, track_ids: Sequence[str], writer: writes.Writer, error: errors.SpotifyError
) -> bool:
    """After a refusal: False where tracks were found dead and replaced, True where the same list went through
    after all; raises the error where it is neither. Trial lists are as long as the real one, so none is ever
    short."""
    good = HistoryEntry.objects.of(copy.synced_snapshot_id).spotify_ids()
    writes.save(copy, items_hash="")

    def accepts(suspects: Sequence[str]) -> bool:
        writer.check()
        try:
            trial = dead_tracks.padded(suspects, good, len(track_ids))
            writer.gateway.replace_items(remote_id(copy), trial)
        except dead_tracks.REFUSALS:
            return False
        return True

    dead = dead_tracks.unknown(writer.gateway, track_ids)
    if not dead and accepts(track_ids):
        writes.save(copy, items_hash=rendering.digest(track_ids))
        return True
    dead = dead or dead_tracks.bisect(track_ids, accepts)
    if not dead:
        raise error
    _quarantine(copy, dead, writer.clock())
    return False


def _quarantine(copy: PlaylistCopy, dead: Sequence[str], now: dt.datetime) -> None:
    for one in dead:
        blocks.add(kind="track", spotify_id=one, reason="Spotify no longer takes this track.", by="sync")
    replacing.replace(copy.newest_id or 0, dead, now=now)
    if left := set(dead) & set(HistoryEntry.objects.of(copy.newest_id).spotify_ids()):
        words = (
            f"Spotify no longer takes {', '.join(sorted(left))}, and no rested track is left for the place."
        )
        raise writes.Waits(words, until=now + steps.LATER, kind="dead_track")


def remote_id(copy: PlaylistCopy) -> str:
    return copy.spotify_playlist_id or ""


def _archive(copy: PlaylistCopy, writer: writes.Writer) -> PushResult:
    """Take the copy off the account. Without the permission it stays there, and the row says so."""
    operator_actions.clear_leftovers(copy, writer)
    if not copy.spotify_playlist_id and copy.intent_at and (found := provision.look(copy, writer)):
        writes.save(copy, spotify_playlist_id=found[0].spotify_id, external_url=found[0].external_url)
    message = ""
    if copy.spotify_playlist_id:
        writer.check()
        try:
            writer.gateway.unfollow(remote_id(copy))
        except errors.NotFound:
            message = "It was gone from Spotify already."
        except (errors.Forbidden, errors.CapabilityMissing) as error:
            message = f"Left on the account, which did not let us remove it: {error}"
    writes.save(
        copy,
        status=PlaylistCopy.Status.ARCHIVED,
        intent_at=None,
        error_message=message,
        error_kind="",
        not_before=None,
    )
    return PushResult(copy.pk, "archived", message)


def _nothing_to_write(copy: PlaylistCopy, now: dt.datetime) -> PushResult:
    if copy.status != PlaylistCopy.Status.SYNCED or copy.synced_snapshot_id != copy.newest_id:
        _done(copy, now)
    return PushResult(copy.pk, "unchanged")


def _done(copy: PlaylistCopy, now: dt.datetime) -> PushResult:
    others = copy.error_message if copy.error_message.startswith("Also on") else ""
    writes.save(
        copy,
        status=PlaylistCopy.Status.SYNCED,
        synced_snapshot_id=copy.newest_id,
        last_synced_at=now,
        attempts=0,
        not_before=None,
        error_kind="",
        error_message=others,
        keeps_edit=False,
    )
    return PushResult(copy.pk, "synced")


def _wait_for_account(copy: PlaylistCopy) -> PushResult:
    words = waits_for(copy.account)
    writes.save(copy, status=PlaylistCopy.Status.PENDING, error_kind="account", error_message=words)
    return PushResult(copy.pk, "waiting", words)


def waits_for(account: Account) -> str:
    if account.status == Account.Status.NEEDS_REAUTH:
        return f"The account {account} needs a new login: connect it again, and this copy goes on by itself."
    return f"The account {account} is {account.get_status_display().lower()}: this copy waits for it."


def _wait(copy: PlaylistCopy, stop: writes.Waits) -> PushResult:
    writes.save(
        copy,
        status=PlaylistCopy.Status.PENDING,
        error_kind=stop.kind,
        error_message=stop.message,
        not_before=stop.until,
    )
    return PushResult(copy.pk, "waiting", stop.message, stop.until)


def _settle(copy: PlaylistCopy, error: errors.SpotifyError, now: dt.datetime) -> PushResult:
    verdict = steps.judge(error, attempts=copy.attempts, now=now, rng=random.Random())
    writes.save(
        copy,
        status=PlaylistCopy.Status.ERROR if verdict.is_final else PlaylistCopy.Status.PENDING,
        error_kind=verdict.kind,
        error_message=verdict.message,
        not_before=verdict.not_before,
        attempts=min(copy.attempts + verdict.counts, steps.MAX_ATTEMPTS),
    )
    if verdict.kind == "full":
        there = PlaylistCopy.objects.filter(account=copy.account_id, spotify_playlist_id__isnull=False)
        activation.fill(copy.account_id, holds=there.exclude(status=PlaylistCopy.Status.ARCHIVED).count())
    state = "blocked" if verdict.kind == "blocked" else "failed" if verdict.is_final else "waiting"
    return PushResult(copy.pk, state, verdict.message, verdict.not_before)
