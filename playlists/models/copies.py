"""A playlist's copies on accounts, the wanted and the actual, and the daily look at what is there."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from playlists.models.lists import Playlist, Snapshot


class PlaylistCopyQuerySet(models.QuerySet["PlaylistCopy"]):
    def wanted(self) -> PlaylistCopyQuerySet:
        return self.filter(is_wanted=True, playlist__status=Playlist.Status.ACTIVE)

    def live(self) -> PlaylistCopyQuerySet:
        """Copies that take up room on their account."""
        return self.exclude(status=PlaylistCopy.Status.ARCHIVED)

    def with_newest(self) -> PlaylistCopyQuerySet:
        """Adds `newest_id`: the playlist's newest built snapshot."""
        newest = Snapshot.objects.built().filter(playlist=OuterRef("playlist")).newest_first()
        return self.annotate(newest_id=Subquery(newest.values("id")[:1]))

    def listed(self) -> PlaylistCopyQuerySet:
        """Copies of playlists that have a list, with `newest_id`."""
        return self.with_newest().filter(Q(newest_id__isnull=False))

    def behind(self) -> PlaylistCopyQuerySet:
        """Copies that do not carry their playlist's newest list."""
        return self.listed().exclude(Q(status=PlaylistCopy.Status.SYNCED) & Q(synced_snapshot=F("newest_id")))

    def leaving(self) -> PlaylistCopyQuerySet:
        """Copies to be taken off Spotify: of retired playlists, and those that moved whose successors are
        up."""
        others = PlaylistCopy.objects.filter(playlist=OuterRef("playlist"), is_wanted=True).exclude(
            pk=OuterRef("pk")
        )
        are_up = Exists(others) & ~Exists(others.exclude(status=PlaylistCopy.Status.SYNCED))
        has_moved = Q(is_wanted=False) & Q(are_up)
        return self.live().filter(Q(playlist__status=Playlist.Status.RETIRED) | has_moved)

    def due(self, now: dt.datetime) -> PlaylistCopyQuerySet:
        """Copies with something to write: a newer list, or an end; on accounts that may be written to."""
        behind = Q(newest_id__isnull=False) & (
            ~Q(status=PlaylistCopy.Status.SYNCED)
            | Q(synced_snapshot__isnull=True)
            | ~Q(synced_snapshot=F("newest_id"))
        )
        to_archive = Q(is_wanted=False) | Q(playlist__status=Playlist.Status.RETIRED)
        return (
            self.with_newest()
            .live()
            .filter(Q(not_before__isnull=True) | Q(not_before__lte=now), account__status="active")
            .filter(to_archive | Q(playlist__status=Playlist.Status.ACTIVE) & behind)
        )


class PlaylistCopy(models.Model):
    """A playlist's copy on one account: the wanted and the actual."""

    class Status(models.TextChoices):
        PENDING = "pending"
        SYNCING = "syncing"
        SYNCED = "synced"
        ERROR = "error"
        ARCHIVED = "archived"

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="copies")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="copies")
    spotify_playlist_id = models.CharField(max_length=22, null=True, blank=True)
    external_url = models.TextField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    # False once the plan moved the copy elsewhere: it is archived when its successor is up.
    is_wanted = models.BooleanField(default=True)
    # Copies of this playlist on this account that are gone: ids, oldest first.
    former_ids = models.JSONField(default=list, blank=True)
    # Committed before a remote create; the description's marker `vibe:{id}.{epoch}` finds what a crash left.
    intent_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=1)
    synced_snapshot = models.ForeignKey(
        Snapshot, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    items_hash = models.CharField(max_length=64, blank=True)
    details_hash = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    error_message = models.TextField(blank=True)
    # What kind of trouble, for counting: reauth, forbidden, gone, dead_track, drift, unavailable, ...
    error_kind = models.CharField(max_length=20, blank=True)
    # An operator keeps what was edited by hand: until the next list, whatever the playlist says.
    keeps_edit = models.BooleanField(default=False, db_default=False)
    # Playlists of ours on the account, to be taken off once this copy is up: [Spotify's ids].
    leftovers = models.JSONField(blank=True, default=list, db_default=[])
    created_at = models.DateTimeField(auto_now_add=True)

    # Only on rows of `with_newest()`.
    newest_id: int | None

    objects = PlaylistCopyQuerySet.as_manager()

    class Meta:
        db_table = "playlist_account_map"
        verbose_name, verbose_name_plural = "copy", "copies"
        constraints = [
            models.UniqueConstraint(fields=["playlist", "account"], name="copies_once_per_account"),
            models.UniqueConstraint(fields=["spotify_playlist_id"], name="copies_one_row_per_copy"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "syncing", "synced", "error", "archived"]),
                name="copies_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="synced")
                | Q(spotify_playlist_id__isnull=False, last_synced_at__isnull=False),
                name="copies_synced_has_copy",
            ),
            models.CheckConstraint(
                condition=~Q(status="error") | ~Q(error_message=""), name="copies_error_has_message"
            ),
        ]
        indexes = [
            # What sync has to do for one account, and the console's late and failed copies.
            models.Index(fields=["account", "status"], name="copies_account_status"),
        ]

    def __str__(self) -> str:
        """By name where the rows are at hand, without asking for them."""
        known = self._state.fields_cache
        return f"{known.get('playlist', self.playlist_id)} on {known.get('account', self.account_id)}"

    def reset_remote(self) -> None:
        """Forget a copy that is gone (keeping its id in `former_ids`), so that the next sync makes one. Not
        saved."""
        if self.spotify_playlist_id:
            self.former_ids = [*self.former_ids, self.spotify_playlist_id]
        self.spotify_playlist_id = self.external_url = self.intent_at = self.synced_snapshot = None
        self.items_hash = self.details_hash = self.error_message = self.error_kind = ""
        self.keeps_edit = False
        self.epoch += 1
        self.status = PlaylistCopy.Status.PENDING


class Audit(models.Model):
    """One look a day through an account's own list of playlists: what was missing there or changed by
    hand."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="audits")
    date = models.DateField()
    seen = models.PositiveIntegerField(default=0)
    # [{"copy_id", "kind": "missing|renamed|edited", "sentence"}]
    findings = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "account_audits"
        constraints = [models.UniqueConstraint(fields=["account", "date"], name="audits_once_a_day")]

    def __str__(self) -> str:
        return f"{self.account_id} on {self.date}"
