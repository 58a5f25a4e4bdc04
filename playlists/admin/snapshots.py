"""The console's pages of each day's lists: fifty rows with their reasons, and where every track has been."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import console
from curation.diagnosis import reasons
from playlists import locks
from playlists.admin import timemachine, words
from playlists.models import HistoryEntry, RecentUsage, Snapshot
from playlists.rotation import timeline

TONES = {"built": "success", "held": "warning", "replaced": ""}


class RestoreForm(console.Reasoned):
    """Says what bringing this list back would change, by the same look that the restoring takes."""

    def note(self) -> str:
        old = get_object_or_404(_light(), pk=self.object_id)
        try:
            return timeline.outlook(old.playlist, old.date, on=timezone.now().date()).sentence()
        except timeline.NotRestorable as error:
            return str(error)


def _light() -> QuerySet[Snapshot]:
    return Snapshot.objects.defer("body").select_related("playlist")


@admin.register(Snapshot)
class SnapshotAdmin(console.ReadOnly):
    list_display = ("date", "playlist_link", "shown_state", "size", "reason", "made")
    list_filter = ("state",)
    list_select_related = ("playlist",)
    name_fields = ("playlist__name", "playlist__public_id")
    search_help_text = "How a playlist's name or public id begins"
    fields = (
        "playlist", "date", "shown_state", "size", "revision", "reason", "relaxed", "counted",
        "short_digest", "made",
    )  # fmt: skip
    readonly_fields = fields
    change_form_outer_after_template = "admin/playlists/snapshot_rows.html"
    actions_detail = ("restore",)

    @console.dialog_action(
        "Bring this list back",
        title="Bring this list back today?",
        submit="Bring back",
        form=RestoreForm,
        permission="operate",
        icon="restore",
    )
    def restore(self, request: HttpRequest, form: RestoreForm, object_id: str) -> HttpResponse:
        old, now = get_object_or_404(_light(), pk=object_id), timezone.now()
        by, why = console.username(request), form.cleaned_data["reason"]
        try:
            made = timeline.restore(old.playlist, old.date, on=now.date(), by=by, reason=why, now=now)
        except (timeline.NotRestorable, locks.Busy) as error:
            self.message_user(request, str(error), messages.ERROR)
            return console.go(request, reverse("admin:playlists_snapshot_change", args=[old.pk]))
        url = reverse("admin:playlists_snapshot_change", args=[made.pk])
        text = f"The list of {old.date} is today's again, and the next sync writes it. Because: {why}"
        return console.done(request, url, text, target=made)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Snapshot]:
        return super().get_queryset(request).defer("body")

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup == "playlist__id__exact" or super().lookup_allowed(lookup, value, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra = (extra_context or {}) | rows(object_id)
        return super().change_view(request, object_id, form_url, extra)

    @display(description="Playlist")
    def playlist_link(self, snapshot: Snapshot) -> SafeString:
        return console.link(
            reverse("admin:playlists_playlist_change", args=[snapshot.playlist_id]), snapshot.playlist
        )

    @display(description="State", label=TONES)
    def shown_state(self, snapshot: Snapshot) -> str:
        return snapshot.state

    @display(description="Relaxations")
    def relaxed(self, snapshot: Snapshot) -> str:
        return "\n".join(words.plain(step) for step in snapshot.relaxations) or "none"

    @display(description="Funnel")
    def counted(self, snapshot: Snapshot) -> str:
        return words.plain(snapshot.funnel) or "-"

    @display(description="Digest")
    def short_digest(self, snapshot: Snapshot) -> str:
        return snapshot.digest[:12] or "-"

    @display(description="Made")
    def made(self, snapshot: Snapshot) -> SafeString | str:
        return console.when(snapshot.created_at)


def rows(snapshot_id: str) -> dict[str, Any]:
    """The entries of a snapshot and how they differ from the list before. Three queries."""
    snapshot = (
        Snapshot.objects.defer("body").filter(pk=snapshot_id).first() if snapshot_id.isdigit() else None
    )
    if snapshot is None:
        return {}
    entries = timemachine.entries_of(snapshot)
    before = Snapshot.objects.filter(playlist_id=snapshot.playlist_id, date__lt=snapshot.date, state="built")
    newest_before = before.order_by("-date").values("pk")[:1]
    old = HistoryEntry.objects.filter(snapshot__in=newest_before).track_ids()
    turnover = words.difference([row["track"].pk for row in entries], old)
    return {"entries": entries, "turnover": turnover}


@admin.register(HistoryEntry)
class HistoryEntryAdmin(console.ReadOnly):
    list_display = ("batch_tag", "position", "playlist", "track_link", "why")
    list_select_related = ("playlist", "track")
    id_fields = ("track__spotify_id",)
    search_help_text = "A track's id or link: everywhere it has been"
    exclude = ("reasons",)

    @display(description="Track")
    def track_link(self, entry: HistoryEntry) -> SafeString:
        return console.link(reverse("admin:catalog_track_change", args=[entry.track_id]), entry.track)

    @display(description="Why")
    def why(self, entry: HistoryEntry) -> str:
        return reasons.phrase(entry.reasons)


@admin.register(RecentUsage)
class RecentUsageAdmin(console.ReadOnly):
    """A view over the whole history: cheap for one track, dear for all, so it answers searches only."""

    list_display = ("spotify_track_id", "last_used_at", "last_playlist_id")
    id_fields = ("spotify_track_id",)
    ordering = ("spotify_track_id",)
    search_help_text = "A track's id or link: when and where it was last used"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecentUsage]:
        rows = super().get_queryset(request)
        on_list = request.resolver_match is not None and str(request.resolver_match.url_name).endswith(
            "_changelist"
        )
        return rows.none() if on_list and not request.GET.get("q", "").strip() else rows
