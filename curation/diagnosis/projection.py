"""What a run of days brings for one policy, or for the whole network: lists, rests and shares. Pure."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Projection:
    """What the days bring for one policy, or for the whole network."""

    lists: int = 0
    slots: int = 0
    filled: int = 0
    held: int = 0
    repeats: int = 0
    first_short_day: dt.date | None = None
    first_relaxed_day: dt.date | None = None
    gaps: list[int] = field(default_factory=list)
    uses: Counter[int] = field(default_factory=Counter)  # track id -> uses
    relaxed: Counter[str] = field(default_factory=Counter)  # relax path -> lists

    def add(
        self,
        today: dt.date,
        *,
        wanted: int,
        tracks: Sequence[int],
        last: Mapping[int, dt.date],
        relaxed: Sequence[str] = (),
        repeats: int = 0,
    ) -> None:
        """One list of one day; no tracks for one that was held. `last` is when each track was used before."""
        self.lists += 1
        self.slots += wanted
        self.filled += len(tracks)
        self.held += not tracks
        self.repeats += repeats
        if len(tracks) < wanted:
            self.first_short_day = self.first_short_day or today
        if relaxed:
            self.first_relaxed_day = self.first_relaxed_day or today
        self.relaxed.update(set(relaxed))
        self.uses.update(tracks)
        self.gaps.extend(abs((today - last[track]).days) for track in tracks if track in last)

    def figures(self, matched: int) -> dict[str, Any]:
        """As numbers for a table or JSON; `matched` is how many tracks could be used at all."""
        return {
            "lists": self.lists,
            "slots": self.slots,
            "filled": self.filled,
            "fill": round(self.filled / self.slots, 5) if self.slots else 1.0,
            "held_lists": self.held,
            "first_short_day": _iso(self.first_short_day),
            "first_relaxed_day": _iso(self.first_relaxed_day),
            "repeats": self.repeats,
            "gap": gap_figures(self.gaps),
            "tracks_matched": matched,
            "tracks_used": len(self.uses),
            "coverage": min(round(len(self.uses) / matched, 4), 1.0) if matched else 0.0,
            "skew": skew(list(self.uses.values())),
            "relaxations": dict(self.relaxed),
        }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def gap_figures(gaps: Sequence[int]) -> dict[str, int | float | None]:
    """Smallest, median and 95th percentile of the days between two uses of a track."""
    if not gaps:
        return {"min": None, "median": None, "p95": None}
    ordered = sorted(gaps)
    return {
        "min": ordered[0],
        "median": statistics.median(ordered),
        "p95": ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)],
    }


def skew(uses: Sequence[int]) -> float:
    """How unevenly uses fall on the tracks used: the Gini coefficient, 0 for all alike and near 1 for a few
    only."""
    ordered, total = sorted(uses), sum(uses)
    if not total:
        return 0.0
    weighted = sum(rank * count for rank, count in enumerate(ordered, 1))
    return round(2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered), 4)
