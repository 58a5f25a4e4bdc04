"""The console's pages for what other packages own: users, roles, the schedule, and who did what."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from celery import current_app
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django_celery_beat.admin import PeriodicTaskForm as BeatForm
from django_celery_beat.admin import TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    PeriodicTasks,
    SolarSchedule,
)
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import console, plurals
from accounts.login import second_factor
from vibe_project import granting

for _model in (
    User,
    Group,
    PeriodicTask,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
    ClockedSchedule,
    # Their own pages show keys and codes; what may be done about them stands on the user's page.
    TOTPDevice,
    StaticDevice,
):
    admin.site.unregister(_model)


class ResetForm(console.Confirm):
    def note(self) -> str:
        return "For somebody who lost their phone and their recovery codes: the next login sets up a new one."


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Users can only give or take rights that they hold themselves (see granting.py)."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "email",
        "roles",
        "second_factor",
        "is_superuser",
        "is_active",
        "last_login",
    )
    list_filter = ("is_active", "is_superuser")
    actions_detail = ("reset_second_factor",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        users = super().get_queryset(request).prefetch_related("groups")
        return users.annotate(has_second_factor=Exists(devices))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and granting.may_edit_user(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and granting.may_edit_user(request.user, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return granting.narrowed(field, db_field.name, request.user)

    @console.dialog_action(
        "Reset the second factor",
        title="Reset this user's second factor?",
        submit="Reset it",
        form=ResetForm,
        permission="change",
        icon="phonelink_erase",
        variant=ActionVariant.DANGER,
    )
    def reset_second_factor(self, request: HttpRequest, form: ResetForm, object_id: str) -> HttpResponse:
        user = get_object_or_404(User, pk=object_id)
        if not granting.may_edit_user(request.user, user):
            raise PermissionDenied
        second_factor.forget(user.pk)
        url = reverse("admin:auth_user_change", args=[user.pk])
        return console.done(request, url, f"{user} has no second factor any more.", target=user)

    @display(description="Roles")
    def roles(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "-"

    @display(description="Second factor", boolean=True)
    def second_factor(self, user: Any) -> bool:
        return user.has_second_factor


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    list_display = ("name", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(member_count=Count("user"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and granting.may_edit_group(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and granting.may_edit_group(request.user, obj)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        return granting.narrowed(field, db_field.name, request.user)

    @display(description="Members")
    def members(self, group: Any) -> int:
        return group.member_count


@admin.register(LogEntry)
class LogEntryAdmin(console.ReadOnly):
    list_display = ("at", "user", "content_type", "object_repr", "what")
    list_select_related = ("user", "content_type")
    name_fields = ("object_repr", "user__username")
    search_help_text = "How a name of a row or of a user begins"

    @display(description="When")
    def at(self, entry: LogEntry) -> SafeString | str:
        return console.when(entry.action_time)

    @display(description="What")
    def what(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()


# --- the schedule


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    """Beat's list of registered tasks in Unfold's clothes."""


class PeriodicTaskForm(BeatForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["regtask"].widget = TaskSelect()
        self.fields["task"].widget = UnfoldAdminTextInputWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ModelAdmin):
    """Beat's rows; edits are noticed by a running beat within seconds."""

    form = PeriodicTaskForm
    list_display = ("name", "task", "enabled", "at", "last_run", "next_run")
    list_filter = ("enabled",)
    list_select_related = ("crontab", "interval", "solar", "clocked")
    search_fields = ("name", "task")
    ordering = ("name",)
    readonly_fields = ("last_run", "next_run", "total_run_count")
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        (
            "When (UTC)",
            {
                "description": "One of these. All times are UTC; a change takes effect at once.",
                "fields": (
                    "crontab",
                    "interval",
                    "clocked",
                    "one_off",
                    "last_run",
                    "next_run",
                    "total_run_count",
                ),
            },
        ),
        ("How", {"classes": ("tab",), "fields": ("args", "kwargs", "queue", "expire_seconds", "priority")}),
    )
    actions = ("enable", "disable", "run_now")

    @display(description="When (UTC)")
    def at(self, row: PeriodicTask) -> str:
        if row.crontab:
            return row.crontab.human_readable.removesuffix(" UTC")
        return str(row.scheduler or "-").capitalize()

    @display(description="Last run")
    def last_run(self, row: PeriodicTask) -> SafeString | str:
        return console.when(row.last_run_at) if row.last_run_at else "not yet"

    @display(description="Next run")
    def next_run(self, row: PeriodicTask) -> SafeString | str:
        if not row.enabled:
            return "disabled"
        if not (row.crontab or row.interval):
            return "-"
        return console.when(_next(row, timezone.now()))

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> TemplateResponse | None:
        count = queryset.count()
        run = plurals.verb(count, "runs again at its", "run again at their")
        note = f"{plurals.counted(count, 'row')} {run} next time; nothing that was missed is made up."
        return self._switch(request, queryset, on=True, title="Enable these rows of the schedule?", note=note)

    @admin.action(description="Disable", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> TemplateResponse | None:
        count = queryset.count()
        are = plurals.verb(count, "it is", "they are")
        note = f"{plurals.counted(count, 'row')} will not run until {are} enabled again."
        return self._switch(
            request, queryset, on=False, title="Disable these rows of the schedule?", note=note
        )

    def _switch(
        self, request: HttpRequest, queryset: QuerySet[PeriodicTask], *, on: bool, title: str, note: str
    ) -> TemplateResponse | None:
        word = "Enable" if on else "Disable"
        if page := console.unconfirmed(self, request, queryset, title=title, note=note, button=word):
            return page
        for row in queryset:
            console.record(request, f"{word}d in the schedule.", target=row)
        # Without a last run, beat waits for the next time instead of running a re-enabled row at once.
        changed = queryset.update(enabled=on, last_run_at=None)
        PeriodicTasks.update_changed()  # beat does not notice an update() by itself
        self.message_user(request, f"{plurals.counted(changed, 'row')} {word.lower()}d.", messages.SUCCESS)
        return None

    @admin.action(description="Run now", permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> TemplateResponse | None:
        names = ", ".join(queryset.values_list("name", flat=True))
        title = "Run these now?"
        if page := console.unconfirmed(self, request, queryset, title=title, note=names, button="Run now"):
            return page
        for row in queryset:
            current_app.send_task(
                row.task, args=json.loads(row.args), kwargs=json.loads(row.kwargs), queue=row.queue
            )
            console.record(request, "Run by hand.", target=row)
        self.message_user(request, f"Enqueued: {names}.", messages.SUCCESS)
        return None


def _next(row: PeriodicTask, now: dt.datetime) -> dt.datetime:
    """To the minute: beat's own estimate loses a little on the way."""
    estimate = now + row.schedule.remaining_estimate(row.last_run_at or now) + dt.timedelta(seconds=30)
    return estimate.replace(second=0, microsecond=0)


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(ModelAdmin):
    """Times of the day; the zone is always UTC, because beat loses runs where zones are mixed."""

    list_display = ("human_readable", "minute", "hour", "day_of_week", "used_by")
    fields = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")
    readonly_fields = ("timezone",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CrontabSchedule]:
        return super().get_queryset(request).annotate(uses=Count("periodictask"))

    @display(description="Used by")
    def used_by(self, crontab: Any) -> str:
        return plurals.counted(crontab.uses, "row")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    list_display = ("__str__", "every", "period")


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(ModelAdmin):
    list_display = ("clocked_time",)


@admin.register(SolarSchedule)
class SolarScheduleAdmin(console.ReadOnly):
    """Shown for completeness: Vibe's schedule keeps to the clock."""

    list_display = ("event", "latitude", "longitude")
