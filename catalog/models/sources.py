"""Batches of album links and the sources they became: the queue of ingest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import models
from django.db.models import Q


class Batch(models.Model):
    """One submission of album links; the same text twice is the same batch."""

    label = models.CharField(max_length=100, blank=True)
    submitted_by = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    lines = models.PositiveIntegerField(default=0)
    queued = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    # [{"line", "value", "reason"}]: what could not be taken, kept so that nothing submitted vanishes.
    invalid = models.JSONField(default=list, blank=True)
    priority = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "album_batches"
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.label or f"Batch {self.pk}"


class AlbumSourceQuerySet(models.QuerySet["AlbumSource"]):
    def due(self, now: dt.datetime) -> AlbumSourceQuerySet:
        """What ingest may claim at `now`: queued and not waiting, or left behind by a worker that died."""
        waiting_is_over = Q(status=AlbumSource.Status.QUEUED) & (
            Q(not_before__isnull=True) | Q(not_before__lte=now)
        )
        lease_ran_out = Q(status=AlbumSource.Status.FETCHING, claimed_until__lt=now)
        return self.filter(waiting_is_over | lease_ran_out)

    def retryable(self) -> AlbumSourceQuerySet:
        """What failed by itself; what was set aside on purpose is not tried again along with the others."""
        return self.filter(status=AlbumSource.Status.FAILED, set_aside_at__isnull=True)

    def unfinished(self) -> AlbumSourceQuerySet:
        return self.filter(status__in=[AlbumSource.Status.QUEUED, AlbumSource.Status.FETCHING])

    def adopt(self, album_ids: Iterable[str], *, priority: int) -> int:
        """An operator hands in what a stranger did before: it is not a stranger's any more; how many were."""
        if priority <= AlbumSource.STRANGERS_PRIORITY:
            return 0
        theirs = self.filter(
            spotify_album_id__in=list(album_ids),
            status=AlbumSource.Status.QUEUED,
            priority__lte=AlbumSource.STRANGERS_PRIORITY,
        )
        waiting = theirs.filter(failure_reason=AlbumSource.STRANGERS_WAIT)
        adopted = waiting.update(priority=priority, not_before=None, failure_reason="")
        return adopted + theirs.update(priority=priority)


class AlbumSource(models.Model):
    """One album link and how far it has come: the queue that ingest claims from."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        FETCHING = "fetching"
        INGESTED = "ingested"
        FAILED = "failed"

    # Below any that an operator chooses: what strangers handed in comes last, within its share of the budget.
    STRANGERS_PRIORITY = -100
    STRANGERS_WAIT = (
        "What visitors may use of the day's calls is spent (STRANGERS_SHARE); it goes on by itself."
    )

    batch = models.ForeignKey(Batch, null=True, blank=True, on_delete=models.SET_NULL, related_name="sources")
    # As given, so that people find their own line again.
    url = models.TextField()
    spotify_album_id = models.CharField(max_length=22)
    album = models.ForeignKey(
        "Album", null=True, blank=True, on_delete=models.SET_NULL, related_name="sources"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    # Why it failed or, while it is queued again, why the last attempt came to nothing.
    failure_reason = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    priority = models.SmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When an operator set it aside: failed on purpose, until somebody queues it again.
    set_aside_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ingested_at = models.DateTimeField(null=True, blank=True)
    # When it came to its present end in failure; an album that is queued again has none.
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = AlbumSourceQuerySet.as_manager()

    class Meta:
        db_table = "album_sources"
        constraints = [
            models.UniqueConstraint(fields=["spotify_album_id"], name="album_sources_one_per_album"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "fetching", "ingested", "failed"]),
                name="album_sources_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure_reason=""), name="album_sources_failure_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(status="fetching", claim__isnull=False, claimed_until__isnull=False)
                | Q(~Q(status="fetching"), claim__isnull=True, claimed_until__isnull=True),
                name="album_sources_claim_iff_fetching",
            ),
            models.CheckConstraint(
                condition=~Q(status="ingested") | Q(ingested_at__isnull=False),
                name="album_sources_ingested_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status="failed", failed_at__isnull=False)
                | Q(~Q(status="failed"), failed_at__isnull=True),
                name="album_sources_failed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True) | Q(status="failed"),
                name="album_sources_set_aside_is_failed",
            ),
        ]
        indexes = [
            # The claim: unfinished sources by priority, oldest first. Small: the finished are left out.
            models.Index(
                fields=["-priority", "id"],
                name="album_sources_open",
                condition=Q(status__in=["queued", "fetching"]),
            ),
            # Progress: counts by status, of all and of one batch.
            models.Index(fields=["batch", "status"], name="album_sources_progress"),
        ]

    def __str__(self) -> str:
        return self.spotify_album_id
