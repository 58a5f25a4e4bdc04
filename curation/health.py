"""Rotation health: goal against actual of a policy or the network, from figures read in SQL. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation import simulate


@dataclass(frozen=True)
class Actual:
    """What history says: days between uses, uses by pool and by artist, tracks used within so many days, and
    how long each matching track has not been used (None: never)."""

    gaps: Sequence[int]
    pools: Mapping[str, int]
    artists: Mapping[str, int]
    used_within: Mapping[int, int]
    idle: Sequence[int | None]


def report(
    actual: Actual,
    *,
    configured_gap: int,
    sustainable_gap: int,
    matched: int,
    shares: Mapping[str, float],
    broken: int = 0,
) -> dict[str, Any]:
    """Goal and actual side by side. `shares` are the blend's; `broken` counts entries that broke a hard
    rule."""
    entries = sum(actual.pools.values())
    top = sorted(actual.artists.values(), reverse=True)[:50]
    return {
        "gap": {
            "configured": configured_gap,
            "sustainable": sustainable_gap,
            "obtained": simulate.gap_figures(actual.gaps),
        },
        "blend": {
            name: {"goal": share, "actual": _share(actual.pools.get(name, 0), entries)}
            for name, share in shares.items()
        },
        "coverage": {str(days): _share(used, matched) for days, used in sorted(actual.used_within.items())},
        "never_used": sum(1 for days in actual.idle if days is None),
        "overdue": sum(
            1 for days in actual.idle if days is not None and days > 2 * max(sustainable_gap, configured_gap)
        ),
        "top_50_artists_share": _share(sum(top), sum(actual.artists.values())),
        "hard_rule_pass_rate": 1.0 - _share(broken, entries),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
