"""Plans and snapshots as sentences for operators; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def plain(value: Any) -> str:
    """A piece of JSON as words: {"usable": 25000} becomes "usable 25,000"."""
    if isinstance(value, Mapping):
        return ", ".join(f"{str(key).replace('_', ' ')} {plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def fact(value: Any) -> str:
    """One fact of a run as it stands in its detail: rows become how many they are."""
    if isinstance(value, list | tuple):
        return f"{len(value):,}" if value else "none"
    if isinstance(value, Mapping) and "words" in value:
        return str(value["words"])
    return plain(value) or "none"


def formula(stats: Mapping[str, Any]) -> str:
    """The planner's formula with its numbers."""
    tracks, size, rest = stats.get("T", 0), stats.get("K", 1), stats.get("R", 1)
    wanted = stats.get("p_target", "?")
    return f"P* = ⌈T / (K × R)⌉ = ⌈{tracks:,} / ({size} × {rest})⌉ = {wanted}"


def guards(stats: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What moved the planned number away from the formula's, name and figure."""
    names = [
        ("p_safe", "P_safe: as many as can rest R days"),
        ("floor", "Floor"),
        ("capacity", "Capacity: active accounts × their caps"),
        ("active_accounts", "Active accounts"),
        ("p_planned", "Planned"),
        ("obtained_gap_days", "Gap obtained, days"),
    ]
    return [
        (label, f"{stats[key]:,}" if isinstance(stats[key], int) else str(stats[key]))
        for key, label in names
        if key in stats
    ]


def action(step: Mapping[str, Any]) -> dict[str, str]:
    """One step of a plan, {"action": "create|retire|place|move|remove", ...}, as kind, text and reason."""
    kind = str(step.get("action", "?"))
    number = f"#{step.get('global_index', 0):03}"
    match kind:
        case "create":
            text = f"Create {number} “{step.get('theme_tag', '')}”"
        case "retire":
            text = f"Retire {number} “{step.get('playlist', '')}”"
        case "place":
            text = f"Put {number} on {step.get('account', '?')}"
        case "move":
            text = f"Move {number} from {step.get('from_account', '?')} to {step.get('to_account', '?')}"
        case "remove":
            text = f"Take {number} off {step.get('account', '?')}"
        case _:
            text = f"{kind.capitalize()} {number}"
    return {"kind": kind, "text": text, "reason": str(step.get("reason", ""))}


def duration(seconds: float) -> str:
    """ "4.2 s", "12 min", "3 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def outline(plan: Any) -> str:
    """A worked-out plan in two sentences: its size and its changes by kind."""
    kinds = Counter(str(step["action"]) for step in plan.actions)
    changes = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())) or "none"
    return f"{formula(plan.stats)}, planned {plan.stats.get('p_planned', '?')}. Changes: {changes}."


def difference(today: Iterable[int], yesterday: Iterable[int]) -> dict[str, int]:
    """How a list changed: track ids that came, went and stayed."""
    new, old = set(today), set(yesterday)
    return {"came": len(new - old), "went": len(old - new), "stayed": len(new & old)}
