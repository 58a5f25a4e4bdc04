"""Rotation health: goal against actual of a policy or of the network, from counts read in SQL. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts import plurals

SPANS = (7, 30, 90)
MOST_NAMED = 50
REST = "rest"


@dataclass(frozen=True)
class Goal:
    """What is asked for: so many lists of so many tracks a day out of the tracks that match, each resting so
    long, and shares of the list by pool."""

    playlists: int
    places: int  # a day, in all lists together
    gap: int
    matched: int
    shares: Mapping[str, float] = field(default_factory=dict)

    @property
    def sustainable(self) -> int | None:
        """Days that a track can rest if all that match take their turn; none where no list asks for any."""
        return self.matched // self.places if self.places else None

    @property
    def turn(self) -> int | None:
        """Days after which a track's turn comes: a whole round of all that match, at least the rest asked."""
        return max(-(-self.matched // self.places), self.gap) if self.places else None

    @property
    def overdue_after(self) -> int | None:
        return None if self.turn is None else 2 * self.turn


@dataclass(frozen=True)
class Actual:
    """What history says, as counts.

    gaps: days between two uses of a track -> how often. idle: days since a matching track was last used
    (None: never) -> tracks. used: tracks by span of days. pools: places by pool. bent: places that came in by
    a relax step or a repeat. lists and held: days of playlists; relaxed: lists by the path of the step."""

    gaps: Mapping[int, int] = field(default_factory=dict)
    idle: Mapping[int | None, int] = field(default_factory=dict)
    used: Mapping[int, int] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)
    bent: int = 0
    top_artists: int = 0
    lists: int = 0
    held: int = 0
    relaxed: Mapping[str, int] = field(default_factory=dict)


def report(goal: Goal, actual: Actual) -> dict[str, Any]:
    """Goal and actual side by side, for a table or JSON. Shares and rates are null where nothing was made."""
    places = sum(actual.pools.values())
    found: dict[str, Any] = {
        "playlists": goal.playlists,
        "places_a_day": goal.places,
        "tracks_matched": goal.matched,
        "gap": {"configured": goal.gap, "sustainable": goal.sustainable, "obtained": spread(actual.gaps)},
        "blend": _blend(goal.shares, actual.pools),
        "coverage": {str(days): _share(actual.used.get(days, 0), goal.matched) for days in SPANS},
        "never_used": actual.idle.get(None, 0),
        "overdue": _overdue(actual.idle, goal.overdue_after),
        "overdue_after_days": goal.overdue_after,
        "top_50_artists_share": _share(actual.top_artists, places),
        "hard_rule_pass_rate": _share(places - actual.bent, places),
        "lists": actual.lists,
        "held": actual.held,
        "relaxed": {
            path: {"lists": lists, "pass_rate": _share(actual.lists - lists, actual.lists)}
            for path, lists in sorted(actual.relaxed.items())
        },
    }
    return found | {"sentence": sentence(found)}


def spread(counts: Mapping[int, int]) -> dict[str, int | None]:
    """Smallest, median and 95th percentile of the days between two uses, and how many pairs of uses."""
    total = sum(counts.values())
    found = {name: _percentile(counts, total, share) for name, share in _PERCENTILES}
    return {"min": min(counts, default=None), **found, "pairs": total}


_PERCENTILES = (("median", 0.5), ("p95", 0.95))


def _percentile(counts: Mapping[int, int], total: int, share: float) -> int | None:
    """The smallest value with at least that share of all at or below it."""
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * total:
            return value
    return None


def _blend(shares: Mapping[str, float], pools: Mapping[str, int]) -> dict[str, Any]:
    """Each pool's goal and actual; what is shared out to none is the rest."""
    if not shares:
        return {}
    places = sum(pools.values())
    goals = {**shares, REST: round(max(1.0 - sum(shares.values()), 0.0), 4)}
    return {
        name: {"goal": goal, "actual": _share(pools.get(name, 0), places)} for name, goal in goals.items()
    }


def _overdue(idle: Mapping[int | None, int], after: int | None) -> int:
    if after is None:
        return 0
    return sum(tracks for days, tracks in idle.items() if days is not None and days > after)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


# --- in words


def sentence(found: Mapping[str, Any]) -> str:
    """What an operator should know first, and what to do about it."""
    gap = found["gap"]
    if not found["playlists"]:
        return "No playlist follows it: the next plan gives it some if its tracks suffice."
    if gap["sustainable"] < gap["configured"]:
        tracks = plurals.counted(found["tracks_matched"], "track")
        places = plurals.counted(found["places_a_day"], "place")
        return (
            f"Asks for {_days(gap['configured'])} of rest, but {tracks} for {places} a day can keep"
            f" {_days(gap['sustainable'])}: give it fewer playlists, widen its conditions or ask for less"
            " rest."
        )
    if not found["lists"] and not found["held"]:
        return "No list was made yet: the next curate run makes the first."
    if found["held"]:
        made = found["lists"] + found["held"]
        lists = f"{plurals.counted(made, 'list')} {plurals.verb(made, 'was', 'were')}"
        return f"{found['held']:,} of {lists} held: ask the doctor what to change."
    shortest = gap["obtained"]["min"]
    if shortest is not None and shortest < gap["configured"]:
        return (
            f"A track came back after {_days(shortest)}, {_days(gap['configured'])} are asked:"
            f" {_why_early(found)}."
        )
    if found["relaxed"]:
        path, most = max(found["relaxed"].items(), key=lambda one: (one[1]["lists"], one[0]))
        lists = plurals.counted(found["lists"], "list")
        return f"Full, but {most['lists']:,} of {lists} needed the relax step {path}."
    return "Full, rested and by its own rules: nothing to change."


def _why_early(found: Mapping[str, Any]) -> str:
    if "rotation.repeat_gap_days" in found["relaxed"]:
        return "its relax step let it"
    if (found["hard_rule_pass_rate"] or 0) < 1:
        return "a relax step or a repeat let it"
    return "a shorter rest was in force then, or a policy of narrower scope used it"


def _days(number: int) -> str:
    return plurals.counted(number, "day")
