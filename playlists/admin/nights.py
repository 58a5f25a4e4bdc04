"""The console's pages of the nights: each stage's run, and running a stage by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts import console, plurals
from playlists.admin import words
from playlists.models import Playlist, ScheduleSeed, Snapshot, StageRun
from playlists.nightly import schedule, stages, summary
from playlists.sync import pause

TONES = {"open": "primary", "done": "success", "incomplete": "danger", "skipped": "warning"}


def waiting(stage: str, now: dt.datetime) -> str:
    """What a stage has before it, with counts; cheap enough to be asked by a dialog."""
    match stage:
        case "scale":
            return "The network is planned for today and the plan applied; Plans shows it without applying."
        case "curate":
            made = Snapshot.objects.built().filter(date=now.date(), playlist__status="active").count()
            missing = Playlist.objects.active().count() - made
            return _is(missing, "active playlist", "has", "have", "no list of today")
        case _:
            return stages.outlook(stage, now)[1]


def _is(count: int, noun: str, one: str, many: str, what: str = "") -> str:
    return f"{plurals.counted(count, noun)} {plurals.verb(count, one, many)} {what}".rstrip() + "."


def _run_action(stage: str) -> Any:
    """The action that runs one stage now; its dialog says how much waits."""

    class RunForm(console.Confirm):
        def note(self) -> str:
            now = timezone.now()
            paused = pause.current(now)
            return f"{waiting(stage, now)} {pause.sentence(paused) if paused else ''}".strip()

    def run(self: StageRunAdmin, request: HttpRequest, form: RunForm) -> HttpResponse:
        stages.enqueue_stage(stage, by=console.username(request), now=timezone.now())
        text = f"Enqueued {stage}: a worker takes it up."
        return console.done(request, reverse("admin:playlists_stagerun_changelist"), text, target=StageRun)

    run.__name__ = f"run_{stage}"
    return action(
        description=stage.capitalize(),
        permissions=["operate"],
        url_path=f"run-{stage}",
        dialog={
            "title": f"Run {stage} now?",
            "description": "",
            "form_class": RunForm,
            "form_submit_text": "Run now",
        },
    )(run)


@admin.register(StageRun)
class StageRunAdmin(console.ReadOnly):
    list_display = (
        "run_date",
        "stage",
        "shown_state",
        "progress",
        "failed",
        "planned",
        "took",
        "trigger",
        "attempts",
        "error",
    )
    list_filter = ("stage", "state")
    ordering: Any = ("-run_date", "-scheduled_at")
    name_fields = ("stage", "trigger", "error")
    search_help_text = "How the stage, the trigger or the error begins"

    fields = (
        "stage",
        "run_date",
        "shown_state",
        "trigger",
        "attempts",
        "planned",
        "ran",
        "progress",
        "failed",
        "error",
        "facts",
        "happened",
    )
    readonly_fields = fields
    actions_list = (
        {
            "title": "Run a stage now",
            "icon": "play_arrow",
            "variant": ActionVariant.PRIMARY,
            "items": [f"run_{stage}" for stage in schedule.TASK_OF],
        },
    )
    run_scale = _run_action("scale")
    run_ingest = _run_action("ingest")
    run_enrich = _run_action("enrich")
    run_curate = _run_action("curate")
    run_sync = _run_action("sync")

    @display(description="State", label=TONES)
    def shown_state(self, run: StageRun) -> str:
        return run.state

    @display(description="Done")
    def progress(self, run: StageRun) -> str:
        return f"{run.done:,} of {run.total:,}"

    @display(description="Planned")
    def planned(self, run: StageRun) -> SafeString | str:
        return console.when(run.scheduled_at)

    @display(description="Took")
    def took(self, run: StageRun) -> str:
        if not (run.started_at and run.finished_at):
            return "-"
        return words.duration((run.finished_at - run.started_at).total_seconds())

    @display(description="Ran")
    def ran(self, run: StageRun) -> str:
        if run.started_at is None:
            return "not yet"
        end = f"{run.finished_at:%H:%M:%S}, {self.took(run)}" if run.finished_at else "now"
        return f"{run.started_at:%Y-%m-%d %H:%M:%S} – {end}"

    @display(description="Facts")
    def facts(self, run: StageRun) -> str:
        lines = (f"{name.replace('_', ' ')}: {words.fact(value)}" for name, value in run.detail.items())
        return "\n".join(lines) or "-"

    @display(description="What happened that night")
    def happened(self, run: StageRun) -> str:
        # Unfold asks for a field several times a page: the row keeps the answer.
        if "told" not in run.__dict__:
            run.__dict__["told"] = summary.of(run.run_date)
        return "\n".join(run.__dict__["told"]) or "All went as planned."


@admin.register(ScheduleSeed)
class ScheduleSeedAdmin(console.ReadOnly):
    list_display = ("name", "seeded_at")
    name_fields = ("name",)
    search_help_text = "How the name begins"
