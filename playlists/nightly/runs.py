"""The night's stages as rows: opened once a date by beat or by the minute's tick, counted, and closed.

A window is a unique row (stage, date), so a late, doubled, missed or restarted beat can neither run a stage
twice nor lose it. Stages are no barriers: what one has not finished goes on while the next begins, and at the
next plan all that is still open is closed with its counts.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Func, JSONField, Q, QuerySet, Value

from playlists.models import StageRun
from playlists.nightly import progress, schedule, windows

# A run that was taken up and not heard of for this long was lost with its worker: another may take it up.
LEASE = dt.timedelta(minutes=10)
# Where no plan comes to close a night, it closes itself.
LONGEST = dt.timedelta(hours=24)
SCHEDULE = "schedule"
# After an outage all windows come at once: the plan then goes before the lists, the lists before the sync.
COMES_AFTER = {StageRun.Stage.CURATE: StageRun.Stage.SCALE, StageRun.Stage.SYNC: StageRun.Stage.CURATE}


def open_due(now: dt.datetime) -> int:
    """Open the windows that are due and not open yet; how many."""
    return sum(_open(window, now) for window in windows.due(schedule.crontabs(), now, schedule.seeded_at()))


def unclaimed(now: dt.datetime) -> list[StageRun]:
    """Open windows without a worker, or whose worker is lost: the sweep enqueues them."""
    return list(_unclaimed(now).order_by("scheduled_at", "id"))


def _unclaimed(now: dt.datetime) -> QuerySet[StageRun]:
    # A sync that was taken up goes on by its copies' own messages, for hours if need be.
    is_lost = Q(heard_at__lt=now - LEASE) & ~Q(stage=StageRun.Stage.SYNC)
    has_no_worker = Q(started_at__isnull=True) | is_lost
    return StageRun.objects.filter(has_no_worker, state=StageRun.State.OPEN, trigger=SCHEDULE)


def _open(window: windows.Window, now: dt.datetime) -> bool:
    fields = {"scheduled_at": window.scheduled_at, "trigger": SCHEDULE}
    if window.is_missed:
        words = (
            f"Missed: nothing was running at {window.scheduled_at:%H:%M} UTC or in the twelve hours after."
        )
        fields |= {"state": StageRun.State.SKIPPED, "finished_at": now, "error": words}
    run, is_new = StageRun.objects.get_or_create(
        stage=window.stage, run_date=window.run_date, defaults=fields
    )
    is_new = is_new or (not window.is_missed and _take_over(run, window))
    if is_new and window.stage == StageRun.Stage.SCALE and not window.is_missed:
        close_before(window.run_date, now)
    return is_new and not window.is_missed


def _take_over(run: StageRun, window: windows.Window) -> bool:
    """A run that somebody made earlier the same day does not stand in for the window's own."""
    earlier = StageRun.objects.filter(pk=run.pk, started_at__lt=window.scheduled_at).exclude(trigger=SCHEDULE)
    fresh = {
        "state": StageRun.State.OPEN,
        "started_at": None,
        "finished_at": None,
        "heard_at": None,
        "error": "",
    }
    return bool(earlier.update(trigger=SCHEDULE, scheduled_at=window.scheduled_at, **fresh))


def claim(stage: str, *, now: dt.datetime) -> StageRun | None:
    """For a scheduled call: the stage's newest window, if it is open and has no worker; else None."""
    open_due(now)
    newest = StageRun.objects.filter(stage=stage, trigger=SCHEDULE).order_by("-run_date").first()
    if newest is None or _is_early(newest, now):
        return None
    taken = _unclaimed(now).filter(pk=newest.pk)
    if not taken.update(started_at=now, heard_at=now, attempts=F("attempts") + 1):
        return None
    newest.refresh_from_db()
    return newest


def _is_early(run: StageRun, now: dt.datetime) -> bool:
    """Whether the stage before it is about to begin or at its first try. A try that failed or was lost does
    not hold up the next stage: stages are no barriers."""
    is_at_first_try = Q(attempts=0) | Q(attempts=1, heard_at__gte=now - LEASE)
    before = COMES_AFTER.get(StageRun.Stage(run.stage))
    unfinished = StageRun.objects.filter(is_at_first_try, state=StageRun.State.OPEN, trigger=SCHEDULE)
    return before is not None and unfinished.filter(stage=before, run_date=run.run_date).exists()


def begin(stage: str, date: dt.date, *, trigger: str, now: dt.datetime) -> StageRun:
    """For a call that somebody made: the date's run, opened or taken up again; its window counts as used."""
    run, is_new = StageRun.objects.get_or_create(
        stage=stage, run_date=date, defaults={"scheduled_at": now, "trigger": trigger}
    )
    StageRun.objects.filter(pk=run.pk).update(
        state=StageRun.State.OPEN,
        started_at=now if is_new or run.started_at is None else run.started_at,
        finished_at=None,
        heard_at=now,
        error="",
        attempts=F("attempts") + 1,
    )
    run.refresh_from_db()
    return run


def finish(run: StageRun, *, counted: progress.Progress, now: dt.datetime) -> None:
    """Close a run with its counts: incomplete where something failed or is left."""
    is_incomplete = bool(counted.failed or counted.left)
    _count(run, counted, now)
    StageRun.objects.filter(pk=run.pk).update(
        state=StageRun.State.INCOMPLETE if is_incomplete else StageRun.State.DONE,
        finished_at=now,
        error=counted.error,
    )
    run.refresh_from_db()


def fail(run: StageRun, error: str, *, now: dt.datetime) -> None:
    StageRun.objects.filter(pk=run.pk).update(state=StageRun.State.INCOMPLETE, finished_at=now, error=error)


def note(run: StageRun, **facts: Any) -> None:
    """Keep facts about a run beside its counts."""
    StageRun.objects.filter(pk=run.pk).update(detail=_with(facts))
    run.detail = run.detail | facts


def _with(facts: dict[str, Any]) -> Func:
    """The run's detail with these facts, merged by the database: what another process noted since this one
    read the row stays."""
    given = Value(facts, output_field=JSONField())
    return Func(F("detail"), given, template="%(expressions)s", arg_joiner=" || ", output_field=JSONField())


def count_open(now: dt.datetime) -> list[StageRun]:
    """Count the open runs, and close those that no worker closes: of stages whose work goes on in other
    tasks, once nothing is left; of any, after a day. The ones still open."""
    still = []
    for run in StageRun.objects.filter(state=StageRun.State.OPEN).order_by("id"):
        counted = progress.of(run, now)
        is_over = run.stage in progress.GOES_ON and counted.is_over
        if is_over or now - (run.heard_at or run.scheduled_at) > LONGEST:
            finish(run, counted=counted, now=now)
        else:
            _count(run, counted, now)
            still.append(run)
    return still


def _count(run: StageRun, counted: progress.Progress, now: dt.datetime) -> None:
    fields = {
        "total": counted.total,
        "done": counted.done,
        "failed": counted.failed,
        "detail": _with(counted.detail),
    }
    if run.stage in progress.WORKED_ELSEWHERE and run.started_at is None:
        fields |= {"started_at": now, "heard_at": now}
    StageRun.objects.filter(pk=run.pk).update(**fields)


def close_before(date: dt.date, now: dt.datetime) -> int:
    """A new plan ends the nights before it: what is open is closed with its counts."""
    earlier = list(StageRun.objects.filter(state=StageRun.State.OPEN, run_date__lt=date))
    for run in earlier:
        finish(run, counted=progress.of(run, now), now=now)
    return len(earlier)
