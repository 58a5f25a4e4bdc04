"""Canaries first: in a large sync one copy goes ahead, then a few, then the rest; and where too much fails or
changes entirely, the run stops and asks.

A copy counts as failed where it fails now and did not when the run began. Lists change every day: with R days
of rest, today's shares no track with yesterday's, and the policies promise just that. What no policy promises
is counted here, in playlists:

* other rules: the new list was made under other rules than the list that is up, and not one of its tracks
  would have fitted those (a policy rewritten, or another one chosen);
* taken down: its playlist is retired, so that its copies are removed from Spotify;
* gone: a copy was missing from its account and is made again, without its followers.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts import plurals
from curation.engine import candidates, isolation
from curation.models import PolicyRevision
from curation.policy import language
from playlists.models import Audit, Pause, Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import runs
from playlists.sync import pause

BY = "the canaries"
# Errors that are one account's own, and no sign that the lists or the app are wrong.
OWN_TROUBLE = ("account", "reauth", "drift", "full")
WHY = {
    "other_rules": "with no track left that the rules of the list now up would admit",
    "taken_down": "retired, so to be taken off Spotify",
    "gone": "gone from their account, so to be made again",
}


@dataclass(frozen=True)
class SyncStats:
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
    stats: SyncStats
    failures: tuple[tuple[str, int, str], ...]
    changes: tuple[tuple[str, int, str], ...]


def canary_allowance(stats: SyncStats, *, above: int, share: float) -> int | None:
    """How many more may be tried before those are looked at: None for all, -1 for stop. Pure.

    The first goes alone; then 5 % go; then the rest. The run stops where more than `share` of the playlists
    change entirely, or more than `share` of the copies that were tried fail."""
    if stats.playlists <= above:
        return None
    if stats.changed > share * stats.playlists or (stats.tried and stats.failed > share * stats.tried):
        return -1
    if stats.tried == 0:
        return 1
    few = math.ceil(stats.copies / 20)
    return few - stats.tried if stats.tried < few else None


def before(now: dt.datetime) -> dict[str, Any]:
    """What a run begins with, to be kept with it: the copies in error before it, and what it would change."""
    return {
        "failing_before": sorted(_failing().values_list("pk", flat=True)),
        "other_rules": other_rules(now.date()),
        "taken_down": taken_down(),
    }


def check(now: dt.datetime) -> int | None:
    """The room in the sync that is under way; where it is to stop, the network is paused and asks for a
    person."""
    run = under_way()
    if run is None or run.started_at is None or _playlists(run) <= above() or _is_overruled(run):
        return None
    stats = of_run(run)
    found = canary_allowance(stats, above=above(), share=share())
    if found == -1 and pause.current(now) is None:
        pause.begin(reason=sentence(stats), by=BY, now=now)
    return found


def under_way() -> StageRun | None:
    open_runs = StageRun.objects.filter(stage=StageRun.Stage.SYNC, state=StageRun.State.OPEN)
    return open_runs.order_by("-run_date").first()


def of_run(run: StageRun) -> SyncStats:
    live = PlaylistCopy.objects.wanted().live()
    done = live.filter(status=PlaylistCopy.Status.SYNCED, last_synced_at__gte=run.started_at).count()
    failed = _failed_since(run).count()
    changed = {one for ids in _changed(run).values() for one in ids}
    return SyncStats(_playlists(run), run.total or live.listed().count(), done, failed, len(changed))


def _playlists(run: StageRun) -> int:
    return Playlist.objects.active().count() + len(run.detail.get("taken_down", []))


def _changed(run: StageRun) -> dict[str, list[int]]:
    """{why: playlists}: what the run began with, and what its looks through the accounts found since."""
    return {
        "other_rules": run.detail.get("other_rules", []),
        "taken_down": run.detail.get("taken_down", []),
        "gone": gone(run.run_date),
    }


def _failing() -> QuerySet[PlaylistCopy]:
    live = PlaylistCopy.objects.wanted().live().filter(status=PlaylistCopy.Status.ERROR)
    return live.exclude(error_kind__in=OWN_TROUBLE)


def _failed_since(run: StageRun) -> QuerySet[PlaylistCopy]:
    """The copies by name, not their number: three that recovered must not hide three that fail now."""
    return _failing().exclude(pk__in=run.detail.get("failing_before", []))


def _is_overruled(run: StageRun) -> bool:
    """Whether somebody looked at this run's question and lifted the pause all the same."""
    asked = Pause.objects.filter(paused_by=BY, paused_at__gte=run.started_at, lifted_at__isnull=False)
    return asked.exists()


def sentence(stats: SyncStats) -> str:
    words = []
    if stats.failed:
        words.append(f"{stats.failed:,} of the first {plurals.counted(stats.tried, 'copy')} failed")
    if stats.changed:
        words.append(
            f"{stats.changed:,} of {plurals.counted(stats.playlists, 'playlist')} would change entirely"
        )
    why = " and ".join(words) or "Too much goes wrong"
    left = plurals.counted(stats.copies, "copy")
    return f"{why}, with {left} to write. Look at the figures, then go on or stop."


def question(asked: Pause) -> Question | None:
    """What a pause of the canaries asks; None where it is not one, was answered, or its run is over."""
    run = under_way()
    if asked.paused_by != BY or asked.lifted_at or run is None or run.started_at is None:
        return None
    return Question(run, of_run(run), _failures(run), tuple(_reasons(_changed(run))))


def _failures(run: StageRun) -> tuple[tuple[str, int, str], ...]:
    rows = list(_failed_since(run).order_by("id").values_list("error_kind", "error_message"))
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
            runs.fail(run, f"Stopped by {by}: {reason}", now=now)
        return pause.begin(reason=reason, by=by, now=now)


def _answered(by: str, now: dt.datetime) -> int:
    asked = Pause.objects.filter(paused_by=BY, lifted_at__isnull=True)
    return asked.update(lifted_at=now, lifted_by=by)


def above() -> int:
    return settings.SYNC_CANARY_ABOVE


def share() -> float:
    return settings.SYNC_CANARY_SHARE


# --- what a sync would turn into something else


@dataclass(frozen=True)
class Change:
    """A list that waits to be written where one of other rules is up."""

    playlist_id: int
    snapshot_id: int
    old_revision_id: int


def other_rules(today: dt.date) -> list[int]:
    """Playlists whose new list has not one track that the rules of the list that is up would admit."""
    changes = _under_other_rules()
    rules = _parsed({one.old_revision_id for one in changes})
    fitting = _fitting({one for one in changes if one.old_revision_id in rules}, rules, today)
    return sorted(one.playlist_id for one in changes if fitting.get(one) == 0)


def taken_down() -> list[int]:
    """Retired playlists that are still up on Spotify."""
    up = PlaylistCopy.objects.live().filter(playlist__status=Playlist.Status.RETIRED)
    found = up.filter(spotify_playlist_id__isnull=False).values_list("playlist", flat=True)
    return sorted(set(found))


def gone(date: dt.date) -> list[int]:
    """Playlists that have a copy missing, as the date's audit of the accounts found."""
    findings = Audit.objects.filter(date=date).exclude(findings=[]).values_list("findings", flat=True)
    missing = [one["copy_id"] for found in findings for one in found if one["kind"] == "missing"]
    return sorted(set(PlaylistCopy.objects.filter(pk__in=missing).values_list("playlist", flat=True)))


def _under_other_rules() -> set[Change]:
    """Two queries: copies with something to write, made by another revision than what they carry."""
    behind = PlaylistCopy.objects.wanted().live().behind().filter(synced_snapshot__revision__isnull=False)
    named = ("playlist", "newest_id", "synced_snapshot__revision")
    rows = list(behind.values_list(*named).distinct())
    newest = _revisions_of({snapshot for _, snapshot, _ in rows})
    return {
        Change(playlist, snapshot, old)
        for playlist, snapshot, old in rows
        if snapshot in newest and newest[snapshot] != old
    }


def _revisions_of(snapshots: Iterable[int | None]) -> dict[int, int | None]:
    made = Snapshot.objects.filter(pk__in=list(snapshots), revision__isnull=False)
    return dict(made.values_list("pk", "revision"))


def _parsed(revisions: Iterable[int]) -> dict[int, language.Policy]:
    """Revisions whose rules say which tracks they admit; an open one admits all and is left out."""
    rows = PolicyRevision.objects.filter(pk__in=list(revisions))
    sound, _ = language.parsed(dict(rows.values_list("pk", "body")))
    return {key: rules for key, rules in sound.items() if rules.where is not None}


def _fitting(
    changes: Iterable[Change], rules: Mapping[int, language.Policy], today: dt.date
) -> Mapping[Change, int]:
    """{change: how many tracks of the new list the old rules admit}; rules that can not be answered any more
    are left out. One query."""
    kept = sorted(changes, key=lambda one: (one.playlist_id, one.snapshot_id, one.old_revision_id))
    if not kept:
        return {}

    def read(sound: Mapping[int, language.Policy]) -> Mapping[Change, int]:
        questions, bits = candidates.ask(sound.values(), today=today)
        bit_of = {key: one.where | one.fallback for key, one in zip(sound, bits, strict=True)}
        answered = [one for one in kept if one.old_revision_id in bit_of]
        masks = _masks_of(questions, [one.snapshot_id for one in answered])
        return {
            one: sum(bool(mask & bit_of[one.old_revision_id]) for mask in masks[one.snapshot_id])
            for one in answered
        }

    return isolation.ask(rules, read, today=today)[0]


def _masks_of(questions: candidates.Questions, snapshots: list[int]) -> Mapping[int, list[int]]:
    """{snapshot: the answers of each of its usable tracks}."""
    rows = candidates.answered(questions)
    words = ", ".join(f"f.{name}" for name in candidates.words(questions))
    text = (
        f"SELECT entry.snapshot_id, {words} FROM playlist_entries_history entry "  # noqa: S608 - our own pieces
        f"JOIN ({rows.text}) f ON f.id = entry.track_id WHERE entry.snapshot_id = ANY(%s)"
    )
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(text, [*rows.params, snapshots])
        for snapshot, *mask in cursor.fetchall():
            found[snapshot].append(candidates.mask(mask))
    return found
