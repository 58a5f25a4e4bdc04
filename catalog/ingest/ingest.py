"""Ingest what waits: claim album sources, fetch whole albums, store them, or note why that cannot be."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from django.db import DataError, IntegrityError, InterfaceError, OperationalError

from accounts.gateway_state import gateways
from accounts.spotify import errors
from catalog.ingest import error_policy, fetching, queue, storing
from catalog.ingest.error_policy import SourceDecision
from catalog.ingest.fetching import Details, Failed, Fetched
from catalog.ingest.queue import Claimed
from catalog.intake import blocks
from catalog.models import AlbumSource, Block

if TYPE_CHECKING:
    from accounts.spotify.gateway import Gateway

# A line at the door that takes longer than this is not stood in.
LONGEST_WAIT_SECONDS = 15.0
# When to look whether a database that went away is back: three quarters of a minute in all.
DATABASE_PAUSES = (0.2, 0.5, 1.0, *[2.0] * 22)
log = structlog.get_logger(__name__)
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What a run did: albums ingested, failed for good, queued again; `blocked_until`: when to come back."""

    ingested: int = 0
    failed: int = 0
    requeued: int = 0
    blocked_until: dt.datetime | None = None
    reason: str = ""


@dataclass(slots=True)
class _Run:
    """One run's state: its claim, the albums whose tracks wait for a full call, and what was done so far."""

    gateway: Gateway
    clock: Clock
    rng: random.Random
    serves_strangers: bool = False
    claim: uuid.UUID = field(default_factory=uuid.uuid4)
    carried: dict[int, Fetched] = field(default_factory=dict)
    known: Details = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    stopped: SourceDecision | None = None
    pause: float = 0.0


def due(now: dt.datetime) -> bool:
    """Whether a run at `now` would find work."""
    return AlbumSource.objects.due(now).exists()


def run(
    *,
    gateway: Gateway,
    now: dt.datetime,
    limit: int | None = None,
    time_left: Callable[[], float] | None = None,
    batch_id: int | None = None,
    rng: random.Random | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> IngestResult:
    """Ingest due sources until none is left, `limit` are done, `time_left()` is 0 or the door shuts.

    `batch_id` leaves other batches alone. Safe in parallel. Raises no SpotifyError: each becomes a reason on
    its source.
    """
    state = _Run(gateway, _ticking(now), rng or random.Random())
    try:
        _drain(state, limit, time_left or (lambda: 1.0), batch_id, sleep)
    except (OperationalError, InterfaceError) as error:
        _survive(state, error, sleep)
    return _outcome(state)


def set_aside(source_ids: Iterable[int], *, by: str, why: str, now: dt.datetime) -> int:
    """Leave queued and failed sources alone on purpose, until somebody queues them again; how many."""
    open_ones = [AlbumSource.Status.QUEUED, AlbumSource.Status.FAILED]
    return AlbumSource.objects.filter(id__in=list(source_ids), status__in=open_ones).update(
        status=AlbumSource.Status.FAILED,
        failure_reason=f"Set aside by {by}: {why}",
        failed_at=now,
        set_aside_at=now,
        not_before=None,
    )


def retry(source_ids: Iterable[int]) -> int:
    """Queue failed sources again with a clean slate, those set aside too where they are named; how many."""
    return _requeue(source_ids, AlbumSource.Status.FAILED)


def refresh(source_ids: Iterable[int]) -> int:
    """Queue ingested sources again, so that their albums are read once more; how many."""
    return _requeue(source_ids, AlbumSource.Status.INGESTED)


def _requeue(source_ids: Iterable[int], status: str) -> int:
    found = AlbumSource.objects.filter(id__in=list(source_ids), status=status)
    return found.update(
        status=AlbumSource.Status.QUEUED,
        attempts=0,
        not_before=None,
        failure_reason="",
        failed_at=None,
        set_aside_at=None,
    )


def _drain(
    state: _Run,
    room: int | None,
    time_left: Callable[[], float],
    batch_id: int | None,
    sleep: Callable[[float], None],
) -> None:
    queue.fail_abandoned(state.clock())
    while state.stopped is None and time_left() > 0:
        claimed = _claim(state, room, batch_id)
        if not claimed:
            break
        room = None if room is None else room - len(claimed)
        _handle(state, claimed)
        if state.pause:
            sleep(state.pause)
            state.pause = 0.0
    _finish(state, last=True)


def _survive(state: _Run, error: Exception, sleep: Callable[[float], None]) -> None:
    """The database went away, or a lock did not come: once it answers, what we hold is anybody's again.

    Without this the albums in hand would wait for the end of their lease. Raises `error` where the database
    stays away; then the lease is what saves them.
    """
    log.warning("ingest interrupted by the database", error=type(error).__name__)
    for pause in DATABASE_PAUSES:
        sleep(pause)
        try:
            state.done["requeued"] += queue.release_all(state.claim)
            return
        except (OperationalError, InterfaceError):
            continue
    raise error


def _claim(state: _Run, room: int | None, batch_id: int | None) -> list[Claimed]:
    """As many due sources as one call carries, or as there is `room` for: strangers' after all others."""
    count = state.gateway.albums_per_call
    count = count if room is None else min(count, room)
    if not count:
        return []
    now = state.clock()
    claimed = queue.take(state.claim, count=count, now=now, batch_id=batch_id, strangers=False)
    if claimed:
        _serve(state, strangers=False)
        return claimed
    if (until := gateways.strangers_wait_until(now=now)) is not None:
        queue.postpone_strangers(until, now=now)
        return []
    claimed = queue.take(state.claim, count=count, now=now, batch_id=batch_id, strangers=True)
    if claimed:
        _serve(state, strangers=True)
    return claimed


def _serve(state: _Run, *, strangers: bool) -> None:
    """Complete what the others have in hand first, so that each call counts for whom it is made."""
    if strangers != state.serves_strangers:
        _finish(state, last=True)
        state.gateway, state.serves_strangers = (
            gateways.for_app(lane="ingest", for_strangers=strangers),
            strangers,
        )


def _handle(state: _Run, claimed: Sequence[Claimed]) -> None:
    answers = fetching.albums(state.gateway, claimed)
    for answer in answers:
        if isinstance(answer, Failed):
            _settle(state, [answer.claimed], answer.error)
    fetched = _without_blocked(state, [answer for answer in answers if isinstance(answer, Fetched)])
    state.carried |= {one.claimed.source_id: one for one in fetched}
    queue.keep(state.claim, now=state.clock())
    _finish(state, last=False)


def _finish(state: _Run, *, last: bool) -> None:
    """Store the albums that are complete; the `last` time, make all complete first or give them back."""
    error = _learn_details(state, last=last)
    ready = [one for one in state.carried.values() if _is_complete(state, one)]
    if ready:
        _store(state, ready)
    for one in ready:
        del state.carried[one.claimed.source_id]
    if error and error_policy.is_crowded(error) and not last:
        # They stay carried: what was fetched is not fetched again.
        _meet(state, error, error_policy.after(error, attempts=1, now=state.clock(), rng=state.rng))
    elif error:
        _settle(state, [one.claimed for one in state.carried.values()], error)
        state.carried.clear()
    wanted = set(fetching.track_ids(state.carried.values()))
    state.known = {track_id: track for track_id, track in state.known.items() if track_id in wanted}


def _learn_details(state: _Run, *, last: bool) -> errors.SpotifyError | None:
    try:
        if state.gateway.has("batch_tracks"):
            fetching.details(state.gateway, state.carried.values(), state.known, last=last)
            return None
    except errors.CapabilityMissing:
        pass
    except errors.SpotifyError as error:
        return error
    # Without the endpoint an album is stored as its own answer tells it: no popularity, perhaps no ISRC.
    unknown = dict.fromkeys(fetching.track_ids(state.carried.values()))
    state.known = {**unknown, **state.known}
    return None


def _is_complete(state: _Run, one: Fetched) -> bool:
    return all(track.spotify_id in state.known for track in one.album.tracks)


def _store(state: _Run, ready: Sequence[Fetched]) -> None:
    """All in one transaction; where the database refuses a value, one by one, so that one fails alone."""
    try:
        state.done["ingested"] += storing.store(state.claim, ready, state.known, now=state.clock())
    except (DataError, IntegrityError):
        if len(ready) == 1:
            _give_back(state, [ready[0].claimed], SourceDecision(error_policy.UNSTORABLE))
            return
        for one in ready:
            _store(state, [one])


def _without_blocked(state: _Run, fetched: Sequence[Fetched]) -> list[Fetched]:
    """The albums that may be taken; those of blocked artists, or blocked meanwhile, fail with the reason."""
    albums = blocks.reasons(Block.Kind.ALBUM, [one.album.spotify_id for one in fetched])
    artists = blocks.reasons(
        Block.Kind.ARTIST, [artist.spotify_id for one in fetched for artist in one.album.artists]
    )
    kept = []
    for one in fetched:
        names = [one.album.spotify_id, *(artist.spotify_id for artist in one.album.artists)]
        why = next((reason for name in names if (reason := albums.get(name) or artists.get(name))), None)
        if why:
            _give_back(state, [one.claimed], error_policy.blocked(why))
        else:
            kept.append(one)
    return kept


def _settle(state: _Run, claimed: Sequence[Claimed], error: errors.SpotifyError) -> None:
    for one in claimed:
        fate = error_policy.after(error, attempts=one.attempts, now=state.clock(), rng=state.rng)
        _give_back(state, [one], fate)
        if fate.stops:
            _meet(state, error, fate)


def _meet(state: _Run, error: errors.SpotifyError, fate: SourceDecision) -> None:
    """A door that is only crowded for some seconds is waited for; a shut one ends the run."""
    seconds = (fate.not_before - state.clock()).total_seconds() if fate.not_before else 0.0
    if error_policy.is_crowded(error) and seconds <= LONGEST_WAIT_SECONDS:
        state.pause = max(state.pause, seconds, 0.1)
    else:
        state.stopped = fate


def _give_back(state: _Run, claimed: Sequence[Claimed], fate: SourceDecision) -> None:
    count = queue.give_back(state.claim, claimed, fate, now=state.clock())
    state.done["requeued" if fate.not_before else "failed"] += count


def _outcome(state: _Run) -> IngestResult:
    stopped = state.stopped or SourceDecision("")
    return IngestResult(
        state.done["ingested"],
        state.done["failed"],
        state.done["requeued"],
        stopped.not_before,
        stopped.reason,
    )


def _ticking(now: dt.datetime) -> Clock:
    """A clock that starts at `now` and goes on, so that a lease taken late in a long run is a whole lease."""
    started = time.monotonic()
    return lambda: now + dt.timedelta(seconds=time.monotonic() - started)
