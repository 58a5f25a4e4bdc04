"""Which stage windows are open at a moment, from the schedule's crontabs (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Protocol

# A window not opened this long after its time is skipped: the next one is nearer.
LATEST = dt.timedelta(hours=12)
LOOK_BACK = dt.timedelta(hours=24)
ONE_DAY = dt.timedelta(days=1)


class Cron(Protocol):
    """A crontab's sets of matching values, as celery.schedules.crontab has them; Sunday is 0."""

    minute: Iterable[int]
    hour: Iterable[int]
    day_of_week: Container[int]
    day_of_month: Container[int]
    month_of_year: Container[int]


@dataclass(frozen=True)
class Window:
    """A stage's time on one date. The date is that of its time, also when the work runs past midnight."""

    stage: str
    scheduled_at: dt.datetime
    is_missed: bool  # too late to open

    @property
    def run_date(self) -> dt.date:
        return self.scheduled_at.date()


def last_time(cron: Cron, now: dt.datetime, within: dt.timedelta) -> dt.datetime | None:
    """The newest minute at or before `now`, not older than `within` (whole days), that the crontab names."""
    for days in range(within.days + 1):
        day = (now - dt.timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        if not names(cron, day):
            continue
        for hour in sorted(cron.hour, reverse=True):
            for minute in sorted(cron.minute, reverse=True):
                moment = day.replace(hour=hour, minute=minute)
                if moment <= now:
                    return moment if now - moment <= within else None
    return None


def first_time(cron: Cron, date: dt.date) -> dt.datetime | None:
    """The first time on a date that the crontab names; None where the date is not one of its days."""
    first = dt.datetime.combine(date, dt.time(min(cron.hour), min(cron.minute)), tzinfo=dt.UTC)
    return first if names(cron, first) else None


def planned(rows: Iterable[tuple[str, Cron]], stage: str, date: dt.date) -> dt.datetime | None:
    """When the stage's first window of a date opens; None where no row names that day."""
    times = (first_time(cron, date) for name, cron in rows if name == stage)
    return min((moment for moment in times if moment), default=None)


def next_planned(rows: Iterable[tuple[str, Cron]], stage: str, after: dt.datetime) -> dt.datetime:
    """The stage's next window after a moment; a day later where neither this day nor the next has one."""
    known = list(rows)
    dates = (after.date(), after.date() + ONE_DAY)
    times = (planned(known, stage, date) for date in dates)
    return next((moment for moment in times if moment and moment > after), after + ONE_DAY)


def names(cron: Cron, day: dt.datetime) -> bool:
    """Whether the crontab names this day."""
    return (
        day.isoweekday() % 7 in cron.day_of_week
        and day.day in cron.day_of_month
        and day.month in cron.month_of_year
    )


def due(rows: Iterable[tuple[str, Cron]], now: dt.datetime, since: dt.datetime | None) -> list[Window]:
    """The newest window of each stage. `since`: the schedule did not exist before, so nothing was missed
    then."""
    found = []
    for stage, cron in rows:
        moment = last_time(cron, now, LOOK_BACK)
        if moment is not None and (since is None or moment >= since):
            found.append(Window(stage, moment, now - moment > LATEST))
    return found
