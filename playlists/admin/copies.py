"""The console's pages of the copies on Spotify: wanted and actual, last sync, and what went wrong."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from accounts import console
from playlists import bells, ringing
from playlists.models import Audit, Placement

TONES = {"pending": "info", "syncing": "primary", "synced": "success", "error": "danger", "archived": ""}


class SyncForm(console.Confirm):
    def note(self) -> str:
        return "The newest list is written to it as soon as a worker is free; a copy in step stays as it is."


@admin.register(Placement)
class PlacementAdmin(console.ReadOnly):
    list_display = (
        "playlist_link",
        "account_link",
        "shown_status",
        "last_sync",
        "next_try",
        "error",
        "spotify",
    )
    list_display_links = None
    list_filter = ("status",)
    list_select_related = ("playlist", "account")
    id_fields = ("spotify_playlist_id",)
    name_fields = ("playlist__name", "account__label", "account__display_name")
    search_help_text = "A Spotify playlist id or link, or how the playlist's or account's name begins"

    actions = ("sync_selected",)
    actions_detail = ("sync_now",)

    @admin.action(description="Sync now", permissions=["operate"])
    def sync_selected(self, request: HttpRequest, queryset: QuerySet[Placement]) -> HttpResponse | None:
        failed = queryset.filter(status="error").count()
        note = f"{queryset.count():,} copies, {failed:,} of them failed, are tried again with a clean slate."
        title = "Sync the selected copies now?"
        if page := console.unconfirmed(self, request, queryset, title=title, note=note, button="Sync now"):
            return page
        count = ring(queryset)
        console.record(request, f"Asked for a sync of {count:,} copies.", target=Placement)
        self.message_user(request, f"{count:,} copies wait for a worker.", messages.SUCCESS)
        return None

    @action(
        description="Sync now",
        permissions=["operate"],
        icon="sync",
        dialog={
            "title": "Sync this copy now?",
            "description": "",
            "form_class": SyncForm,
            "form_submit_text": "Sync now",
        },
    )
    def sync_now(self, request: HttpRequest, form: SyncForm, object_id: str) -> HttpResponse:
        placement = get_object_or_404(Placement.objects.select_related("playlist", "account"), pk=object_id)
        count = ring(Placement.objects.filter(pk=placement.pk))
        url = reverse("admin:playlists_placement_change", args=[placement.pk])
        if not count:
            self.message_user(
                request, "This copy is archived: there is nothing to write to.", messages.WARNING
            )
            return console.go(request, url)
        return console.done(request, url, "This copy waits for a worker.", target=placement)

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup in {"account__id__exact", "playlist__id__exact"} or super().lookup_allowed(
            lookup, value, request
        )

    @display(description="Playlist")
    def playlist_link(self, placement: Placement) -> SafeString:
        url = reverse("admin:playlists_placement_change", args=[placement.pk])
        return console.link(url, placement.playlist)

    @display(description="Account")
    def account_link(self, placement: Placement) -> SafeString:
        return console.link(
            reverse("admin:accounts_account_change", args=[placement.account_id]), placement.account
        )

    @display(description="Status", label=TONES)
    def shown_status(self, placement: Placement) -> str:
        return placement.status

    @display(description="Last sync")
    def last_sync(self, placement: Placement) -> SafeString | str:
        return console.when(placement.last_synced_at) if placement.last_synced_at else "never"

    @display(description="Next try")
    def next_try(self, placement: Placement) -> SafeString | str:
        return console.when(placement.not_before)

    @display(description="Error")
    def error(self, placement: Placement) -> str:
        return placement.error_message or "-"

    @display(description="Spotify")
    def spotify(self, placement: Placement) -> SafeString | str:
        return console.outside(placement.external_url, "Open")


def ring(copies: QuerySet[Placement]) -> int:
    """Forget earlier failures of these copies and ring for each; how many."""
    ids = list(copies.filter(is_wanted=True).exclude(status="archived").values_list("pk", flat=True))
    again = Placement.objects.filter(pk__in=ids).exclude(error_kind__in=ringing.KEPT_WAITING)
    again.update(not_before=None, attempts=0)
    for placement_id in ids:
        bells.ring("ensure_playlist_for_account", placement_id=placement_id)
    return len(ids)


@admin.register(Audit)
class AuditAdmin(console.ReadOnly):
    """What a look through an account found changed by hand."""

    list_display = ("date", "account", "seen", "found")
    list_select_related = ("account",)
    name_fields = ("account__label", "account__display_name")
    search_help_text = "How the account's name begins"

    @display(description="Found")
    def found(self, audit: Audit) -> str:
        return "; ".join(str(item.get("sentence", item)) for item in audit.findings) or "all as it should be"
