"""Why a track is not in a policy's lists today: the first rule that refuses it, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts import plurals
from catalog.models import Track
from curation.engine import candidates, demands
from curation.policy import conditions, wording
from curation.policy.conditions import Expr
from curation.policy.language import Policy


def first(
    policy: Policy, track_id: int, *, today: dt.date, gap_days: int, last_used: dt.date | None = None
) -> str:
    """The first rule in the order of work (usable, block, where, rotation) that refuses the track; an empty
    text where none does. A pin of today stands above where and rotation. `last_used` is its nearest use in
    the policy's scope. Two queries."""
    track = Track.objects.filter(pk=track_id).with_reason().values("reason", "spotify_id").first()  # type: ignore[misc]
    if track is None:
        return "There is no such track in the catalogue."
    if (reason := track["reason"]) != "usable":
        return f"The track is not usable: {reason.replace('_', ' ')}."
    pinned = any(pin.is_on(today) and pin.track == track["spotify_id"] for pin in policy.pin)
    if refused := _rule(policy, track_id, today, last_used, pinned=pinned):
        return refused
    if pinned:
        return ""
    gap = demands.gap(policy, gap_days)
    if last_used is not None and (days := abs((today - last_used).days)) < gap:
        return f"The track was used {_ago(days)} and rests {plurals.counted(gap, 'day')}."
    return ""


@dataclass(frozen=True)
class _Asked:
    """A rule with the bits of its answers: as it stands, with unknown values let in, and of each field of it
    whether it is known."""

    rule: Expr
    bit: int
    lenient: int
    fields: dict[str, tuple[int, int]]

    @classmethod
    def of(cls, rule: Expr, questions: candidates.Questions) -> _Asked:
        known = {
            leaf.field: (
                questions.condition(conditions.with_missing(leaf, "include")),
                questions.condition(conditions.with_missing(leaf, "exclude")),
            )
            for leaf in conditions.leaves(rule)
        }
        lenient = questions.condition(conditions.with_missing(rule, "include"))
        return cls(rule, questions.condition(rule), lenient, known)

    def sentence(self, mask: int) -> str:
        """Why the track of this mask fails the rule: a value is not known, or it does not fit."""
        said = wording.words(self.rule)
        if not mask & self.lenient:
            return f"Not met: {said}."
        unknown = [
            wording.name(field)
            for field, (let_in, kept_out) in self.fields.items()
            if mask & let_in and not mask & kept_out
        ]
        are = plurals.verb(len(unknown), "is", "are")
        return (
            f"Unknown: the track's {' and '.join(unknown)} {are} not known, and the policy asks that {said}. "
            "Find it out (audio features and genres have sources of their own), or let the rule include "
            "unknown values."
        )


def _rule(policy: Policy, track_id: int, today: dt.date, last_used: dt.date | None, *, pinned: bool) -> str:
    rules = [] if pinned else wording.rules(policy.where)
    questions = candidates.Questions(today)
    unblocked = questions.condition(None, policy.block)
    asked = [_Asked.of(rule, questions) for rule in rules]
    usage = {track_id: last_used} if last_used is not None else {}
    mask = candidates.answers(questions, track_id, usage=usage)
    if not mask & unblocked:
        return "The policy blocks the track, its album or one of its artists."
    failed = next((one for one in asked if not mask & one.bit), None)
    return "" if failed is None else failed.sentence(mask)


def _ago(days: int) -> str:
    return {0: "today", 1: "a day away"}.get(days, f"{plurals.counted(days, 'day')} away")
