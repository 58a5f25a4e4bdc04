"""Find out what tracks sound like: ask the configured source, store what it knows and what it does not."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts.gateway_state import gateways
from catalog import advisory_locks
from catalog.features import imports, reccobeats, spotify
from catalog.features.imports import Row
from catalog.features.provider import FeaturesError, Measures, Provider
from catalog.ingest import backfill
from catalog.models import FeatureSource, Track

NO_SOURCE = "AUDIO_FEATURES_SOURCE is none: nobody is asked what tracks sound like."
ROWS_AT_ONCE = 1000
BUSY = "Another worker is asking already."


@dataclass(frozen=True, slots=True)
class EnrichResult:
    """What a run did; `reason`: why it did nothing or ended early, `blocked_until`: when to ask again."""

    found: int = 0
    absent: int = 0
    blocked_until: dt.datetime | None = None
    reason: str = ""


@dataclass(slots=True)
class Loaded:
    """What became of a file: rows stored, of unknown tracks, of tracks that keep another source, and those to
    tell about: `bad` ones are not used, `partly` ones lack the measures that were dropped."""

    rows: int = 0
    stored: int = 0
    unknown: int = 0
    kept: int = 0
    bad: list[Row] = field(default_factory=list)
    partly: list[Row] = field(default_factory=list)


def has_source() -> bool:
    return settings.AUDIO_FEATURES_SOURCE != "none"


def blocked_until(now: dt.datetime) -> dt.datetime | None:
    """Until when the configured source asked to be left alone; None where it may be asked."""
    block = _block(settings.AUDIO_FEATURES_SOURCE, now)
    return block.blocked_until if block else None


def due(now: dt.datetime) -> bool:
    """Whether a run at `now` would ask for something."""
    return has_source() and not blocked_until(now) and Track.objects.lacking_features(now).exists()


def run(
    *,
    now: dt.datetime,
    limit: int | None = None,
    time_left: Callable[[], float] | None = None,
    provider: Provider | None = None,
) -> EnrichResult:
    """Ask for tracks without features until none is left, `limit` were asked or `time_left()` is 0."""
    backfill.complete()
    if provider is None and not has_source():
        return EnrichResult(reason=NO_SOURCE)
    provider = provider or _configured(now)
    if block := _block(provider.name, now):
        return EnrichResult(blocked_until=block.blocked_until, reason=block.reason)
    # One at a time: the source is one person's free service, and nobody asks for the same track twice.
    with advisory_locks.turn(advisory_locks.ENRICH) as is_alone:
        if not is_alone:
            return EnrichResult(reason=BUSY)
        return _drain(provider, now, limit, time_left)


def record(measured: Mapping[str, Measures], *, source: str, now: dt.datetime, replace: bool = False) -> int:
    """Store measures by track id; how many tracks took them.

    A track that has features of another source keeps them, so that no track is measured in two scales;
    `replace` overwrites them.
    """
    given = orjson.dumps(
        [{"id": track_id, "features": values} for track_id, values in measured.items()]
    ).decode()
    with transaction.atomic(), connection.cursor() as cursor:
        # In id order, as ingest does, so that the two cannot deadlock.
        cursor.execute(_HOLD, [list(measured)])
        cursor.execute(_RECORD, {"given": given, "source": source, "now": now, "replace": replace})
        return cursor.rowcount


def mark_absent(track_ids: Sequence[str], *, now: dt.datetime) -> int:
    """Remember that the source does not know these tracks; they are asked for again in a week."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [list(track_ids)])
        lacking = Track.objects.filter(spotify_id__in=track_ids, audio_features__isnull=True)
        return lacking.update(features_absent_at=now)


def forget(track_ids: Sequence[str]) -> int:
    """Forget what these tracks sound like, and that they were absent, so that they are asked for again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [list(track_ids)])
        return Track.objects.filter(spotify_id__in=track_ids).update(
            audio_features=None,
            features_source=None,
            features_at=None,
            features_absent_at=None,
            energy=None,
            danceability=None,
        )


_HOLD = "SELECT 1 FROM tracks WHERE spotify_id = ANY(%s) ORDER BY spotify_id FOR UPDATE"
_RECORD = """
    UPDATE tracks
    SET audio_features = given.features, features_source = %(source)s, features_at = %(now)s,
        features_absent_at = NULL, energy = (given.features ->> 'energy')::float8,
        danceability = (given.features ->> 'danceability')::float8
    FROM json_to_recordset(%(given)s::json) AS given (id text, features jsonb)
    WHERE tracks.spotify_id = given.id
      AND (tracks.features_source IS NULL OR tracks.features_source = %(source)s OR %(replace)s)
"""


def load(rows: Iterable[Row], *, now: dt.datetime, replace: bool = False, dry_run: bool = False) -> Loaded:
    """Store the rows of a file; `dry_run` does all of it and takes it back. Raises BadFile."""
    loaded = Loaded()
    with transaction.atomic():
        for some in _chunks(rows):
            measured = {row.track_id: row.measures for row in some if not row.reason}
            known = Track.objects.filter(spotify_id__in=measured).count()
            loaded.rows += len(some)
            loaded.bad += [row for row in some if row.reason]
            loaded.partly += [row for row in some if row.dropped]
            loaded.unknown += len(measured) - known
            stored = record(measured, source=imports.SOURCE, now=now, replace=replace)
            loaded.stored += stored
            loaded.kept += known - stored
        transaction.set_rollback(dry_run)
    return loaded


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield some


def _drain(
    provider: Provider, now: dt.datetime, limit: int | None, time_left: Callable[[], float] | None
) -> EnrichResult:
    found, asked, started = 0, 0, time.monotonic()
    while (limit is None or asked < limit) and (time_left is None or time_left() > 0):
        track_ids = _next(
            provider.ids_per_call if limit is None else min(provider.ids_per_call, limit - asked), now
        )
        if not track_ids:
            break
        try:
            measured = provider.fetch(track_ids)
        except FeaturesError as error:
            _set_block(provider.name, error.until(now), error.message)
            return EnrichResult(found, asked - found, error.until(now), error.message)
        asked += len(track_ids)
        # The time of this answer, not of the run's beginning: a night counts what was learned in it.
        learned_at = now + dt.timedelta(seconds=time.monotonic() - started)
        found += record(measured, source=provider.name, now=learned_at)
        mark_absent([track_id for track_id in track_ids if track_id not in measured], now=learned_at)
    return EnrichResult(found, asked - found)


def _next(count: int, now: dt.datetime) -> list[str]:
    lacking = Track.objects.lacking_features(now).order_by(
        F("features_absent_at").asc(nulls_first=True), "id"
    )
    return list(lacking.values_list("spotify_id", flat=True)[:count])


def _configured(now: dt.datetime) -> Provider:
    if settings.AUDIO_FEATURES_SOURCE == spotify.NAME:
        return spotify.provider(gateways.for_app(lane="ingest"), now=now)
    return reccobeats.provider(settings.RECCOBEATS_API_URL)


def _block(name: str, now: dt.datetime) -> FeatureSource | None:
    return FeatureSource.objects.filter(name=name, blocked_until__gt=now).first()


def _set_block(name: str, until: dt.datetime, reason: str) -> None:
    FeatureSource.objects.update_or_create(name=name, defaults={"blocked_until": until, "reason": reason})
