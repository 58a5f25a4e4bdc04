"""What was heard in a sentence, settled: several words about one thing become one reading."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

from curation.vibes import lexicon
from curation.vibes.intent import Genre, Intent, Measure, Mention
from curation.vibes.lexicon import Effect

NAME_WORD = re.compile(r"[^\s,.;:!?()-]+")
TITLE = 60


@dataclass(slots=True)
class MeasureVote:
    """One word's wish for a measure: where it should lie, how much it counts, and whether it rules out."""

    to: float
    weight: float
    is_rule: bool
    margin: float


@dataclass(slots=True)
class ParseState:
    """Everything understood so far, before contradictions are settled."""

    today: dt.date
    genres: list[Genre] = field(default_factory=list)
    not_genres: list[Genre] = field(default_factory=list)
    pulls: dict[str, list[MeasureVote]] = field(default_factory=dict)
    ranges: dict[str, list[tuple[float | None, float | None, bool]]] = field(default_factory=dict)
    years: list[tuple[int, int]] = field(default_factory=list)
    not_years: list[tuple[int, int]] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    not_versions: list[str] = field(default_factory=list)
    seasons: list[str] = field(default_factory=list)
    not_seasons: list[str] = field(default_factory=list)
    flags: dict[str, Any] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def take(self, effect: Effect, *, negation: str, degree: float) -> None:
        match effect.kind:
            case "genre":
                (self.not_genres if negation else self.genres).append(effect.value)
            case "recent":
                span = (self.today.year - effect.value + 1, self.today.year)
                (self.not_years if negation else self.years).append(span)
            case "years":
                (self.not_years if negation else self.years).append(effect.value)
            case "version":
                (self.not_versions if negation else self.versions).append(effect.value)
            case "season" if effect.is_rule or negation:
                (self.not_seasons if negation else self.seasons).append(effect.value)
            case "season":
                self.flags["season_free"] = True
            case "feel":
                pull = _opposite(effect, negation) if negation else _vote(effect, degree)
                self.pulls.setdefault(effect.name, []).append(pull)
            case "range":
                low, high = _turned(*effect.value) if negation else effect.value
                self.ranges.setdefault(effect.name, []).append((low, high, effect.is_rule))
            case _:
                self._flag(effect, negation)

    def _flag(self, effect: Effect, negation: str) -> None:
        value = effect.value
        if negation and effect.kind == "popularity":
            value = "popular" if value == "hidden" else "hidden"
        elif negation and isinstance(value, bool):
            value = not value
        elif negation:
            return
        self.flags.setdefault(effect.kind, value)

    def reading(self, text: str, unknown: list[str]) -> Intent:
        measures = tuple(self._measures())
        genres = _distinct(self.genres)
        banned = [genre for genre in _distinct(self.not_genres) if genre not in genres]
        return Intent(
            genres=tuple(genres),
            not_genres=tuple(banned),
            measures=measures,
            years=_joined(self.years),
            not_years=_joined(self.not_years),
            versions=tuple(dict.fromkeys(self.versions)),
            not_versions=tuple(dict.fromkeys(self.not_versions)),
            seasons=tuple(dict.fromkeys(self.seasons)),
            not_seasons=tuple(dict.fromkeys(self.not_seasons)),
            mentions=tuple(_as_written(mention, text) for mention in self.mentions),
            strangers=tuple(dict.fromkeys(unknown)),
            title=title_of(text),
            notes=tuple(self.notes),
            **self.flags,
        )

    def _measures(self) -> list[Measure]:
        settled = [self._settle(name, pulls) for name, pulls in self.pulls.items() if name not in self.ranges]
        return settled + [_crossed(name, ranges) for name, ranges in self.ranges.items()]

    def _settle(self, name: str, pulls: list[MeasureVote]) -> Measure:
        """Several words about one measure: their mean, a rule only where they agree about the direction."""
        total = sum(pull.weight for pull in pulls)
        near = sum(pull.to * pull.weight for pull in pulls) / total
        rules = [pull for pull in pulls if pull.is_rule]
        weight = min(3.0, max(pull.weight for pull in pulls))
        if name == "release_year" or not rules:
            return Measure(name, near=near, weight=weight)
        if max(p.to for p in rules) >= 0.55 and min(p.to for p in rules) <= 0.45:
            self.notes.append(f"The words pull both ways on {name}, so the songs aim between.")
            return Measure(name, near=near, weight=weight)
        margin = min(pull.margin for pull in rules)
        if abs(near - 0.5) < 0.02:
            low, high = round(near - margin, 2), round(near + margin, 2)
            return Measure(name, low=low, high=high, near=near, weight=weight)
        if near > 0.5:
            return Measure(name, low=round(max(0.0, near - margin), 2), near=near, weight=weight)
        return Measure(name, high=round(min(1.0, near + margin), 2), near=near, weight=weight)


def _vote(effect: Effect, degree: float) -> MeasureVote:
    to = float(effect.value)
    if degree > 1:
        to += (0.08 if to > 0.5 else -0.08) if 0 < to < 1 else 0
    elif degree < 1:
        to = 0.5 + (to - 0.5) * 0.6
    to = min(0.95, max(0.05, to)) if effect.name not in lexicon.UNBOUNDED else float(effect.value)
    margin = 0.15 if degree > 1 else 0.22
    return MeasureVote(to, (2.0 if effect.is_rule else 1.0) * max(0.6, degree), effect.is_rule, margin)


def _opposite(effect: Effect, negation: str) -> MeasureVote:
    """'not sad' keeps away from sad and leans to the other side; 'not too sad' only cuts off the far end."""
    to = float(effect.value)
    if effect.name in lexicon.UNBOUNDED:
        return MeasureVote(to, 0.0001, False, 0.2)
    edge = to + 0.2 if to < 0.5 else to - 0.2
    lean = 0.55 if negation == "mild" else 0.65
    target = lean if to < 0.5 else 1 - lean
    return MeasureVote(target, 1.2, True, max(0.05, abs(target - edge)))


def _turned(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The other side of a range that is open at one end; a closed one can only be left alone."""
    return (high, low) if (low is None) != (high is None) else (None, None)


def _crossed(name: str, ranges: list[tuple[float | None, float | None, bool]]) -> Measure:
    """What several ranges have in common; the last one alone where they have nothing."""
    rules = [r for r in ranges if r[2]] or ranges
    low = max((r[0] for r in rules if r[0] is not None), default=None)
    high = min((r[1] for r in rules if r[1] is not None), default=None)
    if low is not None and high is not None and low > high:
        low, high = rules[-1][0], rules[-1][1]
    near = (low + high) / 2 if low is not None and high is not None else _beyond(low, high)
    if not any(r[2] for r in ranges):
        low = high = None
    return Measure(name, low=low, high=high, near=near, weight=1.5)


def _beyond(low: float | None, high: float | None) -> float | None:
    if low is None and high is None:
        return None
    return low + 15 if low is not None else (high or 0) - 12


def _distinct(genres: list[Genre]) -> list[Genre]:
    return list(dict.fromkeys(genres))


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Year ranges in order, neighbours merged: 1970-1979 and 1980-1989 are one."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(set(spans)):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def _as_written(mention: Mention, text: str) -> Mention:
    """The guesses with the capitals and accents they were typed with."""
    typed = {lexicon.fold(word): word for word in NAME_WORD.findall(text)}
    named = [guess for guess in mention.guesses if guess not in lexicon.SILENT]
    spelt = tuple(" ".join(typed.get(word, word) for word in guess.split()) for guess in named)
    return dataclasses.replace(mention, guesses=spelt)


NAME_WORD = re.compile(r"[^\s,.;:!?()-]+")


def title_of(text: str) -> str:
    """The sentence as a title: its first letter capital, cut at a word after sixty characters."""
    if not text:
        return "Untitled vibe"
    short = text if len(text) <= 60 else text[:60].rsplit(" ", 1)[0].rstrip(",;:- ") + "…"
    return short[0].upper() + short[1:]
