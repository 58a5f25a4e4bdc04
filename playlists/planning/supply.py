"""How many usable tracks there are, in all and per policy: what the planner plans with."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.models import Track
from curation.engine import candidates, isolation
from curation.models import CurationPolicy
from curation.policy import language
from playlists.planning import planner


def usable_count() -> int:
    return Track.objects.usable().count()


@dataclass(frozen=True)
class Stock:
    """The usable tracks: in all, per policy, and in classes of those that the same policies admit."""

    usable: int
    supplies: list[planner.Supply]
    classes: Mapping[frozenset[int], int]


def look(date: dt.date, *, gap_days: int) -> Stock:
    """One pass over the tracks answers all active policies at once.

    A policy that does not parse counts as inactive: nothing can be built from it. One that the catalogue can
    not answer today stands with no track: it gets no playlist and loses none."""
    rows = list(CurationPolicy.objects.order_by("id"))
    parsed, _ = language.parsed({row.pk: row.body for row in rows if row.is_active})
    classes, _ = isolation.ask(parsed, lambda sound: classes_of(sound, date), today=date)
    supplies = [
        planner.Supply(
            row.pk,
            row.name,
            row.theme_tag or row.name,
            sum(count for one, count in classes.items() if row.pk in one),
            max(gap_days, parsed[row.pk].rotation.repeat_gap_days or 0) if row.pk in parsed else gap_days,
            row.pk in parsed,
        )
        for row in rows
    ]
    return Stock(usable_count(), supplies, classes)


def classes_of(policies: Mapping[int, language.Policy], date: dt.date) -> Counter[frozenset[int]]:
    """{the policies that admit a track: how many tracks they are}. One query."""
    found: Counter[frozenset[int]] = Counter()
    if not policies:
        return found
    questions, bits = candidates.ask(policies.values(), today=date)
    where = dict(zip(policies, (one.where for one in bits), strict=True))
    for mask, count in candidates.classes(questions).items():
        found[frozenset(key for key, bit in where.items() if mask & bit)] += count
    return found
