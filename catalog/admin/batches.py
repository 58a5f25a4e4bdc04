"""The console's intake: album links are checked and queued as a batch, whose page is its progress."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import console, plurals
from catalog import advisory_locks
from catalog.admin import sources
from catalog.forms import IntakeForm
from catalog.intake import batches, exports, submissions
from catalog.models import AlbumSource, Batch

SHOWN_LINES = 200


@admin.register(Batch)
class BatchAdmin(console.ReadOnly):
    """A batch is made by submitting links (its "add" page) and read as progress (its "change" page)."""

    list_display = ("name", "lines", "queued", "duplicates", "rejected", "submitted_by", "at")
    name_fields = ("label", "submitted_by")
    search_help_text = "How the label or the submitter's name begins"
    fields = ("label", "submitted_by", "at", "priority")
    readonly_fields = fields
    change_form_outer_after_template = "admin/catalog/batch_progress.html"

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("catalog.add_batch")

    def get_urls(self) -> list[URLPattern]:
        rejects = self.admin_site.admin_view(self.rejects)
        return [
            path("<int:batch_id>/rejects.csv", rejects, name="catalog_batch_rejects"),
            *super().get_urls(),
        ]

    @display(description="Batch")
    def name(self, batch: Batch) -> str:
        return str(batch)

    @display(description="Rejected")
    def rejected(self, batch: Batch) -> int:
        return len(batch.invalid)

    @display(description="Submitted")
    def at(self, batch: Batch) -> SafeString | str:
        return console.when(batch.created_at)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form, receipt = IntakeForm(request.POST or None, request.FILES or None), None
        if request.method == "POST" and form.is_valid():
            try:
                if "queue" in request.POST:
                    return self._queue(request, form.cleaned_data)
                receipt = batches.check(form.cleaned_data["text"])
                form = IntakeForm(initial=form.cleaned_data)  # a file's lines stand in the box from now on
            except (submissions.RefusedSubmission, advisory_locks.Busy) as error:
                form.add_error(None, str(error))
        context = {
            **self.admin_site.each_context(request),
            **(verdicts(receipt) if receipt else {}),
            "title": "Submit albums",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/catalog/intake.html", context)

    def _queue(self, request: HttpRequest, given: dict[str, Any]) -> HttpResponse:
        receipt = batches.enqueue(
            given["text"],
            by=console.username(request),
            label=given["label"],
            priority=int(given["priority"]),
            now=timezone.now(),
        )
        batch = get_object_or_404(Batch, pk=receipt.batch_id)
        level = messages.SUCCESS if receipt.queued and not receipt.failed else messages.WARNING
        url = reverse("admin:catalog_batch_change", args=[batch.pk])
        return console.done(request, url, taken(receipt), target=batch, level=level)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = (extra_context or {}) | (progress(int(object_id)) if object_id.isdigit() else {})
        return super().change_view(request, object_id, form_url, extra)

    def rejects(self, request: HttpRequest, batch_id: int) -> HttpResponse:
        """What could not be taken, as a CSV that a spreadsheet will not run."""
        batch = get_object_or_404(Batch, pk=batch_id)
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="batch-{batch.pk}-rejects.csv"'
        answer.write(exports.line(["line", "value", "reason"]))
        for item in batch.invalid:
            answer.write(exports.line([item["line"], item["value"], item["reason"]]))
        return answer


def taken(receipt: batches.Receipt) -> str:
    """What became of a submission, and what is left to do."""
    doubles = plurals.counted(receipt.duplicates, "duplicate")
    rejected = f"{len(receipt.invalid):,} rejected"
    text = f"{plurals.counted(receipt.queued, 'album')} queued, {doubles}, {rejected}."
    if not receipt.failed:
        return text
    first = receipt.failed[0]
    one = f"line {first.line}: {first.known.why}"
    return (
        f"{text} {plurals.counted(len(receipt.failed), 'known album')} failed before ({one}) {batches.AGAIN}"
    )


def verdicts(receipt: batches.Receipt) -> dict[str, Any]:
    """A check for the page: how many lines of each verdict, and the lines, those with a reason first."""
    lines = sorted(receipt.verdicts, key=lambda line: (line.reason is None, line.line))
    counts = Counter(line.verdict for line in lines)
    return {
        "receipt": receipt,
        "counts": counts.most_common(),
        "shown": lines[:SHOWN_LINES],
        "hidden": max(0, len(lines) - SHOWN_LINES),
    }


def progress(batch_id: int) -> dict[str, Any]:
    """How far a batch has come and what failed, by reason. Two queries, both within the batch."""
    ours = AlbumSource.objects.filter(batch_id=batch_id)
    counts = dict(ours.order_by().values_list("status").annotate(Count("pk")))
    total = sum(counts.values())
    finished = counts.get("ingested", 0) + counts.get("failed", 0)
    return {
        "total": total,
        "counts": [
            (status, sources.TONES[status], counts.get(status, 0)) for status in AlbumSource.Status.values
        ],
        "percent": 100 * finished // total if total else 100,
        "is_working": finished < total,
        "failures": sources.failures(ours)[:20],
    }
