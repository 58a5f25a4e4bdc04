"""Tracks that Spotify no longer takes: found, put in quarantine, and replaced in the day's list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accounts.spotify import errors
from accounts.spotify.gateway import Gateway


def unknown(gateway: Gateway, track_ids: Sequence[str]) -> list[str]:
    """The ids that Spotify has no track for; nothing where the app may only read one by one: halving is
    cheaper."""
    step = gateway.tracks_per_call
    if step == 1:
        return []
    missing = []
    for start in range(0, len(track_ids), step):
        asked = list(track_ids[start : start + step])
        missing += [one for one, found in zip(asked, gateway.tracks(asked), strict=True) if found is None]
    return missing


def bisect(suspects: Sequence[str], accepts: Callable[[Sequence[str]], bool], *, most: int = 3) -> list[str]:
    """Halve a refused list until single ids are; nothing where more than `most` are refused (that is an
    outage).

    `accepts` tries a list made of the given ids, filled up with others known to be good."""
    bad = _refused(list(suspects), accepts, most + 1)
    return bad if len(bad) <= most else []


def _refused(suspects: list[str], accepts: Callable[[Sequence[str]], bool], room: int) -> list[str]:
    """Suspects are known to be refused together."""
    if len(suspects) == 1:
        return suspects
    middle, bad = len(suspects) // 2, list[str]()
    for half in (suspects[:middle], suspects[middle:]):
        if len(bad) < room and not accepts(half):
            bad += _refused(half, accepts, room - len(bad))
    return bad


def padded(suspects: Sequence[str], good: Sequence[str], size: int) -> list[str]:
    """A full-length trial list: the suspects, filled up with tracks known to be good, or else repeated."""
    filler = [one for one in good if one not in set(suspects)] or list(suspects)
    needed = size - len(suspects)
    return [*suspects, *(filler * (needed // len(filler) + 1))[:needed]] if needed > 0 else list(suspects)


REFUSALS = (errors.Ambiguous, errors.Unavailable, errors.BadRequest, errors.NotFound)
