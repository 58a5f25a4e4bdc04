"""The console's pages of logical playlists: policy, the newest list, and the copies of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts import console, enqueue, plurals
from playlists.admin import copies, timemachine
from playlists.models import Playlist, PlaylistCopy, Snapshot
from playlists.sync import resync

# In the address of a playlist's page: a build was asked for, so the page looks for today's list by itself.
BUILDING = "building"
TONES = {"active": "success", "paused": "warning", "retired": ""}


class BuildForm(console.Confirm):
    def note(self) -> str:
        made = (
            Snapshot.objects.built().filter(playlist_id=self.object_id, date=timezone.now().date()).exists()
        )
        if made:
            return "Today's list exists already and a list is never rewritten: nothing will change."
        return (
            "A worker builds today's list from rested tracks; one that cannot be filled is held and says why."
        )


class SyncForm(console.Confirm):
    def note(self) -> str:
        live = PlaylistCopy.objects.filter(playlist_id=self.object_id, is_wanted=True).live().count()
        if not live:
            return resync.why_none(get_object_or_404(Playlist, pk=self.object_id))
        gets = plurals.verb(live, "gets", "get")
        return f"{plurals.counted(live, 'copy')} {gets} the newest list; those in step stay as they are."


@admin.register(Playlist)
class PlaylistAdmin(ModelAdmin):
    list_display = (
        "__str__",
        "theme_tag",
        "policy_link",
        "shown_status",
        "in_step",
        "replication_factor",
        "made_by",
    )
    list_filter = ("status", "is_managed")
    list_select_related = ("policy",)
    search_fields = ("name", "theme_tag", "=global_index", "=public_id")
    search_help_text = "Name, theme, number or public id"
    ordering = ("global_index",)
    autocomplete_fields = ("policy",)
    show_full_result_count = False
    fields = (
        "name",
        "policy",
        "theme_tag",
        "global_index",
        "replication_factor",
        "status",
        "drift",
        "importance",
        "made_by",
        "page",
    )
    readonly_fields = ("made_by", "page")
    change_form_outer_after_template = "admin/playlists/playlist_panels.html"

    actions_detail = ("build_now", "sync_now")

    @console.dialog_action(
        "Build today's list",
        title="Build today's list?",
        submit="Build",
        form=BuildForm,
        permission="change",
        icon="construction",
    )
    def build_now(self, request: HttpRequest, form: BuildForm, object_id: str) -> HttpResponse:
        playlist = get_object_or_404(Playlist, pk=object_id)
        enqueue.after_commit("build_playlist_snapshot", playlist_id=playlist.pk)
        url = reverse("admin:playlists_playlist_change", args=[playlist.pk])
        return console.done(request, f"{url}?{BUILDING}", "A worker builds today's list.", target=playlist)

    @console.dialog_action(
        "Sync now",
        title="Sync all copies now?",
        submit="Sync now",
        form=SyncForm,
        permission="change",
        icon="sync",
    )
    def sync_now(self, request: HttpRequest, form: SyncForm, object_id: str) -> HttpResponse:
        playlist = get_object_or_404(Playlist, pk=object_id)
        sent = resync.sync_all(timezone.now(), playlist=playlist)
        level = messages.SUCCESS if sent["queued"] else messages.WARNING
        if sent["why"] == resync.IN_STEP:
            level = messages.INFO
        url = reverse("admin:playlists_playlist_change", args=[playlist.pk])
        text = sent["why"] or copies.waiting(sent["queued"])
        return console.done(request, url, text, target=playlist, level=level)

    def get_urls(self) -> list[URLPattern]:
        days = self.admin_site.admin_view(self.days_view)
        return [
            path("<int:object_id>/days/", days, name="playlists_playlist_days"),
            *super().get_urls(),
        ]

    def days_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The time machine; whoever may see playlists may look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return timemachine.page(request, object_id)

    def has_delete_permission(self, request: HttpRequest, obj: Playlist | None = None) -> bool:
        return False  # its history keeps tracks resting: retire it instead

    def get_queryset(self, request: HttpRequest) -> QuerySet[Playlist]:
        failed = Count("copies", filter=Q(copies__status="error"))
        live = Count("copies", filter=~Q(copies__status="archived"))
        synced = Count("copies", filter=Q(copies__status="synced"))
        return super().get_queryset(request).annotate(live=live, synced=synced, failed=failed)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra = (extra_context or {}) | panels(object_id)
        extra["is_building"] = BUILDING in request.GET and not _is_of_today(extra.get("snapshot"))
        return super().change_view(request, object_id, form_url, extra)

    @display(description="Policy")
    def policy_link(self, playlist: Playlist) -> SafeString:
        return console.link(
            reverse("admin:curation_curationpolicy_change", args=[playlist.policy_id]), playlist.policy
        )

    @display(description="Status", label=TONES)
    def shown_status(self, playlist: Playlist) -> str:
        return playlist.status

    @display(description="Copies in step")
    def in_step(self, playlist: Any) -> str:
        text = f"{playlist.synced} of {playlist.live}"
        return f"{text}, {playlist.failed} failed" if playlist.failed else text

    @display(description="Made by")
    def made_by(self, playlist: Playlist) -> str:
        return "the manager" if playlist.is_managed else "an operator"

    @display(description="Public page")
    def page(self, playlist: Playlist) -> SafeString | str:
        return console.outside(f"/playlists/{playlist.public_id}" if playlist.pk else None, "Open")


def _is_of_today(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.date >= timezone.now().date()


def panels(playlist_id: str) -> dict[str, Any]:
    """What stands under the form: the newest list with reasons, and every copy. Four queries."""
    if not playlist_id.isdigit():
        return {}
    kept = Snapshot.objects.exclude(state=Snapshot.State.REPLACED).defer("body")
    snapshot = kept.filter(playlist_id=playlist_id).newest_first().first()
    entries = timemachine.entries_of(snapshot) if snapshot else []
    copies = (
        PlaylistCopy.objects.filter(playlist_id=playlist_id)
        .select_related("account")
        .order_by("account__label")
    )
    return {"snapshot": snapshot, "entries": entries, "copies": copies}
