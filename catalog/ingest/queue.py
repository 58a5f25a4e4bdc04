"""Claim album sources for one run, keep them, and give them back: the queue's few statements."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from catalog.ingest import error_policy
from catalog.ingest.error_policy import SourceDecision
from catalog.models import AlbumSource

LEASE = dt.timedelta(minutes=5)

# One statement, so that a claim is whole or nothing; SKIP LOCKED, so that no worker waits for another.
_CLAIM = """
    WITH next AS MATERIALIZED (
        SELECT id FROM album_sources
        WHERE status IN ('queued', 'fetching')
          AND ((status = 'queued' AND (not_before IS NULL OR not_before <= %(now)s))
            OR (status = 'fetching' AND claimed_until < %(now)s))
          AND (%(batch)s::bigint IS NULL OR batch_id = %(batch)s)
          AND (%(strangers)s::boolean IS NULL OR (priority <= %(theirs)s) = %(strangers)s)
        ORDER BY priority DESC, id
        LIMIT %(count)s
        FOR UPDATE SKIP LOCKED
    )
    UPDATE album_sources AS source
    SET status = 'fetching', claim = %(claim)s, claimed_until = %(until)s,
        attempts = attempts + 1, not_before = NULL
    FROM next WHERE source.id = next.id
    RETURNING source.id, source.spotify_album_id, source.attempts
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A source that this run holds. `attempts` counts this one."""

    source_id: int
    album_id: str
    attempts: int


def take(
    claim: uuid.UUID,
    *,
    count: int,
    now: dt.datetime,
    batch_id: int | None = None,
    strangers: bool | None = None,
) -> list[Claimed]:
    """Up to `count` due sources, by priority, then in order; `claim` holds them until the lease ends.
    `strangers`: theirs alone, or all but theirs."""
    values = {"now": now, "batch": batch_id, "count": count, "claim": claim, "until": now + LEASE}
    values |= {"strangers": strangers, "theirs": AlbumSource.STRANGERS_PRIORITY}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        return sorted((Claimed(*row) for row in cursor.fetchall()), key=lambda claimed: claimed.source_id)


def postpone_strangers(until: dt.datetime, *, now: dt.datetime) -> int:
    """What strangers handed in and nobody holds is not due before `until`; how many."""
    theirs = AlbumSource.objects.due(now).filter(
        priority__lte=AlbumSource.STRANGERS_PRIORITY, status=AlbumSource.Status.QUEUED
    )
    return theirs.update(not_before=until, failure_reason=AlbumSource.STRANGERS_WAIT)


def keep(claim: uuid.UUID, *, now: dt.datetime) -> None:
    """Extend the lease of everything that this claim still holds."""
    AlbumSource.objects.filter(claim=claim).update(claimed_until=now + LEASE)


def give_back(claim: uuid.UUID, claimed: Iterable[Claimed], fate: SourceDecision, *, now: dt.datetime) -> int:
    """Queue them again, or fail them, as `fate` says; what another worker holds by now is left alone."""
    held = AlbumSource.objects.filter(claim=claim, id__in=[one.source_id for one in claimed])
    is_final = fate.not_before is None
    return held.update(
        status=AlbumSource.Status.FAILED if is_final else AlbumSource.Status.QUEUED,
        failed_at=now if is_final else None,
        not_before=fate.not_before,
        failure_reason=fate.reason,
        attempts=F("attempts") if fate.counts else F("attempts") - 1,
        claim=None,
        claimed_until=None,
    )


def release_all(claim: uuid.UUID) -> int:
    """Queue everything that this claim still holds, as if it had never been taken; over a fresh connection
    where the old one is dead."""
    connection.close_if_unusable_or_obsolete()
    return AlbumSource.objects.filter(claim=claim).update(
        status=AlbumSource.Status.QUEUED, attempts=F("attempts") - 1, claim=None, claimed_until=None
    )


def fail_abandoned(now: dt.datetime) -> int:
    """Fail the sources whose workers died in every attempt, so that they kill no more of them."""
    lost = AlbumSource.objects.filter(
        status=AlbumSource.Status.FETCHING, claimed_until__lt=now, attempts__gte=error_policy.MAX_ATTEMPTS
    )
    return lost.update(
        status=AlbumSource.Status.FAILED,
        failed_at=now,
        failure_reason=error_policy.WORKER_LOST,
        claim=None,
        claimed_until=None,
    )
