"""What a policy prefers: a score from 0 to 1 per track, the weighted mean of its known terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from curation.policy import fields

if TYPE_CHECKING:
    from curation.policy.language import Policy, Score, Term

NEUTRAL = 0.5
Values = Sequence[float | None]


def wanted(policies: Sequence[Policy]) -> tuple[str, ...]:
    """The number fields that any score term of these policies reads, each once, sorted."""
    return tuple(sorted({term.field for policy in policies for term in policy.score.terms}))


def scorer(score: Score, names: Sequence[str]) -> Callable[[Values], float] | None:
    """A function from the values of `names` to a score; none where the policy prefers nothing."""
    terms = [(names.index(term.field), abs(term.weight), term) for term in score.terms if term.weight]
    if not terms:
        return None

    def compute(values: Values) -> float:
        total = weight = 0.0
        for index, share, term in terms:
            value = values[index]
            if value is not None:
                total += share * part(term, value)
                weight += share
        return total / weight if weight else NEUTRAL

    return compute


def part(term: Term, value: float) -> float:
    """One term's 0..1; a negative weight turns it round."""
    shaped = _shaped(term, value)
    return shaped if term.weight > 0 else 1.0 - shaped


def parts(score: Score, names: Sequence[str], values: Values) -> dict[str, float]:
    """Each known term's 0..1 by field, for the reasons of an entry."""
    if not score.terms:
        return {}
    known = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return {
        term.field: round(part(term, known[term.field]), 3) for term in score.terms if term.field in known
    }


def _shaped(term: Term, value: float) -> float:
    if term.shape == "near":
        return float(2.0 ** -(((value - (term.at or 0.0)) / (term.width or 1.0)) ** 2))
    if term.shape == "half_life":
        return float(0.5 ** (max(value - (term.at or 0.0), 0.0) / (term.width or 1.0)))
    field = fields.FIELDS[term.field]
    low = field.low if term.at is None else term.at
    span = term.width if term.width is not None else field.high - low
    return min(max((value - low) / span, 0.0), 1.0) if span > 0 else float(value >= low)
