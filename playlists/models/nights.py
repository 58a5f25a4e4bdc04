"""The manager's plans, the night's stages, the red switch, and what of the schedule was planted."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q


class ManagerPlan(models.Model):
    """How many playlists, why, and what changes for it."""

    class Status(models.TextChoices):
        PROPOSED = "proposed"
        APPLIED = "applied"
        SUPERSEDED = "superseded"

    run_date = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    stats = models.JSONField()
    actions = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64)
    applied_by = models.CharField(max_length=100, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "manager_plans"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "applied", "superseded"]),
                name="manager_plans_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="applied") | Q(applied_at__isnull=False),
                name="manager_plans_applied_has_time",
            ),
        ]
        indexes = [
            # The latest plan, for API, console and status.
            models.Index(fields=["-created_at"], name="manager_plans_newest"),
        ]

    def __str__(self) -> str:
        return f"Plan of {self.run_date}"


class StageRun(models.Model):
    """One stage of one night: a unique row, so that late, doubled or restarted beats can not run it twice."""

    class Stage(models.TextChoices):
        SCALE = "scale"
        INGEST = "ingest"
        ENRICH = "enrich"
        CURATE = "curate"
        SYNC = "sync"

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        INCOMPLETE = "incomplete"
        SKIPPED = "skipped"

    stage = models.CharField(max_length=10, choices=Stage.choices)
    run_date = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    trigger = models.CharField(max_length=100, blank=True)
    scheduled_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    # When somebody last took it up: a run not heard of for long was lost with its worker.
    heard_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    detail = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "stage_runs"
        constraints = [
            models.UniqueConstraint(fields=["stage", "run_date"], name="stage_runs_once_a_day"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(finished_at__isnull=False), name="stage_runs_closed_has_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.run_date}"


class Pause(models.Model):
    """The red switch: no write to Spotify while one is in force."""

    reason = models.TextField()
    paused_by = models.CharField(max_length=100)
    paused_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=100, blank=True)

    class Meta:
        db_table = "network_pauses"

    def __str__(self) -> str:
        return self.reason

    def is_in_force(self, now: dt.datetime) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > now)


class ScheduleSeed(models.Model):
    """A schedule row that was planted once: what operators did with it since is theirs, deleting it too."""

    name = models.CharField(max_length=200, unique=True)
    seeded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "schedule_seeds"

    def __str__(self) -> str:
        return self.name
