"""The console's pages of album links: how far each has come, why some failed, and trying them again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import console
from catalog import bells, ingest
from catalog.models import AlbumSource, AlbumTrackMap

TONES = {"queued": "info", "fetching": "primary", "ingested": "success", "failed": "danger"}


class RequeueForm(console.Confirm):
    """All failed sources of one reason, with how many each reason has."""

    reason = forms.ChoiceField(widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = failures(AlbumSource.objects.all())
        self.fields["reason"].choices = [
            (row["failure_reason"], f"{row['failure_reason']} ({row['count']:,})") for row in counted
        ]

    def note(self) -> str:
        if not self.fields["reason"].choices:
            return "Nothing has failed."
        return "Every failed link with this reason is queued again with a clean slate; the others stay."


def failures(sources: QuerySet[AlbumSource]) -> Any:
    failed = sources.filter(status="failed").order_by()
    return failed.values("failure_reason").annotate(count=Count("pk")).order_by("-count", "failure_reason")


@admin.register(AlbumSource)
class AlbumSourceAdmin(console.ReadOnly):
    list_display = (
        "spotify_album_id",
        "shown_status",
        "album_link",
        "failure_reason",
        "attempts",
        "next_try",
        "age",
    )
    list_filter = ("status",)
    list_select_related = ("album",)
    id_fields = ("spotify_album_id",)
    search_help_text = "An album's id or link"
    actions = ("requeue_selected",)
    actions_list = ("requeue",)

    @admin.action(description="Queue again (failed ones)", permissions=["operate"])
    def requeue_selected(self, request: HttpRequest, queryset: QuerySet[AlbumSource]) -> HttpResponse | None:
        failed = queryset.filter(status="failed")
        note = f"{failed.count():,} of the selected have failed and get a clean slate. The others stay."
        title = "Queue the selected links again?"
        if page := console.unconfirmed(self, request, queryset, title=title, note=note, button="Queue again"):
            return page
        self._retry(request, failed, "selected by hand")
        return None

    @action(
        description="Queue again by reason",
        permissions=["operate"],
        icon="replay",
        dialog={
            "title": "Queue failed links again",
            "description": "",
            "form_class": RequeueForm,
            "form_submit_text": "Queue again",
        },
    )
    def requeue(self, request: HttpRequest, form: RequeueForm) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        self._retry(request, AlbumSource.objects.filter(status="failed", failure_reason=reason), reason)
        return console.go(request, reverse("admin:catalog_albumsource_changelist"))

    def _retry(self, request: HttpRequest, failed: QuerySet[AlbumSource], why: str) -> None:
        count = ingest.retry(failed.values_list("pk", flat=True))
        bells.ring_ingest()
        console.record(request, f"Queued {count:,} failed links again: {why}", target=AlbumSource)
        self.message_user(request, f"{count:,} links queued again.", messages.SUCCESS)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"batch__id__exact", "failure_reason"} or super().lookup_allowed(
            lookup, value, request
        )

    @display(description="Status", label=TONES)
    def shown_status(self, source: AlbumSource) -> str:
        return source.status

    @display(description="Album")
    def album_link(self, source: AlbumSource) -> SafeString | str:
        if source.album is None:
            return "-"
        return console.link(reverse("admin:catalog_album_change", args=[source.album_id]), source.album)

    @display(description="Next try")
    def next_try(self, source: AlbumSource) -> SafeString | str:
        return console.when(source.not_before) if source.status == "queued" else "-"

    @display(description="Submitted")
    def age(self, source: AlbumSource) -> SafeString | str:
        return console.when(source.created_at)


@admin.register(AlbumTrackMap)
class AlbumTrackMapAdmin(console.ReadOnly):
    list_display = ("pk", "album_source", "track")
    list_select_related = ("album_source", "track")
    id_fields = ("album_source__spotify_album_id", "track__spotify_id")
    search_help_text = "An album's or a track's id or link"
