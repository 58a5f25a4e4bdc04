"""Logical playlists, each day's snapshot of them, its entries, and the view of when a track was last used."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q


def opaque_id() -> str:
    """An id for the outside that counts nothing: 16 url-safe characters."""
    return secrets.token_urlsafe(12)


class PlaylistQuerySet(models.QuerySet["Playlist"]):
    def active(self) -> PlaylistQuerySet:
        return self.filter(status=Playlist.Status.ACTIVE)


class Playlist(models.Model):
    """A logical playlist: one policy, one number, any number of copies."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        RETIRED = "retired"

    class Drift(models.TextChoices):
        OVERWRITE = "overwrite"
        ADOPT = "adopt"
        HOLD = "hold"

    public_id = models.CharField(max_length=22, unique=True, default=opaque_id, editable=False)
    name = models.CharField(max_length=120)
    policy = models.ForeignKey("curation.CurationPolicy", on_delete=models.PROTECT, related_name="playlists")
    theme_tag = models.CharField(max_length=73)
    global_index = models.PositiveIntegerField(unique=True)
    replication_factor = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    # Made by the manager (it may retire it again) or by an operator (it may not).
    is_managed = models.BooleanField(default=False)
    drift = models.CharField(max_length=10, choices=Drift.choices, default=Drift.OVERWRITE)
    # Higher is synced first when a night has not room for all.
    importance = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PlaylistQuerySet.as_manager()

    class Meta:
        db_table = "playlists"
        constraints = [
            models.CheckConstraint(
                condition=Q(replication_factor__gte=1), name="playlists_at_least_one_copy"
            ),
            models.CheckConstraint(condition=Q(global_index__gte=1), name="playlists_index_from_one"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "paused", "retired"]), name="playlists_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.global_index:03} {self.name}"


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def built(self) -> SnapshotQuerySet:
        return self.filter(state=Snapshot.State.BUILT)

    def newest_first(self) -> SnapshotQuerySet:
        return self.order_by("-date", "-id")


class Snapshot(models.Model):
    """One playlist's list of one day: written once, with why and how."""

    class State(models.TextChoices):
        BUILT = "built"
        HELD = "held"  # no new list could be made: yesterday's stays up
        REPLACED = "replaced"  # a person brought another day's list back over it

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="snapshots")
    date = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices)
    revision = models.ForeignKey("curation.PolicyRevision", null=True, on_delete=models.PROTECT)
    digest = models.CharField(max_length=64, blank=True)  # of the ordered uris
    size = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    relaxations = models.JSONField(default=list, blank=True)
    funnel = models.JSONField(default=dict, blank=True)
    # The public answer, rendered once; its ETag is the digest.
    body = models.BinaryField(default=b"", blank=True)
    # The day whose list an operator brought back, where this is not a list of its own.
    restored_from = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        db_table = "playlist_snapshots"
        constraints = [
            # Lists that were replaced stay for the record, and their tracks rest like any that were up.
            models.UniqueConstraint(
                fields=["playlist", "date"], condition=~Q(state="replaced"), name="snapshots_one_valid_a_day"
            ),
            models.CheckConstraint(condition=Q(state="held") | Q(size__gt=0), name="snapshots_never_empty"),
            models.CheckConstraint(
                condition=Q(state="built") | ~Q(reason=""), name="snapshots_held_has_reason"
            ),
        ]
        indexes = [
            # The newest built snapshot of a playlist: sync and the public page.
            models.Index(fields=["playlist", "-date"], name="snapshots_newest", condition=Q(state="built")),
        ]

    def __str__(self) -> str:
        return f"{self.playlist_id} {self.date}"


class HistoryEntryQuerySet(models.QuerySet["HistoryEntry"]):
    def of(self, snapshot: Snapshot | int | None) -> HistoryEntryQuerySet:
        """The entries of a snapshot in order; none for no snapshot."""
        return self.filter(snapshot=snapshot).order_by("position") if snapshot else self.none()

    def track_ids(self) -> list[int]:
        return list(self.values_list("track_id", flat=True))

    def spotify_ids(self) -> list[str]:
        return list(self.values_list("spotify_track_id", flat=True))


class HistoryEntry(models.Model):
    """One track at one place of one day's list."""

    # Each has an index below that begins with it; one more of its own would cost every night's COPY.
    # The database holds the two by one key, (snapshot, playlist): the snapshot is one of this playlist.
    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="entries", db_index=False, db_constraint=False
    )
    playlist = models.ForeignKey(
        Playlist, models.CASCADE, related_name="history", db_index=False, db_constraint=False
    )
    track = models.ForeignKey("catalog.Track", models.PROTECT, related_name="uses", db_index=False)
    spotify_track_id = models.CharField(max_length=22)
    position = models.PositiveSmallIntegerField()
    batch_tag = models.CharField(max_length=10)
    # {"pool", "score", "terms", "relaxed"}: why this track, in figures.
    reasons = models.JSONField(default=dict, blank=True)
    added_at = models.DateTimeField()

    objects = HistoryEntryQuerySet.as_manager()

    class Meta:
        db_table = "playlist_entries_history"
        verbose_name_plural = "history entries"
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "position"], name="history_one_track_a_place"),
            models.UniqueConstraint(fields=["snapshot", "track"], name="history_no_repeat_in_a_list"),
            models.CheckConstraint(condition=Q(position__gte=1), name="history_position_from_one"),
            models.CheckConstraint(
                condition=Q(batch_tag__regex=r"^\d{4}-\d{2}-\d{2}$"), name="history_batch_tag_is_a_date"
            ),
        ]
        indexes = [
            # A playlist's history, newest first.
            models.Index(fields=["playlist", "-added_at"], name="history_playlist_added"),
            # Rest: the tracks used in the last R days, for the whole network's allocation.
            models.Index(fields=["batch_tag", "track"], name="history_recent"),
            # Where one track has been, and the recent_usage view read for one track.
            models.Index(fields=["track", "-batch_tag"], name="history_track"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_tag} {self.position} {self.spotify_track_id}"


class RecentUsage(models.Model):
    """The `recent_usage` view: when and where each track was last used. Read only."""

    spotify_track_id = models.CharField(max_length=22, primary_key=True)
    last_used_at = models.DateTimeField()
    last_playlist_id = models.BigIntegerField()

    class Meta:
        db_table = "recent_usage"
        managed = False

    def __str__(self) -> str:
        return self.spotify_track_id
