"""Rotation health as last counted, kept until something it tells of changes: counting reads months."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from playlists.rotation import health

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Counted:
    """The report of rotation_health, and when it was counted."""

    report: dict[str, Any]
    at: dt.datetime


def counted(now: dt.datetime) -> Counted:
    """The report as of now's date; counted again where anything changed. Without Redis, always."""
    key = _key(now.date())
    if (kept := _recall(key)) is not None:
        return kept
    fresh = Counted(health.report(now.date()), now)
    _remember(key, fresh)
    return fresh


def _key(today: dt.date) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        state = cursor.fetchone()
    sizes = (settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS)
    return f"rotation-health:{hashlib.sha256(repr((today, state, sizes)).encode()).hexdigest()}"


# A list that is made, held or brought back is a new snapshot; an edited policy is a new revision. Tracks that
# came since are counted with the next list: looking for them would be a pass over the catalogue.
_STATE = """
SELECT (SELECT max(id) FROM playlist_snapshots),
       (SELECT max(id) FROM policy_revisions),
       (SELECT md5(string_agg(concat(id, is_active), ',' ORDER BY id)) FROM curation_policies),
       (SELECT md5(string_agg(concat_ws(' ', id, policy_id, status, theme_tag), ',' ORDER BY id))
          FROM playlists),
       (SELECT concat(count(*), ' ', max(id)) FROM catalog_blocks)
"""


def _recall(key: str) -> Counted | None:
    try:
        found = cache.get(key)
    except redis.RedisError:
        return None
    return Counted(*found) if found else None


def _remember(key: str, found: Counted) -> None:
    try:
        cache.set(key, (found.report, found.at), KEPT_SECONDS)
    except redis.RedisError:
        return
