"""The console's pages of the red switch: pausing, resuming, and answering what the canaries ask."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import console, plurals
from playlists.models import Pause
from playlists.nightly import canary
from playlists.sync import drain, pause


class PauseForm(console.Reasoned):
    """The red switch, with an end: a forgotten pause is worse than the trouble."""

    hours = forms.TypedChoiceField(
        label="For",
        coerce=int,
        choices=[(1, "an hour"), (4, "four hours"), (24, "a day"), (0, "until it is resumed")],
        initial=4,
        widget=UnfoldAdminSelectWidget(),
    )

    def note(self) -> str:
        due = drain.due(timezone.now()).count()
        copies, wait = plurals.counted(due, "copy"), plurals.verb(due, "waits", "wait")
        return f"Nothing is written to Spotify; {copies} {wait}. Ingest, features and lists go on."


class ResumeForm(console.Confirm):
    def note(self) -> str:
        due = drain.due(timezone.now()).count()
        go = plurals.verb(due, "goes", "go")
        return f"Every pause in force ends now, and {plurals.counted(due, 'copy')} {go} on being written."


class GoOnForm(console.Confirm):
    def note(self) -> str:
        asked = _question(self.object_id)
        if asked is None:
            return "This question is answered already: nothing will change."
        left = asked.stats.copies - asked.stats.done
        are = plurals.verb(left, "is", "are")
        return (
            f"{plurals.counted(left, 'copy')} {are} still to be written; this run will not be stopped again."
        )


class StopForm(console.Reasoned):
    def note(self) -> str:
        asked = _question(self.object_id)
        if asked is None:
            return "This question is answered already: nothing will change."
        left = asked.stats.copies - asked.stats.done
        keep = plurals.verb(left, "keeps what it has", "keep what they have")
        return f"{plurals.counted(left, 'copy')} {keep}. The network stays paused until somebody resumes it."


@admin.register(Pause)
class PauseAdmin(console.ReadOnly):
    actions_list = ("begin", "resume")
    actions_detail = ("go_on", "stop")
    change_form_outer_after_template = "admin/playlists/canary_question.html"

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("playlists.add_pause")

    @console.dialog_action(
        "Pause the network",
        title="Pause writing to Spotify?",
        submit="Pause",
        form=PauseForm,
        permission="operate",
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )
    def begin(self, request: HttpRequest, form: PauseForm) -> HttpResponse:
        now, hours = timezone.now(), form.cleaned_data["hours"]
        until = now + dt.timedelta(hours=hours) if hours else None
        row = pause.begin(
            reason=form.cleaned_data["reason"], by=console.username(request), now=now, until=until
        )
        url = reverse("admin:playlists_pause_changelist")
        return console.done(request, url, pause.sentence(row), target=row, level=messages.WARNING)

    @console.dialog_action(
        "Resume",
        title="Resume writing to Spotify?",
        submit="Resume",
        form=ResumeForm,
        permission="operate",
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, request: HttpRequest, form: ResumeForm) -> HttpResponse:
        count = pause.lift(by=console.username(request), now=timezone.now())
        url = reverse("admin:playlists_pause_changelist")
        lifted = f"Resumed: {plurals.counted(count, 'pause')} lifted."
        text = lifted if count else "No pause was in force."
        return console.done(request, url, text, target=Pause)

    @console.dialog_action(
        "Go on",
        title="Write the rest all the same?",
        submit="Go on",
        form=GoOnForm,
        permission="operate",
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def go_on(self, request: HttpRequest, form: GoOnForm, object_id: str) -> HttpResponse:
        if _question(object_id) is None:
            return self._nothing_asked(request, object_id)
        canary.go_on(by=console.username(request), now=timezone.now())
        return console.done(request, _page(object_id), "The sync goes on.", target=_pause(object_id))

    @console.dialog_action(
        "Stop",
        title="Stop this sync?",
        submit="Stop",
        form=StopForm,
        permission="operate",
        icon="stop_circle",
        variant=ActionVariant.DANGER,
    )
    def stop(self, request: HttpRequest, form: StopForm, object_id: str) -> HttpResponse:
        if _question(object_id) is None:
            return self._nothing_asked(request, object_id)
        reason = form.cleaned_data["reason"]
        canary.stop(by=console.username(request), reason=reason, now=timezone.now())
        url = reverse("admin:playlists_pause_changelist")
        text = f"The sync is stopped and the network stays paused: {reason}"
        return console.done(request, url, text, target=_pause(object_id), level=messages.WARNING)

    def _nothing_asked(self, request: HttpRequest, object_id: str) -> HttpResponse:
        self.message_user(request, "Nothing is asked here any more.", messages.WARNING)
        return console.go(request, _page(object_id))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        extra = (extra_context or {}) | {"question": _question(object_id)}
        return super().change_view(request, object_id, form_url, extra)

    list_display_links = None
    list_display = ("shown_reason", "paused_by", "since", "ends", "lifted")
    fields = ("reason", "paused_by", "since", "ends", "lifted", "lifted_by")
    readonly_fields = fields
    name_fields = ("reason", "paused_by")

    @display(description="Reason")
    def shown_reason(self, pause: Pause) -> SafeString:
        return console.link(_page(str(pause.pk)), pause.reason)

    @display(description="Since")
    def since(self, pause: Pause) -> SafeString | str:
        return console.when(pause.paused_at)

    @display(description="Until")
    def ends(self, pause: Pause) -> SafeString | str:
        return console.when(pause.until) if pause.until else "until it is lifted"

    @display(description="Lifted")
    def lifted(self, pause: Pause) -> SafeString | str:
        return console.when(pause.lifted_at) if pause.lifted_at else "in force"


def _pause(object_id: str) -> Pause:
    return get_object_or_404(Pause, pk=object_id)


def _question(object_id: str | int | None) -> canary.Question | None:
    key = str(object_id)
    asked = Pause.objects.filter(pk=int(key)).first() if key.isdigit() else None
    return canary.question(asked) if asked else None


def _page(object_id: str) -> str:
    return reverse("admin:playlists_pause_change", args=[object_id])
