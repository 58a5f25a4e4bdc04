"""Examines a policy before it runs: how many tracks match, what its playlists need, what can be kept, what to
change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.diagnosis import advice, match_counts
from curation.diagnosis.match_counts import Census
from curation.engine import capacity, demands
from curation.engine.allocation import UNLIMITED
from curation.engine.candidates import Questions
from curation.engine.demands import Bits, Rules
from curation.policy import condition_sql, conditions, relaxation, wording
from curation.policy.condition_sql import Sql
from curation.policy.conditions import Expr
from curation.policy.language import Policy


@dataclass(frozen=True)
class Diagnosis:
    """One sentence for an operator and the figures behind it; `is_sound` if the playlists can be kept full
    without giving way."""

    sentence: str
    is_sound: bool
    figures: dict[str, Any]


@dataclass
class Chart:
    """Where the answers to a policy's questions stand in a track's mask."""

    where: int  # all rules and no block
    rules: list[tuple[Expr, int]]
    lenient: int
    unknown: dict[str, int]  # by field
    fallback: int
    pools: list[int] = field(default_factory=list)

    @property
    def bits(self) -> Bits:
        return Bits(self.where, self.fallback, tuple(self.pools), 0)


def examine(policy: Policy, *, playlists: int, today: dt.date, count: int, gap_days: int) -> Diagnosis:
    """Diagnose a policy for a number of playlists, by itself: what other policies take of the same tracks is
    the planner's question. `count` and `gap_days` are the network's. One query."""
    questions = Questions(today)
    chart = _ask(policy, questions)
    counted = match_counts.take(questions, _sets(chart))
    wanted = max(playlists, 1)
    steps = [
        demands.rules(policy, chart.bits, steps=n, count=count, gap_days=gap_days)
        for n in range(len(policy.relax) + 1)
    ]
    figures = _figures(policy, chart, counted, steps, wanted)
    return Diagnosis(advice.sentence(figures), advice.is_sound(figures), figures)


def refused(policy: Policy, *, today: dt.date) -> list[dict[str, Any]]:
    """How many usable tracks each rule keeps out, and how many it keeps out alone. One query."""
    questions = Questions(today)
    chart = _ask(policy, questions)
    counted = match_counts.take(questions, ())
    found = [_rule(chart, counted, rule, bit) for rule, bit in chart.rules]
    return [
        {"rule": one["rule"], "refused": counted.total - one["passes"], "alone": one["would_add"]}
        for one in found
    ]


# --- what is asked of every track


def _ask(policy: Policy, questions: Questions) -> Chart:
    rules = [(rule, questions.condition(rule)) for rule in wording.rules(policy.where)]
    where = questions.condition(None, policy.block)
    for _, bit in rules:
        where |= bit
    fields = sorted(condition_sql.read_by(policy.where))
    return Chart(
        where=where,
        rules=rules,
        lenient=questions.condition(lenient_form(policy.where), policy.block),
        unknown={name: questions.bit(Sql(f"{condition_sql.value(name)} IS NULL")) for name in fields},
        fallback=questions.condition(policy.fallback_where, policy.block) if policy.fallback_where else 0,
        pools=[questions.condition(pool.where) for pool in policy.blend],
    )


def _sets(chart: Chart) -> list[int]:
    found = [chart.where, *(pool | chart.where for pool in chart.pools)]
    if chart.fallback:
        found += [chart.fallback, *(pool | chart.fallback for pool in chart.pools)]
    return list(dict.fromkeys(found))


def lenient_form(expr: Expr | None) -> Expr | None:
    """The same expression with every unknown value let in."""
    match expr:
        case None:
            return None
        case conditions.All():
            return conditions.All(all=[lenient_form(child) for child in expr.all])  # type: ignore[misc]
        case conditions.Any_():
            return conditions.Any_(any=[lenient_form(child) for child in expr.any])  # type: ignore[misc]
        case conditions.Not():
            return conditions.Not.model_validate({"not": lenient_form(expr.not_)})
    return expr.model_copy(update={"missing": "include"})


# --- figures


def _figures(
    policy: Policy, chart: Chart, counted: Census, steps: Sequence[Rules], playlists: int
) -> dict[str, Any]:
    rules, shape = steps[0], counted.shapes[chart.where]
    return {
        "catalogue": counted.total,
        "matched": counted.count(chart.where),
        "artists": capacity.artists(shape),
        "playlists": playlists,
        "count": rules.count,
        "per_artist": _limit(rules.caps.artist),
        "per_album": _limit(rules.caps.album),
        "gap_asked": rules.gap,
        "slots_per_day": playlists * rules.count,
        "tracks_needed": playlists * rules.count * max(rules.gap, 1),
        "longest_gap": capacity.longest_gap(shape, rules.caps, playlists=playlists, count=rules.count),
        "most_playlists": capacity.most_playlists(shape, rules.caps, gap=rules.gap, count=rules.count),
        "most_in_one_day": capacity.uses(shape, rules.caps, playlists),
        "lost_to_unknown": _lost(chart, counted),
        "unknown": {
            name: lost for name, bit in chart.unknown.items() if (lost := _lost(chart, counted, bit))
        },
        "rules": [_rule(chart, counted, rule, bit) for rule, bit in chart.rules],
        "pools": [_pool(rules, counted, quota, playlists) for quota in rules.quotas],
        "relax_steps": len(policy.relax),
        "kept_by": _kept_by(policy, counted, steps, playlists),
    }


def _limit(cap: int) -> int | None:
    return None if cap == UNLIMITED else cap


def _lost(chart: Chart, counted: Census, bit: int = 0) -> int:
    """Tracks that would match if unknown values (of one field, by its bit) did not count against them."""
    return counted.count(chart.lenient | bit) - counted.count(chart.lenient | bit | chart.where)


def _rule(chart: Chart, counted: Census, rule: Expr, bit: int) -> dict[str, Any]:
    passes, total = counted.count(bit), counted.total
    return {
        "rule": wording.words(rule),
        "passes": passes,
        "pass_rate": round(passes / total, 4) if total else 0.0,
        "would_add": counted.count(chart.where & ~bit, but=bit),
    }


def _pool(rules: Rules, counted: Census, quota: tuple[str, int, int], playlists: int) -> dict[str, Any]:
    name, places, mask = quota
    shape = counted.shapes[mask]
    return {
        "pool": name,
        "places": places,
        "matched": capacity.tracks(shape),
        "longest_gap": capacity.longest_gap(shape, rules.caps, playlists=playlists, count=places),
    }


def _kept_by(policy: Policy, counted: Census, steps: Sequence[Rules], playlists: int) -> list[str] | None:
    """The relax steps, in words, that lists take until they can be kept full for good: none of them (an empty
    list) for a sound policy, none at all (null) where even the last is not enough."""
    for number, rules in enumerate(steps):
        sets = [(rules.count, rules.base), *((places, mask) for _, places, mask in rules.quotas)]
        if all(
            capacity.longest_gap(counted.shapes[mask], rules.caps, playlists=playlists, count=places)
            >= max(rules.gap, 1)
            for places, mask in sets
        ):
            return [relaxation.describe(step) for step in policy.relax[:number]]
    return None
