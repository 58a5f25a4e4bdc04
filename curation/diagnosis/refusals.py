"""Why a track is not in a policy's lists today: the first rule that refuses it, in words."""

from __future__ import annotations

import datetime as dt

from catalog.models import Track
from curation.engine import candidates, demands
from curation.policy import wording
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
        return f"The track was used {_ago(days)} and rests {gap} days."
    return ""


def _rule(policy: Policy, track_id: int, today: dt.date, last_used: dt.date | None, *, pinned: bool) -> str:
    rules = [] if pinned else wording.rules(policy.where)
    questions = candidates.Questions(today)
    bits = [questions.condition(None, policy.block), *(questions.condition(rule) for rule in rules)]
    usage = {track_id: last_used} if last_used is not None else {}
    mask = candidates.answers(questions, track_id, usage=usage)
    if not mask & bits[0]:
        return "The policy blocks the track, its album or one of its artists."
    failed = next((rule for rule, bit in zip(rules, bits[1:], strict=True) if not mask & bit), None)
    return "" if failed is None else f"Not met: {wording.words(failed)}."


def _ago(days: int) -> str:
    return {0: "today", 1: "a day away"}.get(days, f"{days} days away")
