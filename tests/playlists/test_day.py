"""A whole day in one process against the sandbox: links to playlists, twice the same, and what stops it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.intake import batches
from catalog.models import AlbumSource, Track
from playlists import day
from playlists.models import HistoryEntry, ManagerPlan, PlaylistCopy, Snapshot, StageRun
from playlists.sync import pause
from tests.playlists import worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sandbox(albums=40), pytest.mark.e2e]
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 20, 3
    settings.FLOOR_TOTAL_PLAYLISTS = 3


@pytest.fixture
def links(sandbox):
    worlds.policy()
    batches.enqueue("\n".join(sandbox.album_links(30)), by="test", now=timezone.now())
    return [worlds.connected("One"), worlds.connected("Two")]


def run(date=None, **options):
    now = timezone.now()
    return day.run(date or now.date(), now=now, sleep=lambda seconds: None, **options)


def writes(sandbox):
    return [
        call
        for call in sandbox.calls
        if call.method in {"PUT", "POST", "DELETE"} and "/playlists" in call.path
    ]


def test_links_become_playlists_on_spotify(links, sandbox):
    report = run()

    assert [step.stage for step in report.steps] == ["scale", "ingest", "enrich", "scale", "curate", "sync"]
    assert not report.is_blocked
    assert not report.is_partly_failed
    assert AlbumSource.objects.filter(status="ingested").count() >= 28
    plan = ManagerPlan.objects.get(status="applied")
    assert plan.stats["T"] == Track.objects.usable().count() > 0
    assert Snapshot.objects.filter(state="built", size=20).count() == plan.stats["p_planned"]
    assert set(PlaylistCopy.objects.values_list("status", flat=True)) == {"synced"}
    assert len(sandbox.world.playlists) == plan.stats["p_planned"]
    assert set(StageRun.objects.values_list("state", flat=True)) == {"done"}
    assert set(StageRun.objects.values_list("stage", flat=True)) == set(day.STAGES)


def test_the_same_date_again_writes_nothing_on_spotify(links, sandbox):
    run()
    before, history = len(writes(sandbox)), HistoryEntry.objects.count()

    report = run()

    assert len(writes(sandbox)) == before
    assert HistoryEntry.objects.count() == history
    assert not report.is_partly_failed


def test_days_in_a_row_rest_their_tracks(links, sandbox):
    today = timezone.now().date()
    for number in range(3):
        run(today + number * DAY)

    uses = list(HistoryEntry.objects.values_list("track_id", flat=True))
    assert len(uses) == len(set(uses))
    for copy in PlaylistCopy.objects.all():
        newest = copy.playlist.snapshots.filter(state="built").latest("date")
        wanted = list(newest.entries.order_by("position").values_list("spotify_track_id", flat=True))
        assert sandbox.world.library.playlists[copy.spotify_playlist_id].track_ids == wanted


def test_the_command_reports_in_json(links, capsys):
    call_command("run_day", "--json")

    shown = json.loads(capsys.readouterr().out)
    assert shown["blocked"] is False
    assert [stage["stage"] for stage in shown["stages"]][-1] == "sync"


def test_a_paused_network_exits_75(links):
    pause.begin(reason="Not tonight", by="ada", now=timezone.now())

    with pytest.raises(SystemExit) as stop:
        call_command("run_day", "--json")

    assert stop.value.code == 75


def test_a_dry_run_writes_nothing(links, sandbox):
    before = len(sandbox.calls)

    run(dry_run=True)

    assert len(sandbox.calls) == before
    assert not ManagerPlan.objects.exists()
    assert not StageRun.objects.exists()


def test_without_accounts_the_day_says_so(sandbox):
    worlds.policy()
    worlds.tracks(100)

    report = run()

    assert any("connect an account" in step.sentence for step in report.steps)
    assert not report.is_blocked


@pytest.mark.parametrize(
    "arguments", [["--date", "yesterday"], ["--stages", "scale,dance"], ["--stages", ""]]
)
def test_wrong_usage_exits_2(arguments):
    from django.core.management.base import CommandError

    with pytest.raises(CommandError) as stop:
        call_command("run_day", *arguments)

    assert stop.value.returncode == 2
