"""How much is known of sounds and genres: found, absent and not asked yet, and by which source."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import connection

# Each thing once: the source that found it, else whether any was asked.
_TRACKS = """
    SELECT COALESCE(features_source, ''), COALESCE(features_source, features_absent_at::text) IS NOT NULL,
        count(*)
    FROM tracks WHERE is_playable GROUP BY 1, 2
"""
_ARTISTS = """
    SELECT COALESCE(genre_source, ''), COALESCE(genre_source, genres_checked_at::text) IS NOT NULL,
        count(*)
    FROM artists GROUP BY 1, 2
"""


def read() -> dict[str, dict[str, Any]]:
    """{"features": counts of playable tracks, "genres": counts of artists}."""
    return {"features": _counted(_TRACKS), "genres": _counted(_ARTISTS)}


def _counted(query: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = cursor.fetchall()
    by_source: Counter[str] = Counter()
    for source, _, count in rows:
        if source:
            by_source[source] += count
    return {
        "total": sum(count for *_, count in rows),
        "found": by_source.total(),
        "absent": sum(count for source, was_asked, count in rows if was_asked and not source),
        "not_asked": sum(count for _, was_asked, count in rows if not was_asked),
        "by_source": dict(sorted(by_source.items())),
    }
