"""A vibe.policy/1 document and a track's facts in the words of listeners: chips, summaries, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.vibes.compose import UNASKED_VERSIONS

# measure -> (words for its low end, words for its high end)
ENDS = {
    "energy": ("calm", "energetic"),
    "valence": ("sad", "happy"),
    "danceability": ("still", "danceable"),
    "acousticness": ("electric", "acoustic"),
    "instrumentalness": ("with vocals", "no vocals"),
    "speechiness": ("few spoken words", "wordy"),
    "liveness": ("studio sound", "live feel"),
    "loudness": ("quiet", "loud"),
    "popularity": ("little known", "well known"),
}
# Score terms near these values are leanings worth a word; the middle is not.
LEAN_LOW, LEAN_HIGH = 0.42, 0.58
ARCS = {
    "build": "building up",
    "wind_down": "winding down",
    "peak": "rising to a peak",
    "wave": "in waves",
    "flat": "even all through",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that was understood: a rule, a `not`, a `lean` (preferred) or an `arc` (how it runs)."""

    text: str
    kind: str = "rule"

    @property
    def key(self) -> str:
        """What a form sends to say which one is meant."""
        return f"{self.kind}:{self.text}"


def chips(policy: Mapping[str, Any]) -> list[Chip]:
    """What a policy asks for, rules first, each said once."""
    rules = list(_said(policy.get("where") or {"all": []}))
    ruled = {field for field, _ in rules}
    leans = [chip for field, chip in leanings(policy) if field not in ruled]
    arc = (policy.get("order") or {}).get("arc") if (policy.get("order") or {}).get("by") == "arc" else None
    found = [chip for _, chip in rules] + leans + ([Chip(ARCS[arc], "arc")] if arc in ARCS else [])
    return list(dict.fromkeys(found))


def summary(policy: Mapping[str, Any]) -> str:
    """One sentence: 'Calm, no vocals, 1980s; leaning acoustic; without metal.'"""
    found = chips(policy)
    groups = [
        ", ".join(chip.text for chip in found if chip.kind == "rule"),
        _prefixed("leaning ", [chip.text for chip in found if chip.kind == "lean"]),
        ", ".join(chip.text for chip in found if chip.kind == "arc"),
        ", ".join(chip.text for chip in found if chip.kind == "not"),
    ]
    text = "; ".join(group for group in groups if group) or "a varied selection from the whole catalogue"
    return text[0].upper() + text[1:] + "."


def tone(policy: Mapping[str, Any]) -> str:
    """The mood's quarter, for the page's accent: '' (lively, bright), calm, dusk or storm."""
    near = {term["field"]: term.get("at") for term in (policy.get("score") or {}).get("terms", ())}
    energy, valence = near.get("energy"), near.get("valence")
    if energy is None and valence is None:
        return ""
    is_lively = (0.5 if energy is None else energy) > 0.5
    is_bright = (0.5 if valence is None else valence) >= 0.45
    return {(True, True): "", (False, True): "calm", (False, False): "dusk", (True, False): "storm"}[
        is_lively, is_bright
    ]


def reason(track: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    """Why this track, from its own facts: 'Folk from 2014, calm and acoustic, no vocals'."""
    asked = {leaf["field"] for leaf, _ in leaves(policy.get("where") or {"all": []})}
    terms = (policy.get("score") or {}).get("terms", ())
    asked |= {
        term["field"] for term in terms if term["field"] != "popularity" or term.get("weight", 1) >= 0.8
    }
    opening = " ".join(filter(None, [_genre_of(track, policy), _year_of(track)]))
    sounds = [word for field in ENDS if field in asked and (word := _sound(field, track.get(field)))]
    if track.get("tempo") and "tempo" in asked:
        sounds.append(f"{round(track['tempo'])} BPM")
    if not sounds and "energy" not in track and asked & set(ENDS) - {"popularity"}:
        sounds.append("its sound has not been measured")
    text = ", ".join(filter(None, [opening, *sounds[:4]])) or "from the catalogue"
    return text[0].upper() + text[1:]


def length(milliseconds: int) -> str:
    """'3:05', '1:02:09'."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def spoken_length(milliseconds: int) -> str:
    """'38 min', '1 h 4 min'."""
    hours, minutes = divmod(round(milliseconds / 60_000), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


# --- the condition in words


def leaves(expr: Mapping[str, Any], *, denied: bool = False) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """The single conditions of an expression, each with whether it stands under a `not`."""
    if "field" in expr:
        yield expr, denied
    for part in [*expr.get("all", ()), *expr.get("any", ())]:
        yield from leaves(part, denied=denied)
    if "not" in expr:
        yield from leaves(expr["not"], denied=not denied)


def _said(where: Mapping[str, Any]) -> Iterator[tuple[str, Chip]]:
    genres = genre_chip(where)
    if genres is not None:
        yield "genre", genres
    for leaf, is_denied in leaves(where):
        chip = chip_of(leaf, denied=is_denied)
        if chip is not None:
            yield leaf["field"], chip


def genre_chip(where: Mapping[str, Any]) -> Chip | None:
    """All genres that are welcome, in one; None where any is."""
    genres = _wanted_genres(where)
    more = f" and {len(genres) - 3} more" if len(genres) > 3 else ""
    return Chip(" / ".join(genres[:3]) + more) if genres else None


def chip_of(leaf: Mapping[str, Any], *, denied: bool) -> Chip | None:
    """What one condition says; None where it says nothing to people, or is one of the welcome genres."""
    text = "" if leaf["field"] == "genre" and not denied else _leaf(leaf)
    if not text:
        return None
    is_ban = denied != (leaf["op"] in {"not_in", "ne"})
    return Chip(f"no {text}", "not") if is_ban else Chip(text)


def _wanted_genres(where: Mapping[str, Any]) -> list[str]:
    wanted = [
        leaf["value"].lower()
        for leaf, is_denied in leaves(where)
        if leaf["field"] == "genre" and not is_denied and isinstance(leaf["value"], str)
    ]
    return list(dict.fromkeys(wanted))


def _leaf(leaf: Mapping[str, Any]) -> str:
    field, op, value = leaf["field"], leaf["op"], leaf["value"]
    match field:
        case "genre" | "title" | "album" | "label" | "tag":
            return _listed(value)
        case "artist":
            return f"{_listed(value)}" if op in {"not_in", "ne"} else f"by {_listed(value)}"
        case "version":
            return _versions(op, value)
        case "season":
            return "" if value == "none" else f"{_listed(value)} songs"
        case "release_year":
            return _years(op, value)
        case "tempo":
            return _bounded(op, value, "{} BPM")
        case "duration_s":
            return _bounded(op, value, "{} long", length_of=True)
        case "explicit":
            return "explicit" if value else "nothing explicit"
        case "mode_major":
            return "major key" if value else "minor key"
    return _end(field, op, value)


def _versions(op: str, value: Any) -> str:
    """The versions that were asked for or ruled out; those left out by default need no word."""
    named = [value] if isinstance(value, str) else list(value)
    if op in {"not_in", "ne"}:
        named = [name for name in named if name not in UNASKED_VERSIONS]
    return f"{', '.join(named).replace('_', ' ')} versions" if named else ""


def _end(field: str, op: str, value: Any) -> str:
    low, high = ENDS.get(field, (f"low {field}", f"high {field}"))
    if op in {"gte", "gt"}:
        return high if _share(field, value) >= 0.5 else f"not too {low}"
    if op in {"lte", "lt"}:
        return low if _share(field, value) <= 0.55 else f"not too {high}"
    if op == "between":
        middle = (value[0] + value[1]) / 2
        return f"medium {field}" if 0.4 <= middle <= 0.6 else (low if middle < 0.4 else high)
    return ""


def _share(field: str, value: float) -> float:
    """A measure on the scale from 0 to 1."""
    return value / 100 if field == "popularity" else (value + 30) / 30 if field == "loudness" else value


def _years(op: str, value: Any) -> str:
    if op != "between":
        return _bounded(op, value, "{}")
    low, high = round(value[0]), round(value[1])
    if low == high:
        return str(low)
    if high >= 2100:
        return f"since {low}"
    if low <= 1900:
        return f"until {high}"
    is_decades = low % 10 == 0 and high % 10 == 9
    if is_decades:
        return f"{low}s" if high - low == 9 else f"{low}s to {high - 9}s"
    return f"{low} to {high}"


def _bounded(op: str, value: Any, pattern: str, *, length_of: bool = False) -> str:
    def said(number: float) -> str:
        return length(round(number * 1000)) if length_of else f"{number:g}"

    if op == "between":
        return pattern.format(f"{said(value[0])} to {said(value[1])}")
    words = {"gte": "at least", "gt": "over", "lte": "at most", "lt": "under"}
    return pattern.format(f"{words[op]} {said(value)}") if op in words else ""


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(str(part) for part in value)


def _prefixed(prefix: str, texts: Sequence[str]) -> str:
    return prefix + ", ".join(texts) if texts else ""


def leanings(policy: Mapping[str, Any]) -> Iterator[tuple[str, Chip]]:
    """The measures that a policy prefers low or high, each with its chip."""
    for term in (policy.get("score") or {}).get("terms", ()):
        at, field = term.get("at"), term["field"]
        if term.get("shape") != "near" or at is None or field not in ENDS:
            continue
        share = _share(field, at)
        if share <= LEAN_LOW:
            yield field, Chip(ENDS[field][0], "lean")
        elif share >= LEAN_HIGH:
            yield field, Chip(ENDS[field][1], "lean")


# --- a track in words


def _genre_of(track: Mapping[str, Any], policy: Mapping[str, Any]) -> str:
    """The track's genre that the policy asked for, else its first."""
    own = [genre for genre in track.get("genres") or () if genre]
    wanted = _wanted_genres(policy.get("where") or {"all": []})
    return next(
        (genre for genre in own if any(term in genre.lower() for term in wanted)), own[0] if own else ""
    )


def _year_of(track: Mapping[str, Any]) -> str:
    return f"from {track['release_year']}" if track.get("release_year") else ""


def _sound(field: str, value: float | None) -> str:
    if value is None:
        return ""
    share = _share(field, value)
    low, high = ENDS[field]
    if field == "instrumentalness":
        return high if share >= 0.5 else ""
    return low if share <= 0.35 else high if share >= 0.65 else ""
