"""From a sentence to a stored vibe: understand it, choose songs that fit, give way where too few do."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import secrets
import string
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Value
from django.db.models.functions import MD5, Concat

from accounts import plurals
from catalog.models import Album, Track
from curation import engine
from curation.engine import candidates
from curation.models import Vibe
from curation.policy import language
from curation.vibes import compose, describe, fallbacks, intent, parse_state, parser, understanding
from curation.vibes.fallbacks import Relaxation
from curation.vibes.intent import Intent

DEFAULT_COUNT = 10
# Above PLENTY fitting songs, choose from SAMPLE albums if that leaves CHOICE songs for each place.
PLENTY, SAMPLE, CHOICE = 5_000, 500, 15
MAX_COUNT = intent.MAX_COUNT
TRACK_URL = "https://open.spotify.com/track/{}"
ALPHABET = string.ascii_letters + string.digits


class EmptyText(ValueError):
    """The sentence holds nothing to read."""


class EmptyCatalogue(RuntimeError):
    """There is no playable track to choose from yet."""


def generate(
    text: str,
    *,
    count: int | None = None,
    explicit: bool | None = None,
    wishes: str = "",
    now: dt.datetime,
    seed: int | None = None,
    timer: Callable[[], float] = time.monotonic,
) -> Vibe:
    """Interpret `text`, choose songs and store the vibe.

    `count` (1..50) beats what the sentence says; `explicit=False` keeps explicit songs out. `wishes` is
    more text (the choices beside the box) that wins over the sentence where both speak. The same sentence on
    the same day gives the same songs unless `seed` is given. Raises EmptyText and EmptyCatalogue.
    """
    began = timer()
    spoken = parser.tidy(text)
    if not any(ch.isalnum() or ord(ch) > 0x2000 for ch in spoken):
        raise EmptyText("the sentence is empty")
    asked, by, notes = understanding.understand(spoken, wishes=wishes, today=now.date())
    if explicit is not None:
        asked = dataclasses.replace(asked, explicit=explicit if asked.explicit is not False else False)
    asked = understanding.with_artists(asked)
    wanted = count or asked.count or DEFAULT_COUNT
    dice = seed if seed is not None else seed_of(spoken, now.date())
    choice = choose(asked, count=wanted, today=now.date(), seed=dice)
    return Vibe.objects.create(
        public_id=new_public_id(),
        text=spoken,
        title=asked.title or parse_state.title_of(spoken),
        summary=asked.summary or describe.summary(choice.policy),
        interpreter=by,
        policy=choice.policy,
        notes=[*notes, *intent.remarks(asked), *choice.given_up],
        songs=[shown(track, choice.policy) for track in choice.tracks],
        latency_ms=round((timer() - began) * 1000),
        created_at=now,
    )


def new_public_id() -> str:
    """Unguessable, so that a vibe is found by its link alone."""
    return "".join(secrets.choice(ALPHABET) for _ in range(22))


# --- choosing


@dataclasses.dataclass(frozen=True)
class Choice:
    """Tracks in their order, the policy document that chose them, and what had to be given up, in words."""

    tracks: list[Track]
    policy: dict[str, Any]
    given_up: list[str]


def choose(asked: Intent, *, count: int, today: dt.date, seed: int) -> Choice:
    """The strictest step that brings enough songs; the last one where none does."""
    steps = fallbacks.relaxations(asked)
    fits = fitting_by(steps, today=today)
    if not any(fits):
        raise EmptyCatalogue("there is no playable track yet")
    reached = next((number for number, found in enumerate(fits) if found >= count), len(steps) - 1)
    while True:
        body = _document(steps, fits, reached, count)
        chosen = tracks_by(body, plenty=fits[reached], count=count, today=today, seed=seed)
        if len(chosen) >= count or reached == len(steps) - 1:
            break
        reached += 1
    notes = _given_up(steps, fits, reached=reached, found=len(chosen), count=count)
    return Choice(tracks_of(chosen), body, notes)


def tracks_of(track_ids: Sequence[int]) -> list[Track]:
    """The tracks with their albums, in the same order. One query."""
    found = Track.objects.select_related("album").in_bulk(track_ids)
    return [found[track_id] for track_id in track_ids]


def tracks_by(body: dict[str, Any], *, plenty: int, count: int, today: dt.date, seed: int) -> list[int]:
    """The engine's choice. From a large catalogue it chooses among the songs of some hundred albums, another
    draw for each seed: that is quicker, gives variety, and still leaves dozens of songs for each place."""
    if plenty > PLENTY:
        drawn = Album.objects.order_by(MD5(Concat("spotify_id", Value(str(seed)))))
        albums = list(drawn.values_list("spotify_id", flat=True)[:SAMPLE])
        if plenty * SAMPLE >= count * CHOICE * Album.objects.count():
            narrow = language.parse(compose.narrowed(body, albums))
            chosen = engine.build_one(narrow, count=count, today=today, seed=seed).track_ids
            if len(chosen) >= count:
                return chosen
    return engine.build_one(language.parse(body), count=count, today=today, seed=seed).track_ids


def _document(
    steps: Sequence[Relaxation], fitting: Sequence[int], reached: int, count: int
) -> dict[str, Any]:
    """The policy of a step, with places kept for songs that fit the stricter steps before it."""
    if not reached:
        return compose.document(steps[0].reading, count=count)
    nearer, kept = [], 0
    for step, found in zip(steps[:reached], fitting[:reached], strict=True):
        places = min(found, count) - kept
        if places > 0:
            nearer.append((step.reading, places))
            kept += places
    widest = steps[reached].reading
    return compose.document(steps[0].reading, count=count, widest=widest, nearer=nearer)


def fitting_by(steps: Sequence[Relaxation], *, today: dt.date) -> list[int]:
    """How many songs of the catalogue fit each step."""
    return fitting([compose.document(step.reading, count=1) for step in steps], today=today)


def fitting(documents: Sequence[dict[str, Any]], *, today: dt.date) -> list[int]:
    """How many songs of the catalogue fit each document's condition. One query."""
    questions = candidates.Questions(today)
    bits = [questions.condition(language.parse(document).where) for document in documents]
    counts = candidates.tally(questions)
    return [counts[bit.bit_length()] for bit in bits]


def _given_up(
    steps: Sequence[Relaxation], fitting: Sequence[int], *, reached: int, found: int, count: int
) -> list[str]:
    """What gave way, naming only the steps that brought songs in."""
    notes = []
    if reached:
        helped = [steps[n].note for n in range(1, reached + 1) if fitting[n] > fitting[n - 1]]
        fit = min(fitting[0], found)
        fits = plurals.verb(found, "fits", "fit")
        some = f"Only {fit} of {plurals.counted(found, 'song')} {fits} every word"
        opening = some if fit else "No song fits every word"
        notes.append(f"{opening}; to fill the list, {'; '.join(helped)}." if helped else f"{opening}.")
    if found < count:
        notes.append(f"The catalogue has only {found} of the {plurals.counted(count, 'song')} asked for.")
    return notes


# --- what is shown


def shown(track: Track, body: dict[str, Any]) -> dict[str, Any]:
    """A song as pages and API show it."""
    facts = facts_of(track)
    return {
        "title": track.name,
        "artist": ", ".join(track.artist_names) or track.artist,
        "spotify_id": track.spotify_id,
        "external_url": TRACK_URL.format(track.spotify_id),
        "reason": describe.reason(facts, body),
        "album": track.album.name,
        "duration_ms": track.duration_ms,
        "explicit": track.explicit,
        "image_url": track.album.image_url,
        "release_year": facts["release_year"],
        "energy": facts.get("energy"),
        "valence": facts.get("valence"),
    }


def facts_of(track: Track) -> dict[str, Any]:
    """A track's measures and origins by the policy language's names."""
    released = track.album.released_on
    return {
        **(track.audio_features or {}),
        "genres": track.genre_labels or [],
        "popularity": track.popularity,
        "release_year": released.year if released else None,
    }


def seed_of(text: str, today: dt.date) -> int:
    """The same sentence on the same day gives the same list."""
    return int.from_bytes(hashlib.sha256(f"{text.casefold()}\n{today}".encode()).digest()[:8], "big") >> 1
