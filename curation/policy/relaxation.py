"""Relax steps: what may give way, whether a step really is looser, and the policy after the first n steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts import plurals

if TYPE_CHECKING:
    from curation.policy.language import Policy, Relax

PATHS = (
    "order.artist_gap",
    "order.album_gap",
    "limits.per_artist",
    "limits.per_album",
    "limits.one_per_recording",
    "rotation.repeat_gap_days",
    "blend",
    "where",
)
_UNLIMITED = 10**9


def problems(policy: Policy) -> list[dict[str, str]]:
    """One {"path", "message"} for each step that is impossible, incomplete or tighter than what it
    replaces."""
    found = []
    for number, step in enumerate(policy.relax):
        message = _problem(after(policy, number), step)
        if message:
            found.append({"path": f"relax[{number}]", "message": message})
    return found


def after(policy: Policy, steps: int) -> Policy:
    """The policy with its first `steps` relax steps taken, cumulatively."""
    for step in policy.relax[:steps]:
        policy = _apply(policy, step)
    return policy


def describe(step: Relax) -> str:
    """The step in words, for people: 'at most 3 per artist'."""
    match step.path:
        case "where":
            return "the fallback condition instead of the first"
        case "blend":
            return "the shares of the blend no longer hold"
        case "limits.one_per_recording":
            return "the same recording may stand twice"
        case "limits.per_artist" | "limits.per_album":
            noun = step.path.removeprefix("limits.per_")
            return f"no limit per {noun}" if step.to is None else f"at most {step.to} per {noun}"
        case "rotation.repeat_gap_days":
            return f"a rest of {plurals.counted(step.to, 'day')} instead"
    noun = step.path.removeprefix("order.").removesuffix("_gap")
    return f"{plurals.counted(step.to, 'track')} between two of one {noun}"


def _problem(policy: Policy, step: Relax) -> str:
    if step.path == "where":
        return "" if policy.fallback_where is not None else "needs a fallback_where to fall back to"
    if step.path == "blend":
        return ""
    if step.path == "limits.one_per_recording":
        return "" if step.to is False else "can only be relaxed to false"
    if isinstance(step.to, bool) or (step.to is None and not step.path.startswith("limits.")):
        return "needs a whole number in 'to'"
    return _number_problem(policy, step)


def _number_problem(policy: Policy, step: Relax) -> str:
    part, name = step.path.split(".")
    current: Any = getattr(getattr(policy, part), name)
    if part == "limits":
        now, then = (_UNLIMITED if value is None else value for value in (current, step.to))
        return "" if 1 <= now <= then else f"is tighter than the {current or 'unlimited'} it replaces"
    if step.to is not None and step.to < 0:
        return "can not be negative"
    is_looser = current is None or (step.to is not None and step.to <= current)
    return "" if is_looser else f"is tighter than the {current} it replaces"


def _apply(policy: Policy, step: Relax) -> Policy:
    if step.path == "where":
        return policy.model_copy(update={"where": policy.fallback_where})
    if step.path == "blend":
        return policy.model_copy(update={"blend": []})
    part, name = step.path.split(".")
    inner = getattr(policy, part)
    return policy.model_copy(update={part: inner.model_copy(update={name: step.to})})
