"""A whole day in one process against the sandbox: links to playlists, twice the same, and what stops it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import time
import uuid

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.gateway_state import gateways
from accounts.models import Account, Circuit
from catalog import advisory_locks
from catalog.ingest import queue
from catalog.intake import batches
from catalog.models import AlbumSource, FeatureSource, Track
from playlists import locks
from playlists.models import HistoryEntry, ManagerPlan, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import run_day, stages
from playlists.sync import pause
from tests import second_connection
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


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Looks at what others do more often than a person needs it."""
    monkeypatch.setattr(run_day, "POLL_SECONDS", 0.05)


def run(date=None, **options):
    now = timezone.now()
    return run_day.run(date or now.date(), now=now, **options)


@contextlib.contextmanager
def in_another_process(work, *, seconds=1.0):
    """`work` is what another process does in the end; until then it holds what it holds."""

    def later():
        time.sleep(seconds)
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=later)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@contextlib.contextmanager
def held_for_a_second(kind, number):
    """Another process holds an advisory lock."""
    with second_connection.opened(autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [kind, number])
        with in_another_process(other.close):
            yield


def exit_code_of(*arguments):
    try:
        call_command("run_day", *arguments)
    except SystemExit as stop:
        return stop.code
    return 0


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
    assert set(StageRun.objects.values_list("stage", flat=True)) == set(stages.NAMES)


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


def test_a_date_that_is_planned_keeps_its_plan_however_the_catalogue_has_grown(links, sandbox):
    run()
    before, tracks = len(writes(sandbox)), Track.objects.count()
    batches.enqueue("\n".join(sandbox.album_links(40)), by="test", now=timezone.now())
    run(names=["ingest", "enrich"])

    report = run()

    assert Track.objects.count() > tracks
    assert ManagerPlan.objects.count() == 2  # before there were tracks, and then
    assert len(writes(sandbox)) == before
    assert not report.is_partly_failed
    assert "stands" in report.steps[0].sentence


def test_whoever_asks_for_it_has_the_date_planned_again(links, sandbox):
    run()
    batches.enqueue("\n".join(sandbox.album_links(40)), by="test", now=timezone.now())
    run(names=["ingest", "enrich"])

    assert exit_code_of("--replan") == 0

    assert ManagerPlan.objects.count() == 3
    assert ManagerPlan.objects.get(status="applied").stats["T"] == Track.objects.usable().count()


def test_a_playlist_that_was_held_on_a_date_stays_so_until_the_date_is_planned_again():
    short_ones = worlds.ANYTHING | {"where": {"field": "duration_s", "op": "lt", "value": 100}}
    worlds.tracks(40)
    worlds.playlist()
    worlds.playlist(rules=worlds.policy("Short ones", short_ones))
    first = run(names=["curate"])
    Track.objects.filter(pk__in=[one.pk for one in worlds.tracks(40)]).update(duration_ms=50_000)

    again = run(names=["curate"])

    assert (first.steps[0].facts["built"], first.steps[0].failed) == (1, 1)
    assert (again.steps[0].facts["built"], again.steps[0].failed) == (0, 1)
    assert run(names=["curate"], replan=True).steps[0].facts["built"] == 1


def test_a_dry_run_tells_of_the_plan_that_stands_and_of_the_block_it_would_meet(links):
    run(names=["scale", "ingest", "enrich", "curate"])
    until = timezone.now() + dt.timedelta(hours=3)
    Circuit.objects.create(
        app=gateways.app_name(), bucket="app", state="open", reason="Quota.", open_until=until
    )

    report = run(dry_run=True)

    assert report.steps[0].facts["is_kept"]
    assert {step.stage for step in report.steps if step.is_blocked} == {"ingest", "sync"}


def test_a_source_of_features_that_wants_to_be_left_alone_is_waited_for_only_where_tracks_lack_them(settings):
    until = timezone.now() + dt.timedelta(hours=1)
    FeatureSource.objects.create(name="reccobeats", blocked_until=until, reason="Too many.")

    assert not run(names=["enrich"]).is_blocked

    worlds.tracks(1)
    assert run(names=["enrich"]).is_blocked


def test_where_the_catalogue_was_shut_the_next_run_fills_what_was_held(links, sandbox, monkeypatch):
    worlds.tracks(40)
    for _ in range(3):
        worlds.playlist()
    Circuit.objects.create(
        app=gateways.app_name(), bucket="catalogue", state="open", reason="QUOTA_EXCEEDED",
        open_until=timezone.now() + dt.timedelta(hours=3),
    )  # fmt: skip
    first = run(names=["ingest", "curate"])
    Circuit.objects.all().delete()

    again = run(names=["ingest", "curate"])

    assert first.steps[1].failed == 1
    assert again.steps[1].facts["built"] == 1


@pytest.mark.parametrize("run_again", [False, True])
def test_a_quota_block_exits_75_also_when_nothing_is_due_until_it_ends(links, sandbox, run_again):
    sandbox.faults.add("quota", path="/v1/albums", retry_after=3600)
    if run_again:
        exit_code_of()
        AlbumSource.objects.update(not_before=Circuit.objects.get().open_until)

    assert exit_code_of() == 75


@pytest.mark.parametrize("bucket", ["app", "catalogue", "playlist_write"])
def test_an_open_circuit_exits_75_with_everything_done(links, bucket, capsys):
    run()
    until = timezone.now() + dt.timedelta(hours=3)
    Circuit.objects.create(
        app=gateways.app_name(), bucket=bucket, state="open", reason="Quota.", open_until=until
    )

    assert exit_code_of("--json") == 75

    told = json.loads(capsys.readouterr().out)["stages"]
    assert {one["blocked_until"] for one in told if one["is_blocked"]} == {str(until)}
    assert any("Quota." in one["sentence"] for one in told)


def test_a_circuit_that_closes_in_a_moment_is_waited_for(links):
    until = timezone.now() + dt.timedelta(seconds=1)
    Circuit.objects.create(
        app=gateways.app_name(), bucket="app", state="open", reason="429", open_until=until
    )

    report = run()

    assert not report.is_blocked
    assert set(PlaylistCopy.objects.values_list("status", flat=True)) == {"synced"}


# --- beside others


def test_an_account_in_another_process_hands_is_waited_for(links):
    run(names=["scale", "ingest", "enrich"])
    said = []

    with held_for_a_second(locks.SYNC, links[0].pk):
        report = run(say=said.append, replan=True)

    assert not report.is_blocked
    assert set(PlaylistCopy.objects.values_list("status", flat=True)) == {"synced"}
    assert any("copies that other workers hold" in line for line in said)


def test_albums_that_another_worker_holds_are_waited_for(links):
    claim, said = uuid.uuid4(), []
    queue.take(claim, count=5, now=timezone.now())

    with in_another_process(lambda: queue.release_all(claim)):
        report = run(names=["ingest"], say=said.append)

    assert not AlbumSource.objects.unfinished().exists()
    assert not report.is_blocked
    assert any("waiting for 5 albums that other workers hold" in line for line in said)


def test_albums_of_a_worker_that_died_are_taken_over_when_its_lease_ends(links):
    queue.take(uuid.uuid4(), count=5, now=timezone.now())
    held = AlbumSource.objects.filter(status="fetching")
    held.update(claimed_until=timezone.now() + dt.timedelta(seconds=1))

    run(names=["ingest"])

    assert not AlbumSource.objects.unfinished().exists()


def test_where_nothing_moves_the_stage_is_given_up_with_the_reason(links):
    queue.take(uuid.uuid4(), count=5, now=timezone.now())

    report = run(names=["ingest"], stalled_after=dt.timedelta(seconds=0.5))

    assert report.is_blocked
    assert "Left for later: 5 albums that other workers hold." in report.steps[0].sentence


def test_tracks_that_another_worker_asks_about_are_waited_for(links):
    run(names=["ingest"])
    said = []

    with held_for_a_second(advisory_locks.ENRICH, 0):
        run(names=["enrich"], say=said.append)

    assert not Track.objects.lacking_features(timezone.now()).exists()
    assert any("tracks that other workers hold" in line for line in said)


def test_features_are_not_done_while_ingest_still_brings_tracks(links, sandbox):
    claim = uuid.uuid4()
    (album,) = queue.take(claim, count=1, now=timezone.now())

    def bring_a_track():
        worlds.tracks(1, ids=[sandbox.world.tracks[0].spotify_id])
        AlbumSource.objects.filter(pk=album.source_id).update(
            status="ingested", ingested_at=timezone.now(), claim=None, claimed_until=None
        )

    with in_another_process(bring_a_track):
        report = run(names=["enrich"])

    assert report.steps[0].facts["found"] + report.steps[0].facts["absent"] == 1


def test_a_day_that_another_process_is_building_is_waited_for(monkeypatch):
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.2)
    worlds.tracks(40)
    worlds.playlist()

    with held_for_a_second(locks.ROTATION, 0):
        report = run(names=["curate"])

    assert not report.is_blocked
    assert Snapshot.objects.get().state == "built"


def test_the_old_place_of_a_moved_copy_is_taken_down_by_the_run_itself(links, sandbox):
    run()
    first, second = Account.objects.order_by("pk")
    old = PlaylistCopy.objects.filter(account=first).first()
    PlaylistCopy.objects.filter(pk=old.pk).update(is_wanted=False)
    PlaylistCopy.objects.filter(playlist=old.playlist, account=second).delete()
    PlaylistCopy.objects.create(playlist=old.playlist, account=second)

    report = run(timezone.now().date() + DAY, names=["curate", "sync"])

    old.refresh_from_db()
    assert old.status == "archived"
    assert PlaylistCopy.objects.get(playlist=old.playlist, account=second).status == "synced"
    assert report.steps[-1].facts["archived"] == 1


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
