"""Ask for artists' genres: one source after the other, each about whom the ones before have no genres of."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Circuit
from catalog import advisory_locks
from catalog.genres import artist_rows, imports, on_tracks, sources
from catalog.genres.provider import Absent, Answer, Found, GenresError, Provider
from catalog.models import Artist, GenreAnswer

BUSY = "Another worker is asking for genres already."
Clock = Callable[[], dt.datetime]


@dataclass(slots=True)
class AskResult:
    """What a run learned of how many artists, by outcome and by source; `reason`: what did not go."""

    outcomes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return self.sources.total()

    @property
    def reason(self) -> str:
        return " ".join(dict.fromkeys(self.reasons))

    def add(self, source: str, answers: dict[str, Answer]) -> None:
        self.calls[source] += 1
        self.sources[source] += len(answers)
        for answer in answers.values():
            found = "found" if isinstance(answer, Found) else "no_genre"
            self.outcomes["absent" if isinstance(answer, Absent) else found] += 1


def resting(now: dt.datetime) -> set[str]:
    """The sources that want to be left alone at a moment."""
    rows = Circuit.objects.filter(app=sources.APP, open_until__gt=now).exclude(state=Circuit.State.CLOSED)
    return set(rows.values_list("bucket", flat=True))


def to_ask(source: str, earlier: Sequence[str], now: dt.datetime) -> QuerySet[Artist]:
    """Of whom this source has no answer that is still believed, and no earlier source and no file a genre."""
    answers = GenreAnswer.objects.filter(artist=OuterRef("pk"))
    believed = answers.filter(Q(believed_until__gt=now) | Q(believed_until__isnull=True))
    has_genres = Q(source=imports.SOURCE) | Q(source__in=list(earlier), outcome=GenreAnswer.Outcome.FOUND)
    return Artist.objects.filter(
        ~Exists(believed.filter(source=source)), ~Exists(believed.filter(has_genres))
    )


def lacking(now: dt.datetime) -> QuerySet[Artist]:
    """The artists about whom a source that may be asked now would be asked."""
    usable = sources.usable()
    away = resting(now) if usable else set()
    found = Artist.objects.none()
    for rank, source in enumerate(usable):
        if source not in away:
            found = found | to_ask(source, usable[:rank], now)
    return found


def due(now: dt.datetime) -> bool:
    """Whether a run at `now` would ask for somebody."""
    return lacking(now).exists()


def run(
    *,
    clock: Clock,
    time_left: Callable[[], float] | None = None,
    providers: Sequence[Provider] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> AskResult:
    """Ask until nobody is left or `time_left()` is 0. A source that cannot answer rests, and nothing is
    stored of it: the next one has its turn."""
    result = AskResult()
    artist_rows.complete()
    on_tracks.catch_up()
    if providers is None:
        providers = sources.configured(now=clock, sleep=sleep)
    if not providers:
        result.reasons += sources.missing()
        return result
    with advisory_locks.turn(advisory_locks.GENRES) as is_alone:
        if not is_alone:
            result.reasons.append(BUSY)
            return result
        for rank, provider in enumerate(providers):
            earlier = [one.name for one in providers[:rank]]
            _drain(provider, earlier, result, clock, time_left)
    return result


def _drain(
    provider: Provider,
    earlier: Sequence[str],
    result: AskResult,
    clock: Clock,
    time_left: Callable[[], float] | None,
) -> None:
    while time_left is None or time_left() > 0:
        waiting = to_ask(provider.name, earlier, clock())
        ordered = waiting.order_by(F("genres_checked_at").asc(nulls_first=True), "pk")
        artists = dict(ordered.values_list("spotify_id", "mbid")[: provider.artists_per_call])
        if not artists:
            return
        try:
            answers = provider.lookup(artists)
        except GenresError as error:
            result.reasons.append(error.message)
            return
        artist_rows.record(provider.name, answers, now=clock())
        result.add(provider.name, answers)
