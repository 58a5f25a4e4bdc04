"""One whole day from one process: each stage in its order until nothing is left, whoever does the work.

It works itself, beside any workers that live, and waits for what they hold for as long as anything moves.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from accounts import plurals
from catalog.features import enrich
from catalog.genres import ask
from catalog.models import Track
from playlists import locks
from playlists.models import StageRun
from playlists.nightly import progress, runs, stages
from playlists.nightly.stages import CURATE, ENRICH, INGEST, NAMES, SCALE, SYNC, Step
from playlists.planning import scaling
from playlists.rotation import snapshots
from playlists.sync import drain

# A block that ends within this time is slept through; a longer one is for another time.
SHORT_BLOCK = dt.timedelta(seconds=75)
# Where nothing moved for this long, by anybody, the stage is given up: longer than a dead worker's lease.
STALLED_AFTER = dt.timedelta(minutes=10)
# Between two looks at what others do, and between two lines about it.
POLL_SECONDS, TELL_EVERY = 1.0, dt.timedelta(seconds=10)
# So long works this process before it looks at the whole again.
PIECE_SECONDS = 20.0


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


@dataclass
class Day:
    """What a run is about, how far it is, and how it goes on."""

    report: Report
    clock: stages.Clock
    by: str
    replan: bool
    say: Callable[[str], None]
    sleep: Callable[[float], None]
    stalled_after: dt.timedelta

    @property
    def date(self) -> dt.date:
        return self.report.date

    def begin(self, stage: str) -> StageRun:
        return runs.begin(stage, self.date, trigger=self.by, now=self.clock())

    def add(self, step: Step, began: float) -> None:
        step.seconds = round(time.monotonic() - began, 2)
        self.report.steps.append(step)
        self.say(f"{step.stage}: {step.sentence} ({step.seconds:.1f} s)")


@dataclass
class Watch:
    """Whether anything moves, and what was said of it last."""

    day: Day
    moved_at: dt.datetime
    seen: object = None
    said_at: dt.datetime | None = None

    def wait(self, seen: object, words: str, seconds: float) -> bool:
        """Sleep until there may be something new to see; False where nothing moved for too long."""
        now = self.day.clock()
        if seen != self.seen:
            self.seen, self.moved_at = seen, now
        elif now - self.moved_at > self.day.stalled_after:
            return False
        if self.said_at is None or now - self.said_at >= TELL_EVERY:
            self.day.say(words)
            self.said_at = now
        if seconds > 0:
            self.day.sleep(seconds)
        return True


def ticking(now: dt.datetime) -> stages.Clock:
    """A clock that starts at `now` and goes on with the machine's."""
    started = time.monotonic()
    return lambda: now + dt.timedelta(seconds=time.monotonic() - started)


def run(
    date: dt.date,
    *,
    names: Sequence[str] = NAMES,
    now: dt.datetime,
    dry_run: bool = False,
    replan: bool = False,
    by: str = "run_day",
    say: Callable[[str], None] = lambda words: None,
    sleep: Callable[[float], None] = time.sleep,
    stalled_after: dt.timedelta = STALLED_AFTER,
) -> Report:
    """Run the named stages for this date, in their order. The same date again keeps its plan and writes
    nothing that is there already; `replan` plans it again.

    A stage that is blocked (paused, circuit open, locked) says so and the next is tried: stages are no
    barriers."""
    day = Day(Report(date, dry_run), ticking(now), by, replan, say, sleep, stalled_after)
    for stage in [one for one in NAMES if one in names]:
        began = time.monotonic()
        day.add(_foreseen(stage, day) if dry_run else _WORK[stage](day), began)
        if stage == ENRICH and not dry_run and _planned_on_nothing(day.report):
            began, again = time.monotonic(), _scale(day)
            again.sentence = f"Planned again, now that there are tracks: {again.sentence}"
            day.add(again, began)
    for step in day.report.steps:
        _is_shut(step, day)
    return day.report


def _planned_on_nothing(report: Report) -> bool:
    """Whether the plan was made before there were tracks for even one list, and now there are: the first day
    of a new catalogue."""
    planned = next((step for step in report.steps if step.stage == SCALE), None)
    if planned is None or not stages.stands_on_nothing(planned.facts):
        return False
    return not stages.stands_on_nothing({"T": Track.objects.usable().count()})


def _is_shut(step: Step, day: Day) -> bool:
    """Whether its stage can not go on for long, whatever is due; the step then says so."""
    found = stages.blocked(step.stage, day.clock())
    if found is None or found.is_short(day.clock(), SHORT_BLOCK):
        return False
    if not step.is_blocked:
        step.sentence = f"{step.sentence} {found.sentence}".strip()
    step.is_blocked, step.blocked_until = True, found.until
    return True


# --- told beforehand


def _foreseen(stage: str, day: Day) -> Step:
    """What a stage would do; writes nothing."""
    if stage == SCALE:
        if not day.replan and (kept := stages.plan_of(day.date)):
            return stages.kept_plan(kept)
        plan = scaling.plan_for(day.date)
        return Step(SCALE, {**plan.stats, "actions": len(plan.actions)}, " ".join(plan.reasons))
    if stage == CURATE:
        return _foreseen_lists(day)
    due, sentence = stages.outlook(stage, day.clock())
    return Step(stage, {"due": due}, sentence)


def _foreseen_lists(day: Day) -> Step:
    try:
        outcome = snapshots.build(day.date, now=day.clock(), dry_run=True, keeps_held=_keeps_held(day))
    except locks.Busy as error:
        return Step(CURATE, sentence=str(error), is_blocked=True)
    facts = {"built": len(outcome.built), "held": len(outcome.held), "existing": outcome.existing}
    return Step(CURATE, facts, outcome.sentence(), failed=len(outcome.held))


# --- in one piece


def _scale(day: Day) -> Step:
    return _in_one_piece(
        SCALE, day, lambda run: stages.scale(run, clock=day.clock, keeps_plan=not day.replan)
    )


def _keeps_held(day: Day) -> bool:
    """Whether a playlist that could not be filled on this date stays so: unless the day was not whole yet."""
    before = StageRun.objects.filter(stage=CURATE, run_date=day.date).first()
    was_whole = before is not None and not before.detail.get("catalogue_was_blocked")
    return was_whole and not day.replan and stages.has_lists(day.date)


def _curate(day: Day) -> Step:
    keeps_held = _keeps_held(day)
    is_blocked = any(step.is_blocked for step in day.report.steps if step.stage in {INGEST, ENRICH})

    def work(run: StageRun) -> Step:
        runs.note(run, catalogue_was_blocked=is_blocked)
        return stages.curate(run, clock=day.clock, keeps_held=keeps_held)

    return _in_one_piece(CURATE, day, work)


def _in_one_piece(stage: str, day: Day, work: Callable[[StageRun], Step]) -> Step:
    watch, words = Watch(day, day.clock()), f"{stage}: waiting for another process that is at the same"
    while (step := work(day.begin(stage))).is_busy:
        if not watch.wait(None, words, POLL_SECONDS):
            step.is_blocked = True
            return step
    return step


# --- piece by piece


def _ingest(day: Day) -> Step:
    run, here, reasons = day.begin(INGEST), Counter[str](), [""]
    before = progress.of(run, day.clock())

    def work() -> bool:
        outcome = stages.ingest_albums(clock=day.clock, time_left=_piece())
        here.update(ingested=outcome.ingested, failed=outcome.failed)
        reasons.append(outcome.reason)
        return bool(outcome.ingested or outcome.failed)

    step = Step(INGEST)
    counted = _until_over(step, run, day, work)
    failed = counted.failed - before.failed
    step.facts = {"ingested": counted.done - before.done, "failed": failed, "here": here["ingested"]}
    step.facts["left"] = counted.left
    why = step.sentence or reasons[-1]
    step.sentence = (
        f"{plurals.counted(step.facts['ingested'], 'album')} ingested, {failed:,} failed. {why}".strip()
    )
    return step


def _enrich(day: Day) -> Step:
    run, here, reasons = day.begin(ENRICH), Counter[str](), [""]
    genres, troubles = Counter[str](), list[str]()
    before = progress.of(run, day.clock())

    def work() -> bool:
        outcome = stages.enrich_tracks(clock=day.clock, time_left=_piece())
        here.update(found=outcome.found, absent=outcome.absent)
        reasons.append("" if outcome.reason == enrich.BUSY else outcome.reason)
        if outcome.found or outcome.absent:
            return True
        asked = stages.enrich_artists(clock=day.clock, time_left=_piece())
        genres.update(asked.outcomes)
        troubles.extend(reason for reason in asked.reasons if reason != ask.BUSY)
        return bool(asked.asked)

    step = Step(ENRICH)
    counted = _until_over(step, run, day, work)
    others = max(0, counted.done - before.done - here.total() - genres.total())
    step.facts = {"found": here["found"], "absent": here["absent"], "by_others": others, "left": counted.left}
    step.facts["genres"] = dict(genres)
    words = f"Features found for {plurals.counted(here['found'], 'track')}, absent for {here['absent']:,}"
    words += f"; {others:,} were asked for by others." if others else "."
    told = [words, _genres_in_words(genres), step.sentence or reasons[-1], *dict.fromkeys(troubles)]
    step.sentence = " ".join(filter(None, told))
    return step


def _genres_in_words(genres: Counter[str]) -> str:
    """What sources said, an artist counted once for each that was asked."""
    if not genres:
        return ""
    found, none = plurals.counted(genres["found"], "artist"), genres["no_genre"]
    return f"Genres found for {found}, none for {none:,}, absent {genres['absent']:,}."


def _sync(day: Day) -> Step:
    step = Step(SYNC, {"due": stages.outlook(SYNC, day.clock())[0]})
    if _is_shut(step, day):
        return step
    run, drained = day.begin(SYNC), drain.Drained()
    stages.begin_sync(run, day.clock())
    accounts = deque(stages.accounts_to_sync(day.clock(), with_a_look=True))

    def work() -> bool:
        if not accounts:
            drained.messages.clear()
            accounts.extend(stages.accounts_to_sync(day.clock(), with_a_look=False))
        before, time_left = written(drained), _piece()
        while accounts and time_left() > 0:
            account_id = accounts.popleft()
            drained.merge(
                stages.sync_account(account_id, date=day.date, clock=day.clock, time_left=time_left)
            )
        return bool(accounts) or written(drained) > before

    counted = _until_over(step, run, day, work)
    step.failed = counted.failed
    step.facts |= {"copies": counted.total, "up": counted.done, "stuck": counted.failed, "left": counted.left}
    step.facts |= {"synced": drained.states["synced"], "archived": drained.states["archived"]}
    troubles = "; ".join(dict.fromkeys(drained.messages))
    words = [
        f"{counted.done:,} of {plurals.counted(counted.total, 'copy')} up to date.",
        troubles,
        step.sentence,
    ]
    step.sentence = " ".join(word for word in words if word)
    return step


def written(drained: drain.Drained) -> int:
    return drained.states["synced"] + drained.states["archived"] + drained.states["failed"]


def _until_over(step: Step, run: StageRun, day: Day, work: Callable[[], bool]) -> progress.Progress:
    """Work, and wait for what others hold, until nothing is left; or until the stage is shut, what is left
    waits for long, or nothing moved for too long. The step then says why."""
    watch = Watch(day, day.clock())
    while True:
        found = stages.blocked(step.stage, day.clock())
        did_something = found is None and work()
        now = day.clock()
        counted = progress.of(run, now)
        if counted.is_over:
            runs.finish(run, counted=counted, now=now)
            return counted
        if _is_shut(step, day):
            return counted
        seconds = 0.0 if did_something else _pause(counted, found, now)
        words = f"{step.stage}: {counted.ended:,} of {counted.total:,}; waiting for {counted.waits_for}"
        seen = (counted.ended, counted.left, counted.albums_to_come)
        if seconds is None or not watch.wait(seen, words, seconds):
            step.is_blocked, step.blocked_until = True, counted.until
            step.sentence = f"Left for later: {counted.waits_for}."
            return counted


def _pause(counted: progress.Progress, found: stages.Block | None, now: dt.datetime) -> float | None:
    """Seconds until something may go on; None where all that is left waits longer than is worth sitting
    out."""
    if found and found.until:
        return max(0.0, (found.until - now).total_seconds()) + 0.1
    if counted.due or counted.held or counted.albums_to_come or counted.until is None:
        return POLL_SECONDS
    wait = counted.until - now
    return max(0.0, wait.total_seconds()) + 0.1 if wait <= SHORT_BLOCK else None


def _piece() -> stages.TimeLeft:
    end = time.monotonic() + PIECE_SECONDS
    return lambda: end - time.monotonic()


_WORK = {SCALE: _scale, INGEST: _ingest, ENRICH: _enrich, CURATE: _curate, SYNC: _sync}
