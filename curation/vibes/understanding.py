"""A sentence, understood: by Gemini where it answers, else offline; artists of the catalogue become rules."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from catalog import names
from catalog.models import Track
from curation.models import Vibe
from curation.vibes import gemini, intent, parser
from curation.vibes.intent import Genre, Intent, Measure, Mention


def understand(text: str, *, wishes: str, today: dt.date) -> tuple[Intent, str, list[str]]:
    """The reading of a sentence, who made it, and a note where Gemini should have but could not."""
    extra = parser.interpret(wishes, today=today) if wishes else None
    notes: list[str] = []
    offline = parser.interpret(text, today=today)
    try:
        asked, by = from_answer(gemini.read(text), offline), Vibe.Interpreter.GEMINI
    except gemini.NotConfigured:
        asked, by = offline, Vibe.Interpreter.OFFLINE
    except gemini.GeminiError as error:
        asked, by = offline, Vibe.Interpreter.OFFLINE
        notes.append(f"{error.reason}; the offline interpreter read this sentence.")
    if extra is not None:
        asked = intent.merge(asked, dataclasses.replace(extra, title="", summary=""))
    return asked, by, notes


def from_answer(answer: gemini.Answer, offline: Intent) -> Intent:
    """Gemini's answer as a reading. What the sentence says outright (figures, names, what it rules out) is
    kept from the offline reading where Gemini left it open."""
    ranges = [
        (name, getattr(answer, f"{name}_min"), getattr(answer, f"{name}_max")) for name in gemini.RANGED
    ]
    bounded = [_measure(name, low, high) for name, low, high in ranges if low is not None or high is not None]
    return dataclasses.replace(
        offline,
        genres=tuple(Genre(name, (name,)) for name in answer.genres or ()),
        not_genres=tuple(Genre(name, (name,)) for name in answer.exclude_genres or ()) or offline.not_genres,
        measures=(*bounded, *_figures(offline, bounded)),
        years=_years(answer) or offline.years,
        instrumental=offline.instrumental if answer.instrumental is None else answer.instrumental,
        explicit=False if answer.explicit is False else offline.explicit,
        popularity=answer.popularity if answer.popularity in {"popular", "hidden"} else None,
        arc=answer.arc or offline.arc,
        strangers=(),
        notes=(),
        title=parser.tidy(answer.title)[:120],
        summary=parser.tidy(answer.summary or ""),
    )


def _figures(offline: Intent, bounded: Sequence[Measure]) -> list[Measure]:
    said = {measure.name for measure in bounded}
    return [m for m in offline.measures if m.name == "tempo" and m.is_rule and m.name not in said]


def _measure(name: str, low: float | None, high: float | None) -> Measure:
    spread = intent.SPREAD.get(name, intent.DEFAULT_SPREAD)
    near = (low + high) / 2 if low is not None and high is not None else None
    if near is None:
        near = low + spread if low is not None else (high or 0.0) - spread
    least, most = intent.RANGES.get(name, (0.0, 1.0))
    return Measure(name, low=low, high=high, near=min(most, max(least, near)), weight=1.5)


def _years(answer: gemini.Answer) -> tuple[tuple[int, int], ...]:
    if answer.year_from is not None or answer.year_to is not None:
        return ((answer.year_from or 1900, answer.year_to or 2100),)
    return tuple((year, year + 9) for year in answer.decades or ())


def with_artists(asked: Intent) -> Intent:
    """Names that the catalogue knows become rules; what they do to the list is said in a note."""
    if not asked.mentions:
        return asked
    known = _known_artists(asked.mentions)
    notes = list(asked.notes)
    strangers = list(asked.strangers)
    for mention in asked.mentions:
        guess = next((guess for guess in mention.guesses if names.key(guess) in known), None)
        if guess is None:
            continue
        spoken = set(names.words(guess).split())
        strangers = [word for word in strangers if word not in spoken]
        asked, note = _applied(asked, mention.relation, known[names.key(guess)])
        notes += [note] if note else []
    return dataclasses.replace(asked, notes=tuple(notes), strangers=tuple(strangers))


def _applied(asked: Intent, relation: str, spellings: Sequence[str]) -> tuple[Intent, str]:
    if relation == "not":
        return dataclasses.replace(asked, not_artists=(*asked.not_artists, *spellings)), ""
    if relation == "by":
        return dataclasses.replace(asked, artists=(*asked.artists, *spellings)), ""
    name = spellings[0]
    genres = _genres_of(name)
    if not genres or asked.genres:
        return (
            asked,
            f"{name} is in the catalogue, but the genres asked for came first." if asked.genres else "",
        )
    return dataclasses.replace(
        asked, genres=genres
    ), f"'Like {name}' was read as the genres of {name}'s own songs."


def _known_artists(mentions: Sequence[Mention]) -> dict[str, list[str]]:
    """How the catalogue spells the artists guessed at, by the key that all spellings of a name share, since
    policies compare with accents. One query, by the index on that key."""
    keys = {names.key(guess) for mention in mentions for guess in mention.guesses}
    rows = Track.objects.filter(artist_key__in=keys).order_by("artist_key", "artist")
    found: dict[str, dict[str, str]] = {}
    for key, name in rows.values_list("artist_key", "artist").distinct():
        found.setdefault(key or "", {}).setdefault(names.folded(name), name)
    return {key: list(spellings.values()) for key, spellings in found.items()}


def _genres_of(artist: str) -> tuple[Genre, ...]:
    own = Track.objects.filter(artist_key=names.key(artist))
    lists = own.values_list("genre_labels", flat=True).distinct()[:20]
    return tuple(
        Genre(name, (name,)) for name in sorted({genre for genres in lists for genre in genres or ()})
    )
