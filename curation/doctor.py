"""Examines a policy before it runs: how many tracks match, what its playlists need, what can be kept, what to
change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from curation import candidates, capacity, conditions, demands, expressions, fields, wording
from curation.allocation import UNLIMITED, Item
from curation.conditions import Expr
from curation.expressions import Sql
from curation.policy import Policy


@dataclass(frozen=True)
class Diagnosis:
    """One sentence for an operator and the figures behind it; `is_sound` if the playlists can be kept
    full."""

    sentence: str
    is_sound: bool
    figures: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """What was counted; decides the sentence."""

    playlists: int
    count: int
    gap: int
    catalogue: int
    matched: int
    longest_gap: int
    most_playlists: int
    one_day: int
    lost_to_unknown: int
    per_artist: int | None
    rules: list[dict[str, Any]] = field(default_factory=list)

    @property
    def needed(self) -> int:
        return self.playlists * self.count * max(self.gap, 1)


def examine(policy: Policy, *, playlists: int, today: dt.date, count: int, gap_days: int) -> Diagnosis:
    """Diagnose a policy for a number of playlists, by itself: what other policies take of the same tracks is
    the planner's question. `count` and `gap_days` are the network's. Two queries."""
    questions, (bits,) = candidates.ask([replace_score(policy)], today=today)
    items = [item for item in candidates.select(questions) if item.mask & bits.where]
    rules = demands.rules(policy, bits, steps=0, count=count, gap_days=gap_days)
    shape = capacity.shape(items)
    wanted = max(playlists, 1)
    counts = _counts(policy, today)
    finding = Finding(
        playlists=wanted,
        count=rules.count,
        gap=rules.gap,
        catalogue=counts["catalogue"],
        matched=len(items),
        longest_gap=capacity.longest_gap(shape, rules.caps, playlists=wanted, count=rules.count),
        most_playlists=capacity.most_playlists(shape, rules.caps, gap=rules.gap, count=rules.count),
        one_day=capacity.uses(shape, rules.caps, wanted),
        lost_to_unknown=counts["lost_to_unknown"],
        per_artist=None if rules.caps.artist == UNLIMITED else rules.caps.artist,
        rules=counts["rules"],
    )
    return Diagnosis(
        sentence(finding), finding.longest_gap >= max(finding.gap, 1), _figures(finding, policy, items)
    )


def replace_score(policy: Policy) -> Policy:
    """The policy without its preferences: they do not change what is possible, and cost time to read."""
    return policy.model_copy(update={"score": type(policy.score)()})


def sentence(found: Finding) -> str:
    """The diagnosis in one sentence."""
    noun = "playlist" if found.playlists == 1 else "playlists"
    daily = found.playlists * found.count
    start = (
        f"{found.matched:,} of {found.catalogue:,} tracks match; {found.playlists} {noun} of {found.count}"
    )
    if found.longest_gap >= max(found.gap, 1):
        kept = "a year and more" if found.longest_gap > 365 else _days(found.longest_gap)
        rest = f"each track can rest {kept} ({_days(found.gap)} asked)"
        return f"{start} need {daily:,} a day, so {rest}: nothing to change."
    start += f" that rest {_days(found.gap)} need {found.needed:,}"
    if found.one_day < daily:
        kept = f"not even one day can be filled ({found.one_day:,} of {daily:,} places{_why_few(found)})"
    else:
        kept = f"the longest rest that can be kept is {_days(found.longest_gap)}"
    return f"{start}: {kept}; {_advice(found)}."


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _why_few(found: Finding) -> str:
    capped = found.matched >= found.playlists * found.count and found.per_artist is not None
    return f", with at most {found.per_artist} per artist" if capped else ""


def _advice(found: Finding) -> str:
    """What to change, the most telling first."""
    ways = []
    if 0 < found.most_playlists < found.playlists:
        ways.append(f"give it {found.most_playlists} instead of {found.playlists}")
    if found.longest_gap > 0:
        ways.append(f"ask for {_days(found.longest_gap)} of rest")
    if found.rules and (widest := max(found.rules, key=lambda rule: int(rule["would_add"])))["would_add"]:
        ways.append(f"widen “{widest['rule']}” (alone it keeps out {widest['would_add']:,})")
    if found.lost_to_unknown:
        ways.append(f'let unknown values in ("missing": "include" would add {found.lost_to_unknown:,})')
    return " or ".join(ways[:3]) or "widen the conditions or ingest more albums"


# --- counting


def _counts(policy: Policy, today: dt.date) -> dict[str, Any]:
    """Tracks passing each rule, what each rule alone keeps out, and what is lost to unknown values."""
    rules = wording.rules(policy.where)
    parts = [expressions.sql(rule, today=today) for rule in rules]
    everything = expressions.join(parts, "AND")
    without = [expressions.join(parts[:n] + parts[n + 1 :], "AND") for n in range(len(parts))]
    lenient = expressions.sql(lenient_form(policy.where), today=today)
    unknown = [Sql(f"{expressions.value(name)} IS NULL") for name in _audio(policy)]
    asked = [everything, lenient, *parts, *without, *unknown]
    total, matched, relaxed, *rest = candidates.tally(asked, expressions.read_by(policy.where), today=today)
    passed, alone, missing = rest[: len(parts)], rest[len(parts) : 2 * len(parts)], rest[2 * len(parts) :]
    return {
        "catalogue": total,
        "lost_to_unknown": max(relaxed - matched, 0),
        "rules": [
            {
                "rule": wording.words(rule),
                "passes": yes,
                "pass_rate": _share(yes, total),
                "would_add": free - matched,
            }
            for rule, yes, free in zip(rules, passed, alone, strict=True)
        ],
        "unknown": dict(zip(_audio(policy), missing, strict=True)),
    }


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


def _audio(policy: Policy) -> list[str]:
    """The audio fields that the conditions read, as far as they are numbers."""
    asked = {leaf.field for leaf in conditions.leaves(policy.where)}
    return sorted(
        name for name in asked if fields.FIELDS[name].is_audio and fields.FIELDS[name].kind == "number"
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _figures(found: Finding, policy: Policy, items: Sequence[Item]) -> dict[str, Any]:
    return {
        "catalogue": found.catalogue,
        "matched": found.matched,
        "playlists": found.playlists,
        "count": found.count,
        "gap_asked": found.gap,
        "slots_per_day": found.playlists * found.count,
        "tracks_needed": found.needed,
        "longest_gap": found.longest_gap,
        "most_playlists": found.most_playlists,
        "most_in_one_day": found.one_day,
        "artists": len({artist for item in items for artist in item.artists}),
        "lost_to_unknown": found.lost_to_unknown,
        "rules": found.rules,
        "relax_steps": len(policy.relax),
    }
