"""The coming days in memory: what a network's playlists would get if nothing but the date changed. Pure.

Conditions are answered once, as of the first day; tracks that age in or out of a release window later are not
seen."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from curation.engine import network
from curation.engine.allocation import Item
from curation.engine.demands import Bits, Demand, Usage
from curation.engine.drafts import Draft
from curation.engine.network import Setting


@dataclass
class Outlook:
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

    def note(self, draft: Draft, items: Sequence[Item], last: Mapping[int, dt.date], today: dt.date) -> None:
        tracks = [] if draft.is_released else [items[number].track_id for number in draft.picks]
        self.add(
            today,
            wanted=draft.rules.count,
            tracks=tracks,
            last=last,
            relaxed=[step.path for step in draft.demand.policy.relax[: draft.rules.steps]] if tracks else (),
            repeats=sum(pick.is_repeat for pick in draft.picks.values()) if tracks else 0,
        )

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


@dataclass
class Forecast:
    """The outlook of the network and of each policy (by policy id), and each day's filled slots."""

    days: list[dict[str, Any]]
    network: dict[str, Any]
    policies: dict[int, dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        return {
            "days": self.days,
            "network": self.network,
            "policies": {str(k): v for k, v in self.policies.items()},
        }


def month(
    wanted: Sequence[Demand],
    items: Sequence[Item],
    bits: Mapping[int, Bits],
    usage: Usage,
    setting: Setting,
    *,
    days: int = 30,
) -> Forecast:
    """Build `days` days from `setting.today`, each resting on the ones before; `items` must hold resting
    tracks too."""
    whole, by_policy = Outlook(), {demand.policy_id: Outlook() for demand in wanted}
    uses = _Uses(usage)
    table = []
    for offset in range(days):
        today = setting.today + dt.timedelta(days=offset)
        day = network.build(wanted, items, bits, uses.usage(), replace(setting, today=today))
        for draft in day.drafts:
            last = uses.usage().of(draft.demand)
            whole.note(draft, items, last, today)
            by_policy[draft.demand.policy_id].note(draft, items, last, today)
        uses.record(day.drafts, items, today)
        table.append(_day(today, day.drafts))
    matched = network.matched(items, {})
    policies = {
        policy_id: outlook.figures(matched[bits[policy_id].where]) for policy_id, outlook in by_policy.items()
    }
    masks = [bits[policy_id].where | bits[policy_id].fallback for policy_id in by_policy]
    any_mask = sum(1 for item in items if any(item.mask & mask for mask in masks))
    return Forecast(table, whole.figures(any_mask), policies)


class _Uses:
    """Uses that grow by the day, in every scope."""

    def __init__(self, usage: Usage) -> None:
        self.network = dict(usage.network)
        self.themes = {theme: dict(uses) for theme, uses in usage.themes.items()}
        self.playlists = {playlist: dict(uses) for playlist, uses in usage.playlists.items()}

    def usage(self) -> Usage:
        return Usage(self.network, self.themes, self.playlists)

    def record(self, drafts: Sequence[Draft], items: Sequence[Item], today: dt.date) -> None:
        for draft in drafts:
            if not draft.is_released:
                new = {items[number].track_id: today for number in draft.picks}
                self.network |= new
                self.themes.setdefault(draft.demand.theme_tag, {}).update(new)
                self.playlists.setdefault(draft.demand.playlist_id, {}).update(new)


def _day(today: dt.date, drafts: Sequence[Draft]) -> dict[str, Any]:
    good = [draft for draft in drafts if not draft.is_released]
    return {
        "date": today.isoformat(),
        "slots": sum(draft.rules.count for draft in drafts),
        "filled": sum(len(draft.picks) for draft in good),
        "held": len(drafts) - len(good),
        "relaxed": sum(1 for draft in good if draft.rules.steps),
    }


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
