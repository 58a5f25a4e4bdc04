"""The UTC schedule as data, planted into the database once; what operators make of it since is theirs."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from playlists.models import ScheduleSeed, StageRun
from playlists.nightly import windows


@dataclass(frozen=True)
class Row:
    """A daily row. `stage` is the night's stage that its task works on, where it is one."""

    name: str
    task: str
    hour: str
    minute: str
    stage: str = ""
    queue: str = "default"
    kwargs: tuple[tuple[str, bool], ...] = ()
    description: str = ""


# By its window: a late or doubled beat finds the day's run taken and does nothing.
BY_WINDOW = (("scheduled", True),)
ROWS = (
    Row(
        "Clear old logins", "clear_old_logins", "1", "30",
        description="Ended sessions, logins begun, and who tried to log in 90 days ago.",
    ),
    Row(
        "Plan the network", "scale_playlists_daily", "2", "0", "scale", kwargs=BY_WINDOW,
        description="How many playlists, on which accounts; closes the night before.",
    ),
    Row(
        "Refresh tokens", "refresh_tokens", "*", "*/30",
        description="Access tokens that end within forty minutes.",
    ),
    Row(
        "Ingest albums", "ingest_albums_from_sources", "3", "0", "ingest", "ingest",
        description="Queued album links become albums and tracks.",
    ),
    Row(
        "Fetch audio features", "fetch_audio_features", "3", "30", "enrich", "ingest",
        description="What the new tracks sound like.",
    ),
    Row(
        "Build the day's lists", "build_playlist_snapshot", "4", "0", "curate", kwargs=BY_WINDOW,
        description="One allocation for the whole network.",
    ),
    Row(
        "Sync to Spotify", "sync_playlists_daily", "4", "10", "sync", "sync", BY_WINDOW,
        description="Every copy gets the newest list, one ensure_playlist_for_account each.",
    ),
)  # fmt: skip
SWEEP = "Sweep"
SWEEP_SECONDS, SWEEP_EXPIRES = 60, 55
STAGE_OF = {row.task: row.stage for row in ROWS if row.stage}
TASK_OF = {row.stage: row for row in ROWS if row.stage}


def seed() -> list[str]:
    """Plant the rows that were never planted; their names. Deleted, renamed and edited ones stay as operators
    left them."""
    with transaction.atomic():
        planted = [row.name for row in ROWS if _plant(row)]
        return planted + ([SWEEP] if _plant_sweep() else [])


def seeded_at() -> dt.datetime | None:
    """When the schedule first came to be: no window before that was ever missed."""
    return ScheduleSeed.objects.order_by("seeded_at").values_list("seeded_at", flat=True).first()


def crontabs() -> list[tuple[str, windows.Cron]]:
    """The enabled rows of the stages as operators left them. Read here and not from beat, which loads only
    the rows within two hours of now and has no catch-up."""
    rows = PeriodicTask.objects.filter(enabled=True, task__in=STAGE_OF, crontab__isnull=False)
    return [(STAGE_OF[row.task], row.crontab.schedule) for row in rows.select_related("crontab")]


def sync_time(date: dt.date) -> dt.datetime | None:
    """When the sync of a date begins; None where it is not scheduled."""
    return windows.planned(crontabs(), StageRun.Stage.SYNC, date)


def next_plan(after: dt.datetime) -> dt.datetime:
    """When the next plan ends what goes on at a moment."""
    return windows.next_planned(crontabs(), StageRun.Stage.SCALE, after)


def nights(date: dt.date) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """Three moments: when the night before this date's began, when this one begins, and when it ends. A night
    lasts from its plan to the next."""
    rows = crontabs()
    before, begins = (
        windows.planned(rows, StageRun.Stage.SCALE, day) or dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
        for day in (date - windows.ONE_DAY, date)
    )
    return before, begins, windows.next_planned(rows, StageRun.Stage.SCALE, begins)


def _plant(row: Row) -> bool:
    if not _is_first_time(row.name):
        return False
    cron, _ = CrontabSchedule.objects.get_or_create(
        minute=row.minute, hour=row.hour, day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
    )
    _, is_new = PeriodicTask.objects.get_or_create(
        name=row.name,
        defaults={
            "task": row.task,
            "crontab": cron,
            "queue": row.queue,
            "kwargs": json.dumps(dict(row.kwargs)),
            "description": row.description,
        },
    )
    return is_new


def _plant_sweep() -> bool:
    if not _is_first_time(SWEEP):
        return False
    minute, _ = IntervalSchedule.objects.get_or_create(every=SWEEP_SECONDS, period=IntervalSchedule.SECONDS)
    words = "Every minute: opens windows that beat missed and enqueues whatever is due."
    _, is_new = PeriodicTask.objects.get_or_create(
        name=SWEEP,
        defaults={"task": "sweep", "interval": minute, "expire_seconds": SWEEP_EXPIRES, "description": words},
    )
    return is_new


def _is_first_time(name: str) -> bool:
    return ScheduleSeed.objects.get_or_create(name=name)[1]
