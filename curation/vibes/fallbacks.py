"""Giving way: ever looser readings of a sentence, each with what it gave up in words."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from curation.vibes import compose
from curation.vibes.intent import DEFAULT_SPREAD, RANGES, SPREAD, Intent, Measure


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One step of giving way: the looser reading, and in words what was given up."""

    reading: Intent
    note: str


def relaxations(asked: Intent) -> list[Relaxation]:
    """Ever looser readings, each with what it gave up (never explicitness). The first is `asked` itself."""
    found = [Relaxation(asked, "")]
    for loosen in LOOSENINGS:
        looser, note = loosen(found[-1].reading)
        if compose.where(looser) != compose.where(found[-1].reading):
            found.append(Relaxation(looser, note))
    return found


def _let_unknown_in(reading: Intent) -> tuple[Intent, str]:
    note = "songs were let in whose sound has not been measured yet"
    return dataclasses.replace(reading, lenient=True), note


def _widen(reading: Intent) -> tuple[Intent, str]:
    wider = tuple(_wider(m) if m.is_rule else m for m in reading.measures)
    years = tuple((low - 3, high + 3) for low, high in reading.years)
    given = {"sound": wider != reading.measures, "years": bool(years), "popularity": bool(reading.popularity)}
    note = f"the limits on {', '.join(name for name, is_wider in given.items() if is_wider)} were drawn wider"
    return dataclasses.replace(reading, measures=wider, years=years, popularity=None), note


def _wider(measure: Measure) -> Measure:
    by = SPREAD.get(measure.name, DEFAULT_SPREAD) * 0.8
    least, most = RANGES.get(measure.name, (0.0, 1.0))
    low = None if measure.low is None else round(max(least, measure.low - by), 3)
    high = None if measure.high is None else round(min(most, measure.high + by), 3)
    return dataclasses.replace(measure, low=low, high=high)


def _drop_measures(reading: Intent) -> tuple[Intent, str]:
    kept = tuple(dataclasses.replace(m, low=None, high=None, near=_middle(m)) for m in reading.measures)
    note = "mood and tempo became a preference instead of a rule"
    return dataclasses.replace(reading, measures=kept, mode_major=None), note


def _middle(measure: Measure) -> float | None:
    if measure.near is not None or not measure.is_rule:
        return measure.near
    least, most = RANGES.get(measure.name, (0.0, 1.0))
    spread = SPREAD.get(measure.name, DEFAULT_SPREAD)
    if measure.low is None:
        return max(least, (measure.high or most) - spread)
    return min(most, measure.low + spread) if measure.high is None else (measure.low + measure.high) / 2


def _drop_years(reading: Intent) -> tuple[Intent, str]:
    return dataclasses.replace(reading, years=()), "songs from other years joined"


def _let_unheard_in(reading: Intent) -> tuple[Intent, str]:
    return dataclasses.replace(reading, unheard=True), "songs joined that may have vocals"


def _drop_genres(reading: Intent) -> tuple[Intent, str]:
    names = ", ".join(genre.name for genre in reading.genres)
    return dataclasses.replace(reading, genres=()), f"songs outside {names or 'the genre'} joined"


def _drop_seasons(reading: Intent) -> tuple[Intent, str]:
    if not reading.seasons:
        return reading, ""
    names = " or ".join(reading.seasons)
    return dataclasses.replace(
        reading, seasons=(), season_free=True
    ), f"songs that are not for {names} joined"


def _drop_artists(reading: Intent) -> tuple[Intent, str]:
    return dataclasses.replace(reading, artists=()), "songs by others joined"


def _drop_details(reading: Intent) -> tuple[Intent, str]:
    note = "vocals, length and version no longer counted"
    return dataclasses.replace(reading, instrumental=None, seconds=(None, None), versions=()), note


def _drop_bans(reading: Intent) -> tuple[Intent, str]:
    plain = dataclasses.replace(
        reading, not_genres=(), not_years=(), not_versions=(), not_artists=(), not_seasons=()
    )
    return plain, "even what the sentence ruled out had to be let in"


LOOSENINGS = (
    _let_unknown_in,
    _widen,
    _drop_measures,
    _drop_years,
    _let_unheard_in,
    _drop_genres,
    _drop_seasons,
    _drop_artists,
    _drop_details,
    _drop_bans,
)
