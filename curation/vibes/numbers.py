"""Figures in a sentence: decades, years, tempos, how many and how long; each becomes a mark with effects."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from curation.vibes.intent import MAX_COUNT
from curation.vibes.lexicon import Effect

MINUTES_PER_SONG = 3.6
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
NUMBER_WORDS: dict[str, float] = {
    **{word: number for number, word in enumerate(_COUNTED.split())},
    **{"a": 1, "an": 1, "half an": 0.5, "half a": 0.5, "a dozen": 12, "dozen": 12},
    **{"thirty": 30, "forty": 40, "fifty": 50},
}
_WORDS = "|".join(word for word in NUMBER_WORDS if " " not in word)
AMOUNT = rf"(\d{{1,3}}(?:[.,]\d)?|half an?|a dozen|{_WORDS})"
BPM = r"(\d{2,3})\s*(?:bpm|beats per minute)"
DECADE = r"'?((?:19|20)?\d0)(?:'?s|er)"
YEAR = r"((?:19|20)\d\d)"
SINCE = r"(?:since|from|starting|ab|seit|desde|depuis)"
BEFORE = r"(?:before|pre|until|till|up to|vor|bis|antes de|avant)"
AFTER = r"(?:after|post|later than|newer than|nach|despues de|apres)"

Found = list[Effect] | None
Handler = Callable[[re.Match[str], dt.date], Found]


def mark(folded: str, *, today: dt.date) -> tuple[str, dict[str, list[Effect]]]:
    """The text with each figure replaced by a mark (private characters), and what the marks mean."""
    found: dict[str, list[Effect]] = {}

    def put(match: re.Match[str], handle: Handler) -> str:
        effects = handle(match, today)
        if effects is None:
            return match.group()
        name = f"\ue000{len(found)}\ue001"
        found[name] = effects
        return f" {name} "

    for pattern, handle in PATTERNS:
        folded = pattern.sub(lambda match, handle=handle: put(match, handle), folded)  # type: ignore[misc]
    return folded, found


# --- years


def _years(low: int, high: int) -> Found:
    return [Effect("years", (low, high))] if 1900 <= low <= high <= 2100 else None


def _first_year(decade: str) -> int:
    year = int(decade)
    return year if year > 99 else year + (1900 if year >= 30 else 2000)


def _decade(match: re.Match[str], today: dt.date) -> Found:
    part, start = match.group(1), _first_year(match.group(2))
    low, high = {"early": (0, 3), "mid": (4, 6), "late": (6, 9)}.get(part or "", (0, 9))
    return _years(start + low, start + high)


def _decade_span(match: re.Match[str], today: dt.date) -> Found:
    return _years(_first_year(match.group(1)), _first_year(match.group(2)) + 9)


def _decade_since(match: re.Match[str], today: dt.date) -> Found:
    return _years(_first_year(match.group(1)), 2100)


def _decade_before(match: re.Match[str], today: dt.date) -> Found:
    return _years(1900, _first_year(match.group(1)) - 1)


def _decade_after(match: re.Match[str], today: dt.date) -> Found:
    return _years(_first_year(match.group(1)) + 10, 2100)


def _year_span(match: re.Match[str], today: dt.date) -> Found:
    first, second = sorted((int(match.group(1)), int(match.group(2))))
    return _years(first, second)


def _since(match: re.Match[str], today: dt.date) -> Found:
    return _years(int(match.group(1)), 2100)


def _after(match: re.Match[str], today: dt.date) -> Found:
    return _years(int(match.group(1)) + 1, 2100)


def _before(match: re.Match[str], today: dt.date) -> Found:
    return _years(1900, int(match.group(1)) - 1)


def _one_year(match: re.Match[str], today: dt.date) -> Found:
    return _years(int(match.group(1)), int(match.group(1)))


def _last_years(match: re.Match[str], today: dt.date) -> Found:
    years = int(_number(match.group(1)))
    return _years(max(1900, today.year - years), today.year) if years else None


def _this_year(match: re.Match[str], today: dt.date) -> Found:
    year = today.year - (match.group(1) != "this")
    return _years(year, year)


# --- tempo, length and number


def _number(text: str) -> float:
    return NUMBER_WORDS[text] if text in NUMBER_WORDS else float(text.replace(",", "."))


def _tempo(low: float | None, high: float | None) -> Found:
    if any(value is not None and not 30 <= value <= 300 for value in (low, high)):
        return None
    return [Effect("range", (low, high), "tempo")]


def _tempo_span(match: re.Match[str], today: dt.date) -> Found:
    low, high = sorted((int(match.group(1)), int(match.group(2))))
    return _tempo(low, high)


def _tempo_over(match: re.Match[str], today: dt.date) -> Found:
    return _tempo(int(match.group(1)), None)


def _tempo_under(match: re.Match[str], today: dt.date) -> Found:
    return _tempo(None, int(match.group(1)))


def _tempo_at(match: re.Match[str], today: dt.date) -> Found:
    value = int(match.group(1))
    return _tempo(value - 5, value + 5) if 35 <= value <= 295 else None


def _songs(match: re.Match[str], today: dt.date) -> Found:
    count = int(_number(match.group(1)))
    return [Effect("count", min(MAX_COUNT, count))] if count > 1 else None


def _hours(match: re.Match[str], today: dt.date) -> Found:
    return _minutes(_number(match.group(1)) * 60 + (30 if match.group(2) else 0))


def _some_minutes(match: re.Match[str], today: dt.date) -> Found:
    return _minutes(_number(match.group(1)))


def _minutes(minutes: float) -> Found:
    if minutes < 8:
        return None
    return [Effect("count", max(1, min(MAX_COUNT, round(minutes / MINUTES_PER_SONG))))]


def _song_length(match: re.Match[str], today: dt.date) -> Found:
    seconds = round(_number(match.group(2)) * 60)
    if not 30 <= seconds <= 1800:
        return None
    is_upper = match.group(1) in {"under", "below", "shorter than", "less than", "at most", "max", "unter"}
    return [Effect("seconds", (None, seconds) if is_upper else (seconds, None))]


_HANDLERS: list[tuple[str, Handler]] = [
    (rf"\b{AMOUNT}\s*(?:songs|tracks|tunes|titles|pieces|lieder|canciones|titres|songs long)\b", _songs),
    (
        r"\b(under|below|shorter than|less than|at most|max|unter|"
        r"over|above|longer than|more than|at least|uber) "
        rf"{AMOUNT}\s*(?:minutes?|mins?|minuten)\b",
        _song_length,
    ),
    (rf"\b{AMOUNT}[\s-]*(?:hours?|hrs?|h|stunden?|horas?|heures?)\b( and a half)?(?:[\s-]long)?", _hours),
    (rf"\b{AMOUNT}[\s-]*(?:minutes?|mins?|minuten|minutos)\b", _some_minutes),
    (rf"\b(\d{{2,3}})\s*(?:-|to|and|bis)\s*{BPM}", _tempo_span),
    (rf"(?:\b(?:over|above|at least|min|more than|faster than|from)|[>+])\s*{BPM}", _tempo_over),
    (rf"(?:\b(?:under|below|at most|max|less than|slower than|up to)|<)\s*{BPM}", _tempo_under),
    (rf"\b{BPM}", _tempo_at),
    (rf"\b(?:last|past|previous|letzten) {AMOUNT} (?:years|jahre|jahren)\b", _last_years),
    (r"\b(this|last) year\b", _this_year),
    (rf"{DECADE}\s*(?:-|to|through|until|till|bis)\s*(?:the )?{DECADE}\b", _decade_span),
    (rf"\b{SINCE} (?:the )?{DECADE}(?: on| onwards?)\b", _decade_since),
    (rf"\b(?:since|seit|desde|depuis) (?:the )?{DECADE}\b", _decade_since),
    (rf"\b{BEFORE}[ -](?:the )?{DECADE}\b", _decade_before),
    (rf"\b{AFTER}[ -](?:the )?{DECADE}\b", _decade_after),
    (rf"(?:\b(early|mid|late)[\s-]+)?(?<![\w.]){DECADE}\b", _decade),
    (r"\b(annees|anos|los)(?= \d0\b) ((?:19)?\d0)\b", lambda match, today: _decade_alone(match)),
    (rf"\b(?:between |from )?{YEAR}\s*(?:-|to|and|until|till|bis|through)\s*{YEAR}\b", _year_span),
    (rf"\b{AFTER} {YEAR}\b", _after),
    (rf"\b(?:since|starting|ab|seit|desde|depuis) {YEAR}\b", _since),
    (rf"\bfrom {YEAR} (?:on|onwards?|till now|until now|to now|to today)\b", _since),
    (rf"\b{YEAR}(?: and (?:later|newer)| onwards?|\+)", _since),
    (rf"\b{BEFORE}[ -]{YEAR}\b", _before),
    (rf"\b{YEAR} (?:and|or) (?:earlier|older|before)\b", _before),
    (rf"(?<![\w.]){YEAR}\b(?!\s*(?:bpm|songs|tracks))", _one_year),
]


def _decade_alone(match: re.Match[str]) -> Found:
    start = _first_year(match.group(2))
    return _years(start, start + 9)


PATTERNS = [(re.compile(pattern), handle) for pattern, handle in _HANDLERS]
