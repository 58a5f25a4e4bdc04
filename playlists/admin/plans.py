"""The console's pages of the manager's plans: the formula with its numbers, the guards, and what changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.enums import ActionVariant

from accounts import console, plurals
from playlists import locks
from playlists.admin import health, words
from playlists.models import ManagerPlan
from playlists.planning import planner, scaling

TONES = {"proposed": "info", "applied": "success", "superseded": ""}


class PlanForm(console.Confirm):
    """Says what the plan for today would be now: the same working out, and nothing written."""

    def note(self) -> str:
        return words.outline(scaling.plan_for(timezone.now().date()))


class WhatIf(forms.Form):
    """What a plan may be asked to suppose; what is left out is as it is."""

    T = forms.IntegerField(label="T usable tracks", min_value=0, max_value=10**8, required=False)
    K = forms.IntegerField(label="K tracks a list", min_value=1, max_value=100, required=False)
    R = forms.IntegerField(label="R days of rest", min_value=1, max_value=3650, required=False)
    floor = forms.IntegerField(min_value=0, max_value=10**6, required=False)
    cap = forms.IntegerField(label="Cap of an account", min_value=0, max_value=10**4, required=False)
    accounts = forms.IntegerField(label="Active accounts", min_value=0, max_value=10**4, required=False)


@admin.register(ManagerPlan)
class ManagerPlanAdmin(console.ReadOnly):
    list_display = ("run_date", "shown_status", "formula", "planned", "changes", "made", "applied_by")
    list_filter = ("status",)
    search_fields = ("run_date",)
    search_help_text = "A date: 2026-11-25"
    fields = ("run_date", "shown_status", "made", "applied_by", "applied", "short_digest")
    readonly_fields = fields
    change_form_outer_after_template = "admin/playlists/plan_words.html"

    list_before_template = "admin/playlists/what_if_link.html"
    actions_list = ("propose", "apply")

    def what_if_view(self, request: HttpRequest) -> HttpResponse:
        """Today's plan under other suppositions, worked out as the real one is; nothing is written."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = WhatIf(request.GET)
        supposed = form.cleaned_data if form.is_valid() else {}
        overrides = {name: value for name, value in supposed.items() if value is not None}
        plan = scaling.plan_for(timezone.now().date(), overrides=overrides)
        context = self.admin_site.each_context(request) | in_words(plan)
        context |= {"title": "What if", "opts": self.opts, "form": form}
        return TemplateResponse(request, "admin/playlists/what_if.html", context)

    @console.dialog_action(
        "Work out a plan",
        title="Keep this plan as a proposal?",
        submit="Keep it",
        form=PlanForm,
        permission="operate",
        icon="calculate",
    )
    def propose(self, request: HttpRequest, form: PlanForm) -> HttpResponse:
        now = timezone.now()
        plan = scaling.propose(scaling.plan_for(now.date()), now=now)
        return console.done(request, _page(plan), "This is proposed; nothing has changed yet.", target=plan)

    @console.dialog_action(
        "Plan and apply now",
        title="Apply this plan now?",
        submit="Apply",
        form=PlanForm,
        permission="operate",
        icon="published_with_changes",
        variant=ActionVariant.DANGER,
    )
    def apply(self, request: HttpRequest, form: PlanForm) -> HttpResponse:
        now = timezone.now()
        try:
            plan = scaling.apply(scaling.plan_for(now.date()), by=console.username(request), now=now)
        except locks.Busy as error:
            self.message_user(request, str(error), messages.ERROR)
            return console.go(request, reverse("admin:playlists_managerplan_changelist"))
        return console.done(
            request,
            _page(plan),
            f"Applied, with {plurals.counted(len(plan.actions), 'change')}.",
            target=plan,
        )

    def get_urls(self) -> list[URLPattern]:
        """How the rotation really goes, and what would be, stand beside what is planned."""
        view = self.admin_site.admin_view
        return [
            path("what-if/", view(self.what_if_view), name="playlists_managerplan_what_if"),
            path("health/", view(health.page), name="playlists_health"),
            path("health/figures/", view(health.figures), name="playlists_health_figures"),
            *super().get_urls(),
        ]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        try:
            date = parse_date(search_term.strip())
        except ValueError:
            date = None
        return (
            queryset.filter(run_date=date) if date else queryset.none() if search_term.strip() else queryset
        ), False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        plan = ManagerPlan.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        extra = (extra_context or {}) | (in_words(plan) if plan else {})
        return super().change_view(request, object_id, form_url, extra)

    @display(description="Status", label=TONES)
    def shown_status(self, plan: ManagerPlan) -> str:
        return plan.status

    @display(description="Formula")
    def formula(self, plan: ManagerPlan) -> str:
        return words.formula(plan.stats)

    @display(description="Planned")
    def planned(self, plan: ManagerPlan) -> Any:
        return plan.stats.get("p_planned", "-")

    @display(description="Changes")
    def changes(self, plan: ManagerPlan) -> int:
        return len(plan.actions)

    @display(description="Digest")
    def short_digest(self, plan: ManagerPlan) -> str:
        return plan.digest[:12] or "-"

    @display(description="Made")
    def made(self, plan: ManagerPlan) -> SafeString | str:
        return console.when(plan.created_at)

    @display(description="Applied")
    def applied(self, plan: ManagerPlan) -> SafeString | str:
        return console.when(plan.applied_at)


def in_words(plan: ManagerPlan | planner.Plan) -> dict[str, Any]:
    return {
        "formula": words.formula(plan.stats),
        "guards": words.guards(plan.stats),
        "steps": [words.action(step) for step in plan.actions],
        "reasons": [str(reason) for reason in plan.reasons],
    }


def _page(plan: ManagerPlan) -> str:
    return reverse("admin:playlists_managerplan_change", args=[plan.pk])
