"""A stored vibe made again without one wish that was understood: another vibe, the first stays as it is."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

from accounts import plurals
from curation.models import Vibe
from curation.vibes import describe, generator, remove_condition
from curation.vibes.remove_condition import Chip

TAKEN_OUT = "Left out on request:"


class NotWished(LookupError):
    """The vibe has no such wish (any more)."""


def without(vibe: Vibe, key: str, *, now: dt.datetime, timer: Callable[[], float] = time.monotonic) -> Vibe:
    """The same sentence without the wish whose chip has this key. Raises NotWished and EmptyCatalogue."""
    began = timer()
    chip = remove_condition.find(vibe.policy, key)
    if chip is None:
        raise NotWished(f"this vibe has no wish {key!r}")
    body, songs, notes = _composed(vibe, chip, now.date())
    if not songs:
        raise generator.EmptyCatalogue("there is no playable track any more")
    return Vibe.objects.create(
        public_id=generator.new_public_id(),
        text=vibe.text,
        title=vibe.title,
        summary=describe.summary(body),
        interpreter=vibe.interpreter,
        policy=body,
        notes=notes,
        songs=songs,
        latency_ms=round((timer() - began) * 1000),
        created_at=now,
    )


def _composed(
    vibe: Vibe, chip: Chip, today: dt.date
) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """(policy document, songs, notes). What gave way before no longer does where enough songs fit now."""
    loose = remove_condition.without(vibe.policy, chip)
    strict = remove_condition.strict(loose)
    count = loose["target"]["count"]
    (fits,) = generator.fitting([strict], today=today)
    body = strict if fits >= count else loose
    seed = generator.seed_of(vibe.text, today)
    found = generator.tracks_by(body, plenty=fits, count=count, today=today, seed=seed)
    if len(found) < count and body is strict:
        body = loose
        found = generator.tracks_by(body, plenty=fits, count=count, today=today, seed=seed)
    songs = [generator.shown(track, body) for track in generator.tracks_of(found)]
    is_loose = body is loose and "fallback_where" in loose
    return body, songs, [*_taken_out(vibe, chip), *_remarks(fits, len(songs), count, is_loose=is_loose)]


def _taken_out(vibe: Vibe, chip: Chip) -> list[str]:
    """What was taken out so far, the newest last."""
    before = [note for note in vibe.notes if note.startswith(TAKEN_OUT)]
    return [*before, f"{TAKEN_OUT} {chip.text}."]


def _remarks(fits: int, found: int, count: int, *, is_loose: bool) -> list[str]:
    notes = []
    if is_loose and fits < found:
        notes.append(f"Only {fits} of {plurals.counted(found, 'song')} fit every wish; the others come near.")
    if found < count:
        notes.append(f"The catalogue has only {found} of the {plurals.counted(count, 'song')} asked for.")
    return notes
