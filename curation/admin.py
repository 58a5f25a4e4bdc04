"""The console's curation pages: policies with their revisions, and the vibes that listeners asked for."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts import console
from accounts.strict_input import json_text
from curation.diagnosis import doctor
from curation.models import CurationPolicy, PolicyRevision, Vibe
from curation.policy import language, revisions


class PolicyForm(forms.ModelForm):
    """A policy as JSON text; each mistake is told with the path that it is at."""

    body = forms.CharField(
        label="Policy",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 22, "spellcheck": "false", "data-vibe": "code"}),
        help_text="A document in vibe.policy/1. Saving it makes a new revision.",
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget(),
        help_text="What changed and why; kept with the revision.",
    )

    class Meta:
        model = CurationPolicy
        fields = ("name", "theme_tag", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["body"] = (
            written(self.instance.body) if self.instance.pk else f'{{"schema": "{language.SCHEMA}"}}'
        )

    def clean_body(self) -> dict[str, Any]:
        try:
            document = json_text.read(self.cleaned_data["body"])
            language.parse(document)
        except (json_text.Refused, language.PolicyError) as error:
            raise forms.ValidationError([_mistake(each) for each in error.errors]) from error
        return document


def written(body: dict[str, Any]) -> str:
    """A policy as text, in the language's own order where it is valid: the database keeps none."""
    with contextlib.suppress(language.PolicyError):  # an old or foreign document is shown as it is
        body = language.body(language.parse(body))
    return json.dumps(body, indent=2, ensure_ascii=False)


def _mistake(error: dict[str, str]) -> str:
    return f"{error['path'] or 'policy'}: {error['message']}"


# The doctor's figures as the page names them, in its order.
FIGURES = {
    "catalogue": "Usable tracks",
    "matched": "Tracks match",
    "artists": "Artists among them",
    "slots_per_day": "Places a day",
    "gap_asked": "Days of rest asked",
    "longest_gap": "Longest that can be kept",
    "tracks_needed": "Tracks needed for that",
    "most_playlists": "Playlists it can keep",
    "per_artist": "At most per artist",
    "most_in_one_day": "Places a day can fill",
    "lost_to_unknown": "Lost to unknown values",
    "relax_steps": "Relax steps",
}


class RevisionInline(TabularInline):
    model = PolicyRevision
    fields = ("number", "author", "note", "created_at")
    readonly_fields = fields
    ordering = ("-number",)
    extra = 0
    per_page = 10
    hide_title = True
    can_delete = False
    show_change_link = True
    verbose_name_plural = "Revisions, newest first"

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyRevision]:
        return super().get_queryset(request).defer("body")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CurationPolicy)
class CurationPolicyAdmin(ModelAdmin):
    """The name is a policy's key: revisions hang on it, so it is chosen once."""

    form = PolicyForm
    list_display = ("name", "theme_tag", "is_active", "used_by", "updated")
    list_filter = ("is_active",)
    search_fields = ("name", "theme_tag")
    ordering = ("name",)
    show_full_result_count = False
    fields = ("name", "theme_tag", "is_active", "body", "note")
    inlines = (RevisionInline,)
    change_form_before_template = "admin/curation/doctor_slot.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[CurationPolicy]:
        live = Count("playlists", filter=~Q(playlists__status="retired"))
        return super().get_queryset(request).annotate(uses=live)

    def get_readonly_fields(self, request: HttpRequest, obj: CurationPolicy | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: CurationPolicy | None = None) -> bool:
        return False  # snapshots name the revisions that made them: retire it by making it inactive

    def get_urls(self) -> list[URLPattern]:
        examine = self.admin_site.admin_view(self.examine)
        return [path("<int:policy_id>/doctor/", examine, name="curation_policy_doctor"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: CurationPolicy, form: PolicyForm, change: bool) -> None:
        saved = revisions.save(
            obj.name,
            form.cleaned_data["body"],
            author=console.username(request),
            note=form.cleaned_data["note"],
            now=timezone.now(),
            theme_tag=obj.theme_tag or None,
            is_active=obj.is_active,
        )
        obj.pk, obj.digest, obj.body = saved.pk, saved.digest, saved.body

    def examine(self, request: HttpRequest, policy_id: int) -> HttpResponse:
        """What the doctor says of the saved policy: asked for after the page, since it counts tracks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row: Any = get_object_or_404(self.get_queryset(request), pk=policy_id)
        try:
            found = doctor.examine(
                language.parse(row.body),
                playlists=max(1, row.uses),
                today=timezone.now().date(),
                count=settings.TRACKS_PER_PLAYLIST,
                gap_days=settings.MIN_REPEAT_GAP_DAYS,
            )
        except language.PolicyError as error:
            return TemplateResponse(
                request, "admin/curation/doctor.html", {"sentence": f"Not valid: {error}"}
            )
        figures = [
            (label, found.figures[name]) for name, label in FIGURES.items() if found.figures[name] is not None
        ]
        context = {"sentence": found.sentence, "figures": figures}
        return TemplateResponse(request, "admin/curation/doctor.html", context)

    @display(description="Used by")
    def used_by(self, row: Any) -> str:
        return f"{row.uses} playlist" + ("" if row.uses == 1 else "s")

    @display(description="Updated")
    def updated(self, row: CurationPolicy) -> SafeString | str:
        return console.when(row.updated_at)


class RestoreForm(console.Confirm):
    def note(self) -> str:
        return "Its text becomes a new, newest revision; nothing is lost. Lists built from then on follow it."


@admin.register(PolicyRevision)
class PolicyRevisionAdmin(console.ReadOnly):
    list_display = ("policy", "number", "author", "note", "made")
    list_select_related = ("policy",)
    name_fields = ("policy__name", "author")
    search_help_text = "How the policy's or the author's name begins"
    fields = ("policy", "number", "author", "note", "made", "text", "digest")
    readonly_fields = fields
    actions_detail = ("restore",)

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("curation.change_curationpolicy")

    def has_restore_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("curation.change_curationpolicy")

    @display(description="Made")
    def made(self, row: PolicyRevision) -> SafeString | str:
        return console.when(row.created_at)

    @display(description="Policy text")
    def text(self, row: PolicyRevision) -> SafeString:
        return format_html('<pre class="vibe-pre">{}</pre>', written(row.body))

    @console.dialog_action(
        "Make it the newest again",
        title="Go back to this revision?",
        submit="Go back",
        form=RestoreForm,
        permission="restore",
        icon="undo",
    )
    def restore(self, request: HttpRequest, form: RestoreForm, object_id: str) -> HttpResponse:
        revision = get_object_or_404(PolicyRevision.objects.select_related("policy"), pk=object_id)
        row = revisions.restore(revision, author=console.username(request), now=timezone.now())
        url = reverse("admin:curation_curationpolicy_change", args=[row.pk])
        return console.done(request, url, f"{row} is back at revision {revision.number}.", target=row)


@admin.register(Vibe)
class VibeAdmin(console.ReadOnly):
    list_display = ("title", "text", "interpreter", "latency", "songs_in", "made", "shared")
    list_filter = ("interpreter",)
    id_fields = ("public_id",)
    name_fields = ("title", "text")
    search_help_text = "A public id, or how the title or the sentence begins"
    fields = (
        "title",
        "text",
        "summary",
        "interpreter",
        "latency",
        "made",
        "shared",
        "songs_listed",
        "policy_text",
    )
    readonly_fields = fields

    @display(description="Latency")
    def latency(self, vibe: Vibe) -> str:
        return f"{vibe.latency_ms:,} ms"

    @display(description="Songs")
    def songs_in(self, vibe: Vibe) -> int:
        return len(vibe.songs)

    @display(description="Made")
    def made(self, vibe: Vibe) -> SafeString | str:
        return console.when(vibe.created_at)

    @display(description="Shared page")
    def shared(self, vibe: Vibe) -> SafeString | str:
        return console.outside(f"/v/{vibe.public_id}", "Open")

    @display(description="Songs")
    def songs_listed(self, vibe: Vibe) -> str:
        return (
            "\n".join(f"{song.get('title', '?')} by {song.get('artist', '?')}" for song in vibe.songs)
            or "none"
        )

    @display(description="Policy")
    def policy_text(self, vibe: Vibe) -> SafeString:
        return format_html('<pre class="vibe-pre">{}</pre>', written(vibe.policy))
