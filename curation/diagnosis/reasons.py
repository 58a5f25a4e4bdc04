"""Why a track is in a list, in words a person reads."""

from __future__ import annotations

from typing import Any

from accounts import plurals
from curation.policy import wording


def phrase(reasons: dict[str, Any]) -> str:
    """An entry's stored reasons as one short phrase."""
    parts = []
    if reasons.get("pinned"):
        parts.append(f"pinned at place {reasons['pinned']}")
    elif reasons.get("pool") not in (None, "rest"):
        parts.append(f"from the pool “{reasons['pool']}”")
    terms = reasons.get("terms") or {}
    best = max(terms, key=lambda name: terms[name], default=None)
    if best:
        parts.append(f"{wording.name(best)} fits ({terms[best]:.0%})")
    if reasons.get("rested") is not None:
        parts.append(f"rested {plurals.counted(reasons['rested'], 'day')}")
    if reasons.get("repeat"):
        parts.append("back before its rest was over")
    parts += [f"let in by: {words}" for words in reasons.get("relaxed") or []]
    return ", ".join(parts) or "matches the policy"
