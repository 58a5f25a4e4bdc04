"""What every source of artists' genres offers, the three things it can know, and how it fails."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

MBID = re.compile(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Found:
    """The source knows the artist and names genres: its own labels, the weightiest first.

    `counts`: votes by label, where the source counts them. `qid`, `mbid`: the artist at Wikidata and at
    MusicBrainz; `country`: ISO 3166-1 code. All three are "" where the source does not say.
    """

    genres: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    qid: str = ""
    mbid: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class NoGenre:
    """The source knows the artist and says nothing about genres; what else it says is kept."""

    qid: str = ""
    mbid: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The source does not know the artist."""


Answer = Found | NoGenre | Absent
# How long an answer is believed before the source is asked again. A failure is no answer and is never kept.
KEPT: Mapping[type[Answer], dt.timedelta] = MappingProxyType(
    {Found: dt.timedelta(days=180), NoGenre: dt.timedelta(days=90), Absent: dt.timedelta(days=30)}
)


class GenresError(Exception):
    """The source cannot answer now; nothing is known about anybody who was asked for.

    `seconds`: how long to leave it alone. `permanent`: the same question will fail until a person changes
    something, and the message says what.
    """

    def __init__(self, message: str, *, seconds: float, permanent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.seconds = seconds
        self.permanent = permanent

    def until(self, now: dt.datetime) -> dt.datetime:
        return now + dt.timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Provider:
    """One source: its name as stored, artists a call may carry, and the call itself.

    `lookup({Spotify artist id: MBID or ""})` answers for every id it was given; raises GenresError. The MBID
    is what another source found out; who does not need it does not look at it.
    """

    name: str
    artists_per_call: int
    lookup: Callable[[Mapping[str, str]], dict[str, Answer]]


def known(
    genres: Mapping[str, int | None], *, qid: str = "", mbid: str = "", country: str = ""
) -> Found | NoGenre:
    """Found or NoGenre from {label: votes or None}; labels are cleaned of what no database takes."""
    votes: dict[str, int | None] = {}
    for label, count in genres.items():
        clean = " ".join(label.replace("\0", "").split())[:100]
        if clean:
            votes[clean] = count
    if not votes:
        return NoGenre(qid, mbid, country)
    ordered = sorted(votes, key=lambda label: (-(votes[label] or 0), label.casefold(), label))
    counts = {label: count for label in ordered if (count := votes[label]) is not None}
    return Found(tuple(ordered), counts, qid, mbid, country)
