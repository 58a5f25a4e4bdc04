"""Tonight's stages and the last nights as the front page shows them: planned, actual, late, how long yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playlists.nightly import schedule, windows

# In the order of the night.
STAGES = tuple(schedule.TASK_OF)
# A stage that has not begun this long after its time is late.
GRACE = dt.timedelta(minutes=15)
BAR = 40  # pixels of the longest bar


@dataclass(frozen=True)
class Stage:
    """One stage of tonight; `state` is a run's state, or "planned", "late" or "off" where there is no run."""

    name: str
    state: str
    planned: dt.datetime | None
    started: dt.datetime | None
    finished: dt.datetime | None
    done: int
    total: int
    failed: int
    rate: str
    remaining: str
    trouble: str


def tonight(
    runs: Iterable[Any], rows: Sequence[Any], now: dt.datetime, since: dt.datetime | None = None
) -> list[Stage]:
    """The five stages of now's date, from its runs (StageRun rows) and the schedule's rows (PeriodicTask).

    `since`: the schedule did not exist before, so no stage was late then."""
    begun = {run.stage: run for run in runs}
    times = {
        schedule.STAGE_OF[row.task]: windows.first_time(row.crontab.schedule, now.date())
        for row in rows
        if row.enabled and row.task in schedule.STAGE_OF
    }
    return [
        _running(begun[name], now) if name in begun else _not_begun(name, times.get(name), now, since)
        for name in STAGES
    ]


def _not_begun(name: str, planned: dt.datetime | None, now: dt.datetime, since: dt.datetime | None) -> Stage:
    if planned is None or (since and planned < since):
        return Stage(name, "off", planned, None, None, 0, 0, 0, "", "", "")
    is_late = now > planned + GRACE
    trouble = f"was due at {planned:%H:%M} UTC and has not begun; is beat running?" if is_late else ""
    return Stage(name, "late" if is_late else "planned", planned, None, None, 0, 0, 0, "", "", trouble)


def _running(run: Any, now: dt.datetime) -> Stage:
    rate, remaining = pace(run.done + run.failed, run.total, run.started_at, run.finished_at or now)
    trouble = run.error or (f"closed with {run.done:,} of {run.total:,} done" if is_cut_short(run) else "")
    return Stage(
        name=run.stage,
        state=run.state,
        planned=run.scheduled_at,
        started=run.started_at,
        finished=run.finished_at,
        done=run.done,
        total=run.total,
        failed=run.failed,
        rate=rate,
        remaining=remaining if run.state == "open" else "",
        trouble=trouble,
    )


def is_cut_short(run: Any) -> bool:
    """Closed with work left; a run whose every item is done or has failed for good is not."""
    return run.state == "incomplete" and run.done + run.failed < run.total


def pace(ended: int, total: int, started: dt.datetime | None, until: dt.datetime) -> tuple[str, str]:
    """("1,200 a minute", "4 min left"), each empty while it cannot be known."""
    if started is None or ended <= 0:
        return "", ""
    seconds = max((until - started).total_seconds(), 1)
    a_minute = 60 * ended / seconds
    rate = f"{a_minute:,.0f} a minute" if a_minute >= 1 else f"{60 * a_minute:,.0f} an hour"
    return rate, (_left((total - ended) * seconds / ended) if total > ended else "")


def _left(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min left" if minutes < 120 else f"{round(minutes / 60)} h left"


@dataclass(frozen=True)
class Night:
    """One night of the grid: a square for each stage, (stage, state, title), and how long it worked."""

    date: dt.date
    squares: tuple[tuple[str, str, str], ...]
    minutes: float
    filled: int
    longest: float = 1.0  # of all nights shown

    @property
    def height(self) -> int:
        return round(BAR * self.minutes / self.longest)

    @property
    def top(self) -> int:
        return BAR - self.height

    @property
    def fill_height(self) -> int:
        return BAR * self.filled // 100

    @property
    def fill_top(self) -> int:
        return BAR - self.fill_height


def grid(runs: Iterable[Any], today: dt.date, nights: int) -> list[Night]:
    """The last nights, oldest first; a night without runs is there and empty."""
    by_date: dict[dt.date, dict[str, Any]] = {}
    for run in runs:
        by_date.setdefault(run.run_date, {})[run.stage] = run
    dates = [today - dt.timedelta(days=back) for back in range(nights - 1, -1, -1)]
    found = [_night(date, by_date.get(date, {})) for date in dates]
    longest = max((night.minutes for night in found), default=0) or 1
    return [replace(night, longest=longest) for night in found]


def by_stage(nights: Sequence[Night]) -> list[dict[str, Any]]:
    """The grid turned over: a row for each stage, a square for each night."""
    return [
        {"stage": stage, "squares": [(night.squares[place][1], night.squares[place][2]) for night in nights]}
        for place, stage in enumerate(STAGES)
    ]


def _night(date: dt.date, runs: dict[str, Any]) -> Night:
    squares = tuple(
        (stage, _colour(runs.get(stage)), _title(stage, date, runs.get(stage))) for stage in STAGES
    )
    return Night(date, squares, _minutes(list(runs.values())), _filled(runs.get("curate")))


def _colour(run: Any) -> str:
    if run is None:
        return "none"
    if run.state in {"done", "incomplete"} and run.failed and not is_cut_short(run):
        return "failed"
    return str(run.state)


def _title(stage: str, date: dt.date, run: Any) -> str:
    if run is None:
        return f"{date} {stage}: did not run"
    failed = f", {run.failed:,} failed" if run.failed else ""
    return f"{date} {stage}: {run.state}, {run.done:,} of {run.total:,}{failed}"


def _minutes(runs: Sequence[Any]) -> float:
    """Worked minutes, stages after one another."""
    spans = [
        (run.finished_at - run.started_at).total_seconds()
        for run in runs
        if run.started_at and run.finished_at
    ]
    return round(sum(spans) / 60, 1)


def _filled(curate: Any) -> int:
    """Lists built, in percent of those wanted."""
    return 100 * curate.done // curate.total if curate is not None and curate.total else 0
