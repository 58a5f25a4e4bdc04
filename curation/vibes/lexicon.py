"""The vocabulary made ready for listening: folded words, the longest known phrase, what it does."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog import names
from curation.vibes import vocabulary
from curation.vibes.intent import Genre

LONGEST_PHRASE = 5
UNBOUNDED = {"release_year", "loudness", "tempo"}
SILENT = frozenset(vocabulary.SILENT.split())
PUNCTUATION = set(",.;:!?()")
ALTERNATIVES = {"or", "nor", "oder", "o", "ou"}
RELATIONS = {
    "like": "like", "similar to": "like", "style of": "like", "a la": "like",
    "wie": "like", "como": "like", "comme": "like", "by": "by", "von": "by",
}  # fmt: skip
WORD = re.compile(r"\ue000\d+\ue001|w/o|[^\W_]+(?:['&][^\W_]+)*|[,.;:!?()&]|[^\w\s-]")
INNER_SIGNS = tuple(
    (re.compile(rf"(?<=[^\W\d_]){sign}(?=[^\W\d_])"), letter)
    for sign, letter in ((r"!", "i"), (r"\$", "s"), (r"\.", ""))
)
RANGE = re.compile(r"(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing a phrase says. `kind` names what it acts on; `is_rule` tells a rule from a preference."""

    kind: str
    value: Any
    name: str = ""
    is_rule: bool = True


@dataclass(frozen=True, slots=True)
class Role:
    """What a phrase does while listening: negation, mild, degree, end, carry, skip or effects."""

    name: str
    value: float = 1.0
    effects: tuple[Effect, ...] = ()


def fold(text: str) -> str:
    """Lower case without accents; signs that stand for letters as letters (P!nk, A$AP); quotes and dashes of
    one kind; joined emoji apart."""
    kept = "".join(ch for ch in names.bare(text) if unicodedata.category(ch) != "Mn")
    for sign, letter in INNER_SIGNS:
        kept = sign.sub(letter, kept)
    return re.sub(r"[‐-―−]", "-", re.sub(r"[‘’ʼ`´]", "'", kept.replace("\u200d", " ")))


def words(folded: str) -> list[str]:
    """The tokens of a folded text: words (cut at hyphens), marks of `phrases`, punctuation, single emoji."""
    return WORD.findall(folded)


def longest(tokens: list[str], at: int) -> tuple[str, Role | None]:
    """The longest known phrase that begins at `at` and its role; the bare token and None if there is none."""
    known = roles()
    for length in range(min(LONGEST_PHRASE, len(tokens) - at), 0, -1):
        phrase = " ".join(tokens[at : at + length])
        role = known.get(phrase) or (known.get(phrase.removesuffix("s")) if len(phrase) > 4 else None)
        if role is not None:
            return phrase, role
    return tokens[at], None


@functools.cache
def roles() -> dict[str, Role]:
    """Every known phrase."""
    plain = [
        (vocabulary.CARRY, Role("carry")),
        (vocabulary.WEAK, Role("degree", 0.5)),
        (vocabulary.STRONG, Role("degree", 1.4)),
        (vocabulary.ENDS, Role("end")),
        (vocabulary.NEGATIONS, Role("negation")),
        (vocabulary.MILD_NEGATIONS, Role("mild")),
        (vocabulary.NOT_NEGATIONS, Role("skip")),
    ]
    known = {mark: Role("end") for mark in PUNCTUATION}
    known |= {_key(phrase): role for listed, role in plain for phrase in listed.split(",")}
    known |= {phrase: Role("effects", effects=effects) for phrase, effects in _effects()}
    for signs, word in _lines(vocabulary.EMOJI):
        known |= {sign: known[_key(word)] for sign in signs.split()}
    return known


@functools.cache
def stops() -> frozenset[str]:
    """Words at which an artist's name ends."""
    listed = ",".join([vocabulary.ENDS, vocabulary.CARRY, vocabulary.NEGATIONS])
    plain = {"song", "songs", "music", "tracks", "from", "in", "for", "on", "vibe", "vibes"}
    return frozenset({_key(word) for word in listed.split(",")} - {"and", "&"} | plain | PUNCTUATION)


def _key(phrase: str) -> str:
    return " ".join(words(fold(phrase)))


def _lines(table: str) -> Iterator[tuple[str, str]]:
    for line in table.strip().splitlines():
        left, _, right = line.partition(" -> ")
        yield left.strip(), right.strip()


def _effects() -> Iterator[tuple[str, tuple[Effect, ...]]]:
    for table in (vocabulary.FEELINGS, vocabulary.OCCASIONS, vocabulary.MEASURES):
        for left, right in _lines(table):
            effects = tuple(_effect(part.strip()) for part in right.split(","))
            yield from ((_key(phrase), effects) for phrase in left.split(","))
    for left, right in _lines(vocabulary.GENRES):
        names = [name.strip() for name in left.split(",")]
        genre = Genre(names[0], tuple(term.strip() for term in right.split(",")))
        yield from ((_key(name), (Effect("genre", genre),)) for name in names)


def _effect(part: str) -> Effect:
    """'energy .8', 'tempo 150-180 ~', 'arc peak', 'vocals' ... -> an Effect."""
    name, _, rest = part.removesuffix("~").removesuffix("=").strip().partition(" ")
    is_rule = not part.endswith("~")
    match name:
        case "tempo":
            return Effect("range", _span(rest), "tempo", is_rule)
        case "length":
            return Effect("seconds", _span(rest))
        case "years":
            low, high = _span(rest)
            return Effect("years", (int(low or 1900), int(high or 2100)))
        case "recent":
            return Effect("recent", int(rest))
        case "arc" | "version" | "season":
            return Effect(name, rest.strip(), is_rule=is_rule)
        case "key":
            return Effect("mode_major", rest == "major")
        case "vocals" | "instrumental":
            return Effect("instrumental", name == "instrumental")
        case "explicit" | "clean":
            return Effect("explicit", name == "explicit")
        case "popular" | "hidden":
            return Effect("popularity", name)
    return Effect("feel", float(rest), name, is_rule)


def _span(text: str) -> tuple[int | None, int | None]:
    found = RANGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no range")
    low, high = found.groups()
    return int(low) if low else None, int(high) if high else None
