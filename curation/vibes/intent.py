"""What an interpreter understood of a sentence: genres, measures, years, and what is ruled out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

MAX_COUNT = 50
SPREAD = {"tempo": 15.0, "loudness": 6.0, "release_year": 12.0, "popularity": 20.0}
DEFAULT_SPREAD = 0.2
RANGES = {"tempo": (30.0, 300.0), "loudness": (-60.0, 0.0), "release_year": (1900.0, 2100.0)}


@dataclass(frozen=True, slots=True)
class Measure:
    """Where one measure should lie: `low`/`high` rule out, `near` is preferred with `weight`."""

    name: str
    low: float | None = None
    high: float | None = None
    near: float | None = None
    weight: float = 1.0

    @property
    def is_rule(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that may be an artist's: the words after 'like', 'by' or 'no', longest guess first."""

    relation: str  # like | by | not
    guesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genre:
    """A genre by the name people know, and what an album's genre must contain for it."""

    name: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """A sentence, understood. Years are inclusive; `lenient` lets songs in whose measures are unknown."""

    genres: tuple[Genre, ...] = ()
    not_genres: tuple[Genre, ...] = ()
    measures: tuple[Measure, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    not_years: tuple[tuple[int, int], ...] = ()
    instrumental: bool | None = None
    explicit: bool | None = None  # False: none; True: welcome
    popularity: str | None = None  # popular | hidden
    versions: tuple[str, ...] = ()
    not_versions: tuple[str, ...] = ()
    seasons: tuple[str, ...] = ()
    not_seasons: tuple[str, ...] = ()
    season_free: bool = False  # lets songs of any season in, which else only those come in that ask for one
    mode_major: bool | None = None
    seconds: tuple[int | None, int | None] = (None, None)
    arc: str | None = None
    count: int | None = None
    artists: tuple[str, ...] = ()
    not_artists: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    strangers: tuple[str, ...] = ()  # words that nothing was known about
    lenient: bool = False
    unheard: bool = False  # lets in songs of which it is unknown whether they have vocals
    title: str = ""
    summary: str = ""
    notes: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing in it would choose one track over another."""
        silent = {
            "count",
            "mentions",
            "strangers",
            "lenient",
            "unheard",
            "season_free",
            "title",
            "summary",
            "notes",
            "explicit",
        }
        nothing = Intent()
        names = [part.name for part in dataclasses.fields(self) if part.name not in silent]
        is_bare = all(getattr(self, name) == getattr(nothing, name) for name in names)
        return is_bare and self.explicit is not False


SILENCE = (
    "Nothing in this sentence names a sound that is known here, so this is a varied selection. "
    "Try a genre, a mood, a decade or a tempo."
)


def remarks(reading: Intent) -> list[str]:
    """What people should be told about how their sentence was understood."""
    if reading.is_empty:
        return [*reading.notes, SILENCE]
    left = ", ".join(reading.strangers[:5])
    return [*reading.notes, *([f"Not understood, so left aside: {left}."] if left else [])]


def merge(base: Intent, over: Intent) -> Intent:
    """`over` (the choices beside the box) on top of `base` (the sentence): it wins where both speak."""
    said = {m.name for m in over.measures}
    kept = (m for m in base.measures if m.name not in said)
    changes: dict[str, Any] = {"measures": (*kept, *over.measures)}
    nothing = Intent()
    for part in dataclasses.fields(over):
        value = getattr(over, part.name)
        is_own = part.name in {"measures", "notes", "mentions", "strangers"}
        if not is_own and value != getattr(nothing, part.name):
            changes[part.name] = value
    return dataclasses.replace(base, **changes)
