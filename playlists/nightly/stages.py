"""The five stages of a night, one body each: beat's tasks, run_day, the console, the API and the demo all run
these.

Planning and curating are done in one piece, and close their run. Ingest, enrich and sync are worked on piece
by piece by any number of processes: their bodies do some of it, and progress.py says when all is done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts import enqueue, plurals
from accounts.gateway_state import gateways
from accounts.models import Account, Circuit
from accounts.spotify import breaker, capabilities
from catalog.features import enrich
from catalog.genres import ask
from catalog.ingest import ingest
from catalog.models import AlbumSource, Track
from playlists import locks
from playlists.models import ManagerPlan, Snapshot, StageRun
from playlists.nightly import canary, progress, runs, schedule
from playlists.planning import scaling
from playlists.rotation import latest_health, recording, snapshots
from playlists.sync import drain, forecast, pause

SCALE, INGEST, ENRICH, CURATE, SYNC = NAMES = tuple(StageRun.Stage.values)
Clock = Callable[[], dt.datetime]
TimeLeft = Callable[[], float]
# Whose circuits keep a stage from going on.
BUCKETS = {
    INGEST: (breaker.APP, capabilities.CATALOGUE),
    SYNC: (breaker.APP, capabilities.PLAYLIST_READ, capabilities.PLAYLIST_WRITE),
}


@dataclass
class Step:
    """What one process did for a stage: figures for people, and whether something keeps it from going on."""

    stage: str
    facts: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""
    failed: int = 0
    blocked_until: dt.datetime | None = None
    is_blocked: bool = False
    # Another process is at the same: worth trying again soon.
    is_busy: bool = False
    seconds: float = 0.0


@dataclass(frozen=True)
class Block:
    """Why a stage cannot go on, and until when; `until` None: until a person sees to it."""

    sentence: str
    until: dt.datetime | None

    def is_short(self, now: dt.datetime, limit: dt.timedelta) -> bool:
        return self.until is not None and self.until - now <= limit


def enqueue_stage(stage: str, *, by: str, now: dt.datetime) -> None:
    """Have a worker run a stage of today. The catalogue's tasks know nothing of nights: their run is opened
    here."""
    if stage in progress.WORKED_ELSEWHERE:
        runs.begin(stage, now.date(), trigger=f"by {by}"[:100], now=now)
    enqueue.after_commit(schedule.TASK_OF[stage].task)


def blocked(stage: str, now: dt.datetime) -> Block | None:
    """A pause, an open circuit of Spotify's, or a source of features that asked us to stay away."""
    if stage == SYNC and (paused := pause.current(now)):
        return Block(pause.sentence(paused), paused.until)
    if stage == ENRICH and (until := enrich.blocked_until(now)):
        lacking = Track.objects.lacking_features(now).exists()
        is_shut = lacking and not ask.due(now)
        return Block("The source of audio features asked us to stay away.", until) if is_shut else None
    mine = Circuit.objects.filter(
        app=gateways.app_name(), bucket__in=BUCKETS.get(stage, ()), open_until__gt=now
    )
    circuit = mine.exclude(state=Circuit.State.CLOSED).order_by("-open_until").first()
    if circuit is None:
        return None
    why = circuit.reason or "Spotify does not answer well"
    return Block(f"Spotify's {circuit.bucket} is closed to us: {why}.", circuit.open_until)


def outlook(stage: str, now: dt.datetime) -> tuple[int, str]:
    """What a stage that is worked on piece by piece has before it: how much, and in words."""
    match stage:
        case StageRun.Stage.INGEST:
            count = AlbumSource.objects.due(now).count()
            return count, f"{plurals.counted(count, 'album link')} {plurals.verb(count, 'is', 'are')} due."
        case StageRun.Stage.ENRICH:
            count, artists = Track.objects.lacking_features(now).count(), ask.lacking(now).count()
            words = (
                f"{plurals.counted(count, 'track')} {plurals.verb(count, 'lacks', 'lack')} audio features."
            )
            if artists:
                words += f" Genres of {plurals.counted(artists, 'artist')} are to be asked for."
            return count + artists, words
        case _:
            count = drain.due(now).count()
            return (
                count,
                f"{plurals.counted(count, 'copy')} {plurals.verb(count, 'has', 'have')} something to write.",
            )


# --- in one piece


def scale(run: StageRun, *, clock: Clock, keeps_plan: bool = False) -> Step:
    """Plan the date and apply the plan. `keeps_plan`: a date that has its plan keeps it."""
    if keeps_plan and (kept := plan_of(run.run_date)):
        runs.finish(run, counted=progress.of(run, clock()), now=clock())
        return kept_plan(kept)
    try:
        plan = scaling.apply(scaling.plan_for(run.run_date), by=run.trigger, now=clock())
    except locks.Busy as error:
        return _busy(SCALE, run, error, clock)
    begins = max(clock(), schedule.sync_time(run.run_date) or clock())
    foreseen = forecast.of_the_coming_night(begins, ends=schedule.next_plan(begins))
    runs.note(run, **foreseen.facts())
    runs.finish(run, counted=progress.of(run, clock()), now=clock())
    facts = {**plan.stats, "plan_id": plan.pk, "actions": len(plan.actions)}
    return Step(SCALE, facts, " ".join(plan.reasons))


def plan_of(date: dt.date) -> ManagerPlan | None:
    """The plan that a date has. One made before there were tracks for even one list is none."""
    applied = ManagerPlan.objects.filter(run_date=date, status=ManagerPlan.Status.APPLIED).last()
    return applied if applied and not stands_on_nothing(applied.stats) else None


def kept_plan(plan: ManagerPlan) -> Step:
    size = plurals.counted(plan.stats.get("p_planned", 0), "playlist")
    words = f"The plan of {plan.run_date} stands: {size}."
    return Step(SCALE, {**plan.stats, "plan_id": plan.pk, "actions": 0, "is_kept": True}, words)


def stands_on_nothing(stats: dict[str, Any]) -> bool:
    return bool(stats.get("T", settings.TRACKS_PER_PLAYLIST) < settings.TRACKS_PER_PLAYLIST)


def curate(run: StageRun, *, clock: Clock, keeps_held: bool = False) -> Step:
    """Build the date's lists. `keeps_held`: a playlist that was held on this date stays so."""
    try:
        outcome = snapshots.build(run.run_date, now=clock(), keeps_held=keeps_held)
    except locks.Busy as error:
        return _busy(CURATE, run, error, clock)
    except recording.GapBroken as error:
        runs.fail(run, str(error), now=clock())
        return Step(CURATE, sentence=str(error), failed=1)
    counted = progress.of(run, clock())
    runs.finish(run, counted=counted, now=clock())
    # Counted in the night: at a million tracks it takes longer than a page may.
    latest_health.counted(clock())
    facts = {"built": len(outcome.built), "held": counted.failed, "existing": outcome.existing}
    return Step(CURATE, facts, outcome.sentence(), failed=counted.failed)


def has_lists(date: dt.date) -> bool:
    return Snapshot.objects.built().filter(date=date).exists()


def _busy(stage: str, run: StageRun, error: Exception, clock: Clock) -> Step:
    runs.fail(run, str(error), now=clock())
    return Step(stage, sentence=str(error), is_busy=True)


# --- piece by piece


def ingest_albums(*, clock: Clock, time_left: TimeLeft) -> ingest.IngestResult:
    if not ingest.due(clock()):
        return ingest.IngestResult()
    return ingest.run(gateway=gateways.for_app(lane="ingest"), now=clock(), time_left=time_left)


def enrich_tracks(*, clock: Clock, time_left: TimeLeft) -> enrich.EnrichResult:
    return enrich.run(now=clock(), time_left=time_left)


def enrich_artists(*, clock: Clock, time_left: TimeLeft) -> ask.AskResult:
    """The second half of the same stage: genres, once what tracks sound like is asked or has to wait."""
    return ask.run(clock=clock, time_left=time_left)


def begin_sync(run: StageRun, now: dt.datetime) -> None:
    """Say on every copy that waits why, and keep with the run what it begins with."""
    drain.mark_waiting()
    foreseen = forecast.of_the_night(now, ends=schedule.next_plan(now))
    runs.note(run, **foreseen.facts(), **canary.before(now))


def sync_account(account_id: int, *, date: dt.date, clock: Clock, time_left: TimeLeft) -> drain.Drained:
    """Write what is due on one account, as far as the canaries allow."""
    return drain.account(account_id, clock=clock, date=date, allowance=canary.check, time_left=time_left)


def accounts_to_sync(now: dt.datetime, *, with_a_look: bool) -> list[int]:
    """Active accounts with something to write; `with_a_look`: the others too, which are looked through once a
    day."""
    active = Account.objects.active().order_by("id")
    due = Q() if with_a_look else Q(pk__in=drain.due(now).order_by().values("account"))
    return list(active.filter(due).values_list("pk", flat=True))
