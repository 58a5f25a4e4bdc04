"""Which genre lies under which: "rock" finds "alternative rock", and "trip hop" is no hip hop. Pure.

The data is data/taxonomy.json, made by make_taxonomy.py (data/README.md says from what). Genres compare by
their names: `name` folds every spelling and alias of a genre into one, and a label that nobody knows is
its own. A track's array is `expand(its labels)`; a policy's "rock" matches where `name("rock")` is in it:

    >>> expand(["Alt-Rock"])
    ['alternative', 'alternative rock', 'rock']
    >>> matches("rock", "swedish indie rock"), matches("hip hop", "trip hop")
    (True, False)
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog.genres.spelling import key

DATA = Path(__file__).parent / "data" / "taxonomy.json"


@dataclass(frozen=True, slots=True)
class Genre:
    """`name` is what compares, `label` what people read; `parents` are names."""

    name: str
    label: str
    qid: str | None
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """`version` changes with the data: arrays expanded under another one are to be expanded again."""

    version: str
    roots: tuple[str, ...]
    heads: frozenset[str]
    genres: Mapping[str, Genre]
    aliases: Mapping[str, str]
    by_qid: Mapping[str, Genre]


@functools.cache
def loaded() -> Taxonomy:
    raw = json.loads(DATA.read_text())
    genres = {
        name: Genre(name, entry["label"], entry["qid"], tuple(entry["parents"]))
        for name, entry in raw["genres"].items()
    }
    by_qid = {genre.qid: genre for genre in genres.values() if genre.qid}
    return Taxonomy(
        raw["version"], tuple(raw["roots"]), frozenset(raw["heads"]), genres, raw["aliases"], by_qid
    )


def name(label: str) -> str:
    """The name under which a label compares: its genre's where it is known, its own spelling where not.

    "" for a label without letters.
    """
    spelled = key(label)
    return loaded().aliases.get(spelled, spelled)


def ancestors_or_self(label: str) -> frozenset[str]:
    """The names of a label and of everything above it; empty for a label without letters."""
    own = name(label)
    return _upwards(own) if own else frozenset()


def matches(policy_genre: str, track_genre: str) -> bool:
    """Whether a policy that asks for one genre finds a track of the other."""
    wanted = name(policy_genre)
    return bool(wanted) and wanted in ancestors_or_self(track_genre)


def expand(labels: Iterable[str]) -> list[str]:
    """What a track with these labels stores: the names of all of them and of all above them, sorted."""
    return sorted(frozenset().union(*(ancestors_or_self(label) for label in labels)))


def label_of(genre: str) -> str:
    """How people read a name: "r and b" is r&b. A name that nobody knows is its own label."""
    known = loaded().genres.get(genre)
    return known.label if known else genre


def label_of_qid(qid: str) -> str | None:
    """The label of a Wikidata item that came without one; None where the snapshot has no such item."""
    known = loaded().by_qid.get(qid)
    return known.label if known else None


def is_known(label: str) -> bool:
    """Whether the taxonomy says anything about this label: it has it, or knows what its last words are."""
    own = name(label)
    return own in loaded().genres or _kind_of(own) is not None


def all_labels() -> dict[str, str]:
    """{every spelling that is known, as a key: the name it means}, for readers of people's sentences."""
    taxonomy = loaded()
    return {**{own: own for own in taxonomy.genres}, **taxonomy.aliases}


def roots() -> tuple[str, ...]:
    """The names of the genres made by hand, under which nearly all others are."""
    return loaded().roots


@functools.lru_cache(maxsize=20_000)
def _upwards(own: str) -> frozenset[str]:
    """The name and all above it; the taxonomy has no circles."""
    known = loaded().genres.get(own)
    if known is not None:
        return frozenset({own}).union(*(_upwards(parent) for parent in known.parents))
    kind = _kind_of(own)
    return frozenset({own}) | (_upwards(kind) if kind else frozenset())


def _kind_of(own: str) -> str | None:
    """What an unknown label is by its last words: "swedish indie rock" is indie rock, "mellow pop" is pop.

    Several words that are a genre say it; a last word alone only where it is a root or a head, because
    "new jack swing" is no swing.
    """
    taxonomy, words = loaded(), own.split()
    for first in range(1, len(words)):
        ending = " ".join(words[first:])
        kind = taxonomy.aliases.get(ending, ending)
        if kind in taxonomy.genres and (first < len(words) - 1 or kind in taxonomy.heads):
            return kind
    return None
