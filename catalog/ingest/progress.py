"""How far the catalogue is: sources by status, rate, time to go, failures, and what features cover."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from accounts import plurals
from catalog.models import AlbumSource, Batch, Track

# The rate is that of the last ten minutes, or of less where the work began less long ago.
WINDOW = dt.timedelta(minutes=10)
SHORTEST_SPAN = 5.0
SHOWN_BATCHES = 20

_COUNTS = """
    SELECT status, CASE WHEN status = 'failed' THEN failure_reason ELSE '' END AS reason, count(*),
           extract(epoch FROM clock.now - min(created_at) FILTER (WHERE status = 'queued')),
           count(*) FILTER (WHERE ingested_at > clock.now - %(window)s),
           extract(
               epoch FROM clock.now - min(ingested_at) FILTER (WHERE ingested_at > clock.now - %(window)s)
           ),
           min(not_before) FILTER (WHERE status = 'queued' AND not_before > clock.now),
           count(*) FILTER (WHERE status = 'queued' AND not_before > clock.now)
    FROM album_sources, (SELECT coalesce(%(now)s::timestamptz, now())) AS clock (now)
    WHERE %(batch)s::bigint IS NULL OR batch_id = %(batch)s
    GROUP BY 1, 2, clock.now
"""


def counts(*, now: dt.datetime | None = None, batch_id: int | None = None) -> dict[str, Any]:
    """Sources of one batch or of all, in one query; `now` is the database's where not given.

    Keys: queued, fetching, ingested, failed, total, waiting (queued, but not before a moment), waiting_until
    (the first such moment), oldest_queued_seconds, rate_per_minute, eta_seconds,
    failures [{"reason", "count"}].
    """
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"now": now, "window": WINDOW, "batch": batch_id}
        cursor.execute(_COUNTS, values)
        return summed(cursor.fetchall())


def summed(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    """The answer from rows of status, reason, count, age, recent, span, first not_before, waiting. Pure."""
    by_status = dict.fromkeys(AlbumSource.Status.values, 0)
    for status, _, count, *_rest in rows:
        by_status[status] += count
    recent = sum(row[4] for row in rows)
    span = max((float(row[5]) for row in rows if row[5] is not None), default=0.0)
    rate = 60.0 * recent / max(span, SHORTEST_SPAN) if recent else 0.0
    unfinished = by_status["queued"] + by_status["fetching"]
    failures = [{"reason": row[1], "count": row[2]} for row in rows if row[0] == "failed"]
    return {
        **by_status,
        "total": sum(by_status.values()),
        "waiting": sum(row[7] for row in rows),
        "waiting_until": min((row[6] for row in rows if row[6]), default=None),
        "oldest_queued_seconds": max(
            (round(float(row[3])) for row in rows if row[3] is not None), default=None
        ),
        "rate_per_minute": round(rate, 1),
        "eta_seconds": round(60.0 * unfinished / rate) if rate and unfinished else None,
        "failures": sorted(failures, key=lambda failure: (-failure["count"], failure["reason"])),
    }


def batches(*, batch_id: int | None = None) -> list[dict[str, Any]]:
    """The latest batches, or the one asked for, with the state of the albums that each queued. One query."""
    states = {
        status: Count("sources", filter=Q(sources__status=status)) for status in AlbumSource.Status.values
    }
    found = Batch.objects.filter(pk=batch_id) if batch_id else Batch.objects.all()
    # `queued` is a column (queued when it came in) and a state (still in the queue): the state wins.
    columns = ("id", "label", "submitted_by", "created_at", "lines", "duplicates")
    counted = found.values(*columns).annotate(**{f"now_{name}": count for name, count in states.items()})
    rows = counted.order_by("-id")[:SHOWN_BATCHES]
    return [{key.removeprefix("now_"): value for key, value in row.items()} for row in rows]


def coverage() -> dict[str, int]:
    """Playable tracks by what is known of their sound: a key for each source, absent, unasked, total."""
    unasked = Q(features_absent_at__isnull=True)
    known = Track.objects.filter(is_playable=True).order_by().values_list("features_source")
    covered: dict[str, int] = {"absent": 0, "unasked": 0}
    for source, unasked_count, count in known.annotate(
        unasked=Count("pk", filter=unasked), count=Count("pk")
    ):
        if source:
            covered[source] = count
        else:
            covered |= {"unasked": unasked_count, "absent": count - unasked_count}
    return {**covered, "total": sum(covered.values())}


def usability_sentence(counted: dict[str, int]) -> str:
    """ "118,204 of 121,380 tracks are usable: 2,310 not playable, 866 by blocked artists." Pure."""
    said = [f"{counted[reason]:,} {words}" for reason, words in _REASONS.items() if counted.get(reason)]
    are = plurals.verb(counted["total"], "is", "are")
    sentence = f"{counted['usable']:,} of {plurals.counted(counted['total'], 'track')} {are} usable"
    return f"{sentence}: {', '.join(said)}." if said else f"{sentence}."


_REASONS = {
    "gone": "no longer on their albums",
    "not_playable": "not playable in the market",
    "incomplete": "without an artist or a length",
    "track_blocked": "blocked",
    "album_blocked": "on blocked albums",
    "artist_blocked": "by blocked artists",
}
