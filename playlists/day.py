"""One whole day in this process: scale, ingest, enrich, curate, sync, each recorded as the stage it is."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accounts.gateway_state import gateways
from accounts.models import Account
from catalog.features import enrich
from catalog.ingest import ingest
from playlists import guard, locks, night, tally
from playlists.models import PlaylistCopy, StageRun
from playlists.planning import scaling
from playlists.rotation import recording, snapshots
from playlists.sync import drain, forecast, pause

STAGES = ("scale", "ingest", "enrich", "curate", "sync")
# A wait up to this long is slept through at the end of the sync; a longer one is for another time.
PATIENCE = 75.0
PASSES_WITHOUT_PROGRESS = 3

Clock = Callable[[], dt.datetime]


@dataclass
class Step:
    """What one stage did: figures for people, and whether it was blocked or left something undone."""

    stage: str
    facts: dict[str, Any] = field(default_factory=dict)
    sentence: str = ""
    failed: int = 0
    blocked_until: dt.datetime | None = None
    is_blocked: bool = False
    seconds: float = 0.0


@dataclass
class Report:
    date: dt.date
    dry_run: bool
    steps: list[Step] = field(default_factory=list)

    @property
    def is_blocked(self) -> bool:
        return any(step.is_blocked for step in self.steps)

    @property
    def is_partly_failed(self) -> bool:
        return any(step.failed for step in self.steps)


def ticking(now: dt.datetime) -> Clock:
    """A clock that starts at `now` and goes on with the machine's."""
    started = time.monotonic()
    return lambda: now + dt.timedelta(seconds=time.monotonic() - started)


def run(
    date: dt.date,
    *,
    stages: Sequence[str] = STAGES,
    now: dt.datetime,
    dry_run: bool = False,
    by: str = "run_day",
    say: Callable[[str], None] = lambda words: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Report:
    """Run the stages for this date, in their order. The same date again writes nothing that is there already.

    A stage that is blocked (paused, circuit open, locked) says so and the next is tried: stages are no
    barriers."""
    report, clock = Report(date, dry_run), ticking(now)
    for stage in [one for one in STAGES if one in stages]:
        began = time.monotonic()
        step = _WORK[stage](date, clock, dry_run, by, sleep)
        step.seconds = round(time.monotonic() - began, 2)
        report.steps.append(step)
        say(f"{stage}: {step.sentence} ({step.seconds:.1f} s)")
        if stage == "enrich" and _planned_on_nothing(report):
            again = _WORK["scale"](date, clock, dry_run, by, sleep)
            again.sentence = f"Planned again, now that there are tracks: {again.sentence}"
            report.steps.append(again)
            say(f"scale: {again.sentence}")
    return report


def _planned_on_nothing(report: Report) -> bool:
    """Whether the plan was made before there were tracks for even one list: the first day of a new
    catalogue."""
    planned = next((step for step in report.steps if step.stage == "scale"), None)
    return (
        planned is not None
        and planned.facts.get("T", settings.TRACKS_PER_PLAYLIST) < settings.TRACKS_PER_PLAYLIST
    )


def scale(date: dt.date, clock: Clock, dry_run: bool, by: str, sleep: Callable[[float], None]) -> Step:
    plan = scaling.plan_for(date)
    step = Step("scale", {**plan.stats, "actions": len(plan.actions)}, " ".join(plan.reasons))
    if dry_run:
        return step
    run = night.begin("scale", date, trigger=by, now=clock())
    try:
        applied = scaling.apply(plan, by=by, now=clock())
    except locks.Busy as error:
        return _held_up(step, run, str(error), clock)
    night.note(run, **forecast.of_the_coming_night(clock(), None).facts())
    night.finish(run, counted=tally.scaled(run, clock()), now=clock())
    step.facts = {**applied.stats, "plan_id": applied.pk, "actions": len(applied.actions)}
    step.sentence = " ".join(applied.reasons)
    return step


def _held_up(step: Step, run: StageRun, why: str, clock: Clock) -> Step:
    night.fail(run, why, now=clock())
    step.is_blocked, step.sentence = True, why
    return step


def ingest_albums(
    date: dt.date, clock: Clock, dry_run: bool, by: str, sleep: Callable[[float], None]
) -> Step:
    if dry_run:
        waiting = ingest.AlbumSource.objects.due(clock()).count()
        return Step("ingest", {"due": waiting}, f"{waiting:,} album links are due.")
    run = night.begin("ingest", date, trigger=by, now=clock())
    outcome = (
        ingest.run(gateway=gateways.for_app(lane="ingest"), now=clock())
        if ingest.due(clock())
        else ingest.IngestResult()
    )
    facts = {"ingested": outcome.ingested, "failed": outcome.failed, "requeued": outcome.requeued}
    sentence = f"{outcome.ingested:,} albums ingested, {outcome.failed:,} failed. {outcome.reason}".strip()
    return _catalogue_step(Step("ingest", facts, sentence), outcome, run, clock)


def _ingest(clock: Clock, sleep: Callable[[float], None]) -> ingest.IngestResult:
    """Until nothing is due, sitting out the short waits that Spotify's pace asks for."""
    total = ingest.IngestResult()
    while ingest.due(clock()) or total.blocked_until:
        if total.blocked_until:
            wait = (total.blocked_until - clock()).total_seconds()
            if wait > PATIENCE:
                break
            sleep(max(0.0, wait) + 0.1)
        last = ingest.run(gateway=gateways.for_app(lane="ingest"), now=clock())
        counts = (total.ingested + last.ingested, total.failed + last.failed, last.requeued)
        total = ingest.IngestResult(*counts, last.blocked_until, last.reason)
        if not (last.ingested or last.failed or last.blocked_until):
            break
    return total


def enrich_tracks(
    date: dt.date, clock: Clock, dry_run: bool, by: str, sleep: Callable[[float], None]
) -> Step:
    if dry_run:
        waiting = enrich.Track.objects.lacking_features(clock()).count()
        return Step("enrich", {"due": waiting}, f"{waiting:,} tracks lack features.")
    run = night.begin("enrich", date, trigger=by, now=clock())
    outcome = enrich.run(now=clock())
    facts = {"found": outcome.found, "absent": outcome.absent}
    sentence = f"Features found for {outcome.found:,} tracks, absent for {outcome.absent:,}. {outcome.reason}"
    return _catalogue_step(Step("enrich", facts, sentence.strip()), outcome, run, clock)


def _catalogue_step(
    step: Step, outcome: ingest.IngestResult | enrich.EnrichResult, run: StageRun, clock: Clock
) -> Step:
    step.blocked_until, step.is_blocked = outcome.blocked_until, outcome.blocked_until is not None
    if not step.is_blocked:
        night.finish(run, counted=tally.of(run, clock()), now=clock())
    return step


def curate(date: dt.date, clock: Clock, dry_run: bool, by: str, sleep: Callable[[float], None]) -> Step:
    step = Step("curate")
    run = None if dry_run else night.begin("curate", date, trigger=by, now=clock())
    try:
        outcome = snapshots.build(date, now=clock(), dry_run=dry_run)
    except (locks.Busy, recording.GapBroken) as error:
        step.is_blocked, step.sentence = True, str(error)
        if run:
            night.fail(run, str(error), now=clock())
        return step
    step.facts = {"built": len(outcome.built), "held": len(outcome.held), "existing": outcome.existing}
    step.sentence = outcome.sentence()
    step.failed = len(outcome.held)
    if run:
        night.finish(run, counted=tally.curated(run, clock()), now=clock())
    return step


def sync_copies(date: dt.date, clock: Clock, dry_run: bool, by: str, sleep: Callable[[float], None]) -> Step:
    step = Step("sync", {"due": drain.due(clock()).count()})
    if dry_run:
        step.sentence = f"{step.facts['due']:,} copies have something to write."
        return step
    if found := pause.current(clock()):
        step.is_blocked, step.blocked_until, step.sentence = True, found.until, pause.sentence(found)
        return step
    run = night.begin("sync", date, trigger=by, now=clock())
    drain.mark_waiting()
    night.note(run, **forecast.of_the_night(clock()).facts(), **guard.before(clock()))
    drained = drain_all(date, clock, sleep)
    counted = tally.synced(run, clock())
    night.progress(clock())
    step.facts |= dict(drained.states) | {
        "copies": counted.total,
        "up": counted.done,
        "stuck": counted.failed,
    }
    step.failed, step.blocked_until = counted.total - counted.done, drained.until
    step.is_blocked = drained.stopped and counted.done < counted.total
    asked = pause.current(clock())
    words = "; ".join(dict.fromkeys([*drained.messages, *([pause.sentence(asked)] if asked else [])]))
    step.sentence = f"{counted.done:,} of {counted.total:,} copies are up to date. {words}".strip()
    return step


def drain_all(date: dt.date, clock: Clock, sleep: Callable[[float], None]) -> drain.Drained:
    """Every account in turn, and again for what only needed a short wait, while that brings anything
    further."""
    total, idle = drain.Drained(), 0
    while idle < PASSES_WITHOUT_PROGRESS:
        before = total.states["synced"] + total.states["archived"]
        total.stopped, total.until = False, None
        for account_id in Account.objects.active().order_by("id").values_list("pk", flat=True):
            total.merge(drain.account(account_id, clock=clock, date=date))
        idle = 0 if total.states["synced"] + total.states["archived"] > before else idle + 1
        wait = _shortest_wait(clock(), total)
        if wait is None:
            break
        sleep(wait)
    return total


def _shortest_wait(now: dt.datetime, total: drain.Drained) -> float | None:
    """Seconds until something can go on, where that is soon; None where nothing waits or it waits longer."""
    waiting = (
        PlaylistCopy.objects.wanted().live().filter(not_before__gt=now, account__status=Account.Status.ACTIVE)
    )
    moments = [one for one in waiting.order_by("not_before").values_list("not_before", flat=True)[:1] if one]
    if total.until is not None:
        moments.append(total.until)
    seconds = min(((moment - now).total_seconds() for moment in moments), default=None)
    return max(0.0, seconds) + 0.1 if seconds is not None and seconds <= PATIENCE else None


_WORK = {
    "scale": scale,
    "ingest": ingest_albums,
    "enrich": enrich_tracks,
    "curate": curate,
    "sync": sync_copies,
}
