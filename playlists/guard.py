"""Canaries first: in a large sync one copy goes ahead, then a few, then the rest; and where too much fails or
changes entirely, the run stops and asks.

What counts as changing entirely is in upheaval.py: never the day's new tracks, which the policies promise.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from playlists import night, upheaval
from playlists.models import Pause, Playlist, PlaylistCopy, StageRun
from playlists.sync import pause

BY = "the canary guard"
# Errors that are one account's own, and no sign that the lists or the app are wrong.
OWN_TROUBLE = ("account", "reauth", "drift", "full")
WHY = {
    "other_rules": "with no track left that the rules of the list now up would admit",
    "taken_down": "retired, so to be taken off Spotify",
    "gone": "gone from their account, so to be made anew",
}


@dataclass(frozen=True)
class Flock:
    """A sync run in figures: how its copies fared so far, and how many playlists become something else."""

    playlists: int
    copies: int
    done: int
    failed: int
    changed: int = 0

    @property
    def tried(self) -> int:
        return self.done + self.failed


@dataclass(frozen=True)
class Question:
    """What the operator is asked: figures, failures by kind with an example, changed playlists by reason."""

    run: StageRun
    flock: Flock
    failures: tuple[tuple[str, int, str], ...]
    changes: tuple[tuple[str, int, str], ...]


def room(flock: Flock, *, above: int, share: float) -> int | None:
    """How many more may be tried before those are looked at: None for all, -1 for stop. Pure.

    The first goes alone; then 5 % go; then the rest. The run stops where more than `share` of the playlists
    change entirely, or more than `share` of the copies that were tried fail."""
    if flock.playlists <= above:
        return None
    if flock.changed > share * flock.playlists or (flock.tried and flock.failed > share * flock.tried):
        return -1
    if flock.tried == 0:
        return 1
    few = math.ceil(flock.copies / 20)
    return few - flock.tried if flock.tried < few else None


def before(now: dt.datetime) -> dict[str, Any]:
    """What a run begins with, to be kept with it: copies in error before it, and what it would change."""
    return {
        "failed_before": _failing().count(),
        "other_rules": upheaval.other_rules(now.date()),
        "taken_down": upheaval.taken_down(),
    }


def check(now: dt.datetime) -> int | None:
    """The room in the sync that is under way; where it is to stop, the network is paused and asks for a
    person."""
    run = under_way()
    if run is None or run.started_at is None or _playlists(run) <= above() or _is_overruled(run):
        return None
    flock = of_run(run)
    found = room(flock, above=above(), share=share())
    if found == -1 and pause.current(now) is None:
        pause.begin(reason=sentence(flock), by=BY, now=now)
    return found


def under_way() -> StageRun | None:
    open_runs = StageRun.objects.filter(stage=StageRun.Stage.SYNC, state=StageRun.State.OPEN)
    return open_runs.order_by("-run_date").first()


def of_run(run: StageRun) -> Flock:
    live = PlaylistCopy.objects.wanted().live()
    done = live.filter(status=PlaylistCopy.Status.SYNCED, last_synced_at__gte=run.started_at).count()
    failed = _failing().count() - run.detail.get("failed_before", 0)
    changed = {one for ids in _changed(run).values() for one in ids}
    return Flock(_playlists(run), run.total or live.listed().count(), done, max(0, failed), len(changed))


def _playlists(run: StageRun) -> int:
    return Playlist.objects.active().count() + len(run.detail.get("taken_down", []))


def _changed(run: StageRun) -> dict[str, list[int]]:
    """{why: playlists}: what the run began with, and what its looks through the accounts found since."""
    return {
        "other_rules": run.detail.get("other_rules", []),
        "taken_down": run.detail.get("taken_down", []),
        "gone": upheaval.gone(run.run_date),
    }


def _failing() -> Any:
    live = PlaylistCopy.objects.wanted().live().filter(status=PlaylistCopy.Status.ERROR)
    return live.exclude(error_kind__in=OWN_TROUBLE)


def _is_overruled(run: StageRun) -> bool:
    """Whether somebody looked at this run's question and lifted the pause all the same."""
    asked = Pause.objects.filter(paused_by=BY, paused_at__gte=run.started_at, lifted_at__isnull=False)
    return asked.exists()


def sentence(flock: Flock) -> str:
    words = []
    if flock.failed:
        words.append(f"{flock.failed:,} of the first {flock.tried:,} copies failed")
    if flock.changed:
        words.append(f"{flock.changed:,} of {flock.playlists:,} playlists would change entirely")
    return (
        f"{' and '.join(words) or 'Too much goes wrong'}, with {flock.copies:,} copies to write. "
        "Look at the figures, then go on or stop."
    )


def question(asked: Pause) -> Question | None:
    """What a pause of the guard asks; None where it is not one, was answered, or its run is over."""
    run = under_way()
    if asked.paused_by != BY or asked.lifted_at or run is None or run.started_at is None:
        return None
    return Question(run, of_run(run), _failures(), tuple(_reasons(_changed(run))))


def _failures() -> tuple[tuple[str, int, str], ...]:
    rows = list(_failing().order_by("id").values_list("error_kind", "error_message"))
    counted, examples = Counter(kind for kind, _ in rows), dict(reversed(rows))
    return tuple((kind or "unknown", count, examples[kind]) for kind, count in counted.most_common())


def _reasons(changed: dict[str, list[int]], *, named: int = 5) -> Iterable[tuple[str, int, str]]:
    shown = {key: ids[:named] for key, ids in changed.items()}
    found = Playlist.objects.in_bulk([one for ids in shown.values() for one in ids])
    for why, ids in changed.items():
        if ids:
            names = ", ".join(str(found[one]) for one in shown[why] if one in found)
            more = f" and {len(ids) - named:,} more" if len(ids) > named else ""
            yield WHY[why], len(ids), names + more


def go_on(*, by: str, now: dt.datetime) -> int:
    """The operator has looked: the rest of the run is written, without another question. Pauses lifted."""
    return _answered(by, now)


def stop(*, by: str, reason: str, now: dt.datetime) -> Pause:
    """The operator has looked: the run ends with what it has, and the network stays paused in their name."""
    with transaction.atomic():
        run = under_way()
        _answered(by, now)
        if run is not None:
            night.fail(run, f"Stopped by {by}: {reason}", now=now)
        return pause.begin(reason=reason, by=by, now=now)


def _answered(by: str, now: dt.datetime) -> int:
    asked = Pause.objects.filter(paused_by=BY, lifted_at__isnull=True)
    return asked.update(lifted_at=now, lifted_by=by)


def above() -> int:
    return settings.SYNC_CANARY_ABOVE


def share() -> float:
    return settings.SYNC_CANARY_SHARE
