"""The console's pages of album links: how far each has come, why some failed, and trying them again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import console, enqueue, plurals
from catalog.ingest import ingest
from catalog.intake import exports
from catalog.models import AlbumSource, AlbumTrackMap

TONES = {"queued": "info", "fetching": "primary", "ingested": "success", "failed": "danger"}


class RequeueForm(console.Confirm):
    """The failed sources of one reason among those that the list shows, with how many each reason has."""

    reason = forms.ChoiceField(widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = failures(_retryable(self.request))
        self.fields["reason"].choices = [
            (row["failure_reason"], f"{row['failure_reason']} ({row['count']:,})") for row in counted
        ]

    def note(self) -> str:
        if not self.fields["reason"].choices:
            return "Nothing in this list has failed."
        return (
            "Every failed link of this list, as it is filtered, with this reason is queued again with a "
            "clean slate; the others stay."
        )


class SetAsideForm(console.Reasoned):
    def note(self) -> str:
        return "It counts as failed with this reason and is not tried again until somebody queues it again."


class SetAsideManyForm(RequeueForm):
    """All failed links of one reason at once, with why nobody should try them again."""

    why = forms.CharField(max_length=300, strip=True, widget=UnfoldAdminTextInputWidget())

    def note(self) -> str:
        if not self.fields["reason"].choices:
            return "Nothing in this list has failed."
        return (
            "Every failed link of this list, as it is filtered, with this reason is not tried again until "
            "somebody queues it again."
        )


def _retryable(request: HttpRequest) -> QuerySet[AlbumSource]:
    """Those among the shown that failed by themselves."""
    return console.shown(request, AlbumSource).retryable()


def failures(sources: QuerySet[AlbumSource]) -> Any:
    failed = sources.filter(status="failed").order_by()
    return failed.values("failure_reason").annotate(count=Count("pk")).order_by("-count", "failure_reason")


@admin.register(AlbumSource)
class AlbumSourceAdmin(console.ActsOnShown, console.ReadOnly):
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
    actions_list = ("requeue", "set_aside_many", "export")
    actions_detail = ("set_aside",)

    @admin.action(description="Queue again (failed ones)", permissions=["operate"])
    def requeue_selected(self, request: HttpRequest, queryset: QuerySet[AlbumSource]) -> HttpResponse | None:
        failed = queryset.filter(status="failed")
        count = failed.count()
        has = plurals.verb(count, "has failed and gets", "have failed and get")
        note = f"{count:,} of the selected {has} a clean slate. The others stay."
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
        self._retry(request, _retryable(request).filter(failure_reason=reason), reason)
        return console.go(request, _back(request))

    @action(
        description="Set aside",
        permissions=["operate"],
        icon="do_not_disturb_on",
        dialog={
            "title": "Set this link aside?",
            "description": "",
            "form_class": SetAsideForm,
            "form_submit_text": "Set aside",
        },
    )
    def set_aside(self, request: HttpRequest, form: SetAsideForm, object_id: str) -> HttpResponse:
        source = get_object_or_404(AlbumSource, pk=object_id)
        why = form.cleaned_data["reason"]
        if ingest.set_aside([source.pk], by=console.username(request), why=why, now=timezone.now()):
            console.record(request, f"Set aside: {why}", target=source)
            self.message_user(request, f"{source} is set aside.", messages.SUCCESS)
        else:
            words = f"{source} is {source.status}: only a queued or failed link can be set aside."
            self.message_user(request, words, messages.WARNING)
        return console.go(request, reverse("admin:catalog_albumsource_change", args=[source.pk]))

    @action(
        description="Set aside by reason",
        permissions=["operate"],
        icon="do_not_disturb_on",
        dialog={
            "title": "Set failed links aside",
            "description": "",
            "form_class": SetAsideManyForm,
            "form_submit_text": "Set aside",
        },
    )
    def set_aside_many(self, request: HttpRequest, form: SetAsideManyForm) -> HttpResponse:
        reason, why = form.cleaned_data["reason"], form.cleaned_data["why"]
        failed = _retryable(request).filter(failure_reason=reason).values_list("pk", flat=True)
        count = ingest.set_aside(failed, by=console.username(request), why=why, now=timezone.now())
        links = plurals.counted(count, "link")
        console.record(request, f"Set aside {links} ({reason}): {why}", target=AlbumSource)
        self.message_user(request, f"{links} set aside.", messages.SUCCESS)
        return console.go(request, _back(request))

    @action(description="Export as CSV", permissions=["view"], icon="download")
    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        lines = exports.sources(console.shown(request, AlbumSource))
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="album-sources.csv"'
        return answer

    def _retry(self, request: HttpRequest, failed: QuerySet[AlbumSource], why: str) -> None:
        count = ingest.retry(failed.values_list("pk", flat=True))
        enqueue.after_commit("ingest_albums_from_sources")
        queued = plurals.counted(count, "failed link")
        console.record(request, f"Queued {queued} again: {why}", target=AlbumSource)
        self.message_user(request, f"{queued} queued again.", messages.SUCCESS)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"batch__id__exact", "failure_reason"} or super().lookup_allowed(
            lookup, value, request
        )

    @display(description="Status", label=TONES)
    def shown_status(self, source: AlbumSource) -> str:
        return source.status

    @display(description="Album")
    def album_link(self, source: AlbumSource) -> SafeString | str:
        return linked_album(source)

    @display(description="Next try")
    def next_try(self, source: AlbumSource) -> SafeString | str:
        return console.when(source.not_before) if source.status == "queued" else "-"

    @display(description="Submitted")
    def age(self, source: AlbumSource) -> SafeString | str:
        return console.when(source.created_at)


@admin.register(AlbumTrackMap)
class AlbumTrackMapAdmin(console.ReadOnly):
    list_display = ("track", "album_link", "album_source")
    list_select_related = ("album_source__album", "track")
    id_fields = ("album_source__spotify_album_id", "track__spotify_id")
    search_help_text = "An album's or a track's id or link"

    @display(description="Album")
    def album_link(self, row: AlbumTrackMap) -> SafeString | str:
        return linked_album(row.album_source)


def _back(request: HttpRequest) -> str:
    """The list as it was filtered."""
    url = reverse("admin:catalog_albumsource_changelist")
    return f"{url}?{request.GET.urlencode()}" if request.GET else url


def linked_album(source: AlbumSource) -> SafeString | str:
    if source.album is None:
        return "-"
    return console.link(reverse("admin:catalog_album_change", args=[source.album_id]), source.album)
