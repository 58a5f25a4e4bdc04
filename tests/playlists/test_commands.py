"""The commands: the same domain calls, JSON on stdout, the contract's exit codes."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from curation.models import CurationPolicy
from playlists.models import HistoryEntry, ManagerPlan, Playlist, Snapshot
from tests.playlists import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS, settings.FLOOR_TOTAL_PLAYLISTS = 10, 3, 1


@pytest.fixture
def network():
    worlds.tracks(95)
    CurationPolicy.objects.update(is_active=False)
    worlds.policy()
    return worlds.account()


def shown(capsys, *arguments):
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out)


def test_plan_scale_shows_and_writes_nothing(network, capsys):
    plan = shown(capsys, "plan_scale", "--set", "R=7", "--set", "accounts=5")

    assert (plan["stats"]["R"], plan["stats"]["active_accounts"]) == (7, 5)
    assert not ManagerPlan.objects.exists()


def test_plan_scale_applies(network, capsys):
    plan = shown(capsys, "plan_scale", "--apply")

    assert plan["status"] == "applied"
    assert Playlist.objects.count() == plan["stats"]["p_planned"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan_scale", "--set", "moon=1"],
        ["plan_scale", "--set", "R=soon"],
        ["plan_scale", "--set", "R=0"],
        ["plan_scale", "--set", "accounts=9", "--apply"],
        ["build_snapshot", "nobody"],
        ["build_snapshot", "--date", "2026-13-01"],
        ["sync_playlists", "--account", "nobody"],
        ["simulate", "--days", "0"],
    ],
)
def test_wrong_usage_exits_2(network, arguments):
    with pytest.raises(CommandError) as stop:
        call_command(*arguments)

    assert stop.value.returncode == 2


def test_build_snapshot_builds_one_and_explains_it(network, capsys):
    made = worlds.playlist()
    worlds.playlist()

    built = shown(capsys, "build_snapshot", "#1", "--date", "2026-11-25", "--explain")

    assert built["built"] == [made.pk]
    assert len(built["lists"][0]["tracks"]) == 10
    assert built["lists"][0]["tracks"][0]["reasons"] is not None
    assert Snapshot.objects.count() == 1


def test_build_snapshot_that_holds_exits_3(capsys):
    worlds.tracks(3)
    worlds.playlist()

    with pytest.raises(SystemExit) as stop:
        call_command("build_snapshot", "--json")

    assert stop.value.code == 3
    assert json.loads(capsys.readouterr().out)["held"]


def test_simulate_rehearses_and_takes_everything_back(network, capsys):
    figures = shown(capsys, "simulate", "--days", "8")

    assert figures["days"] == 8
    assert figures["shortest_gap_days"] >= 3
    assert figures["nights"][0]["fill"] == 1.0
    assert not HistoryEntry.objects.exists()
    assert not Playlist.objects.exists()


def test_sync_playlists_dry_run_tells_what_is_due(network, capsys):
    worlds.placed(network)
    call_command("build_snapshot", "--json")
    capsys.readouterr()

    assert shown(capsys, "sync_playlists", "--dry-run")["due"] == 1
