"""The day's lists: whole, distinct, rested, written once, and held with a reason where they can not be."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from curation.policy import condition_sql
from playlists.models import HistoryEntry, RecentUsage, Snapshot
from playlists.planning import scaling
from playlists.rotation import recording, snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
NOW, TODAY = worlds.NOW, worlds.TODAY
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3


def uses(date):
    return set(HistoryEntry.objects.filter(batch_tag=date.isoformat()).values_list("track_id", flat=True))


def test_every_active_playlist_gets_a_whole_list_of_distinct_tracks():
    worlds.tracks(100)
    made = [worlds.playlist(), worlds.playlist(), worlds.playlist(status="paused")]

    outcome = snapshots.build(TODAY, now=NOW)

    assert sorted(outcome.built) == [made[0].pk, made[1].pk]
    assert len(uses(TODAY)) == 20
    for snapshot in Snapshot.objects.all():
        assert snapshot.size == 10
        assert snapshot.revision is not None
        places = list(snapshot.entries.order_by("position").values_list("position", flat=True))
        assert places == list(range(1, 11))


def test_a_policy_that_the_database_can_not_answer_holds_its_own_playlist_and_says_why(monkeypatch):
    broken = {**worlds.ANYTHING, "where": {"field": "isrc", "op": "ne", "value": "x", "missing": "include"}}
    monkeypatch.setitem(condition_sql._COLUMNS, "isrc", "(1 / (tracks.id - tracks.id))::text")
    worlds.tracks(100)
    sound, held = worlds.playlist(), worlds.playlist(rules=worlds.policy("Broken", broken))

    outcome = snapshots.build(TODAY, now=NOW)

    assert (outcome.built, set(outcome.held)) == ([sound.pk], {held.pk})
    snapshot = Snapshot.objects.get(playlist=held)
    assert snapshot.state == "held"
    assert snapshot.reason == "The database can not answer the policy: division by zero"


def test_a_policy_that_can_not_be_answered_loses_no_playlist(monkeypatch):
    """Unknown is not none: its playlists stay, and it gets no new ones."""
    broken = {**worlds.ANYTHING, "where": {"field": "isrc", "op": "ne", "value": "x", "missing": "include"}}
    monkeypatch.setitem(condition_sql._COLUMNS, "isrc", "(1 / (tracks.id - tracks.id))::text")
    worlds.tracks(30)
    worlds.account(status="active")
    worlds.policy()
    worlds.playlist(rules=worlds.policy("Broken", broken), is_managed=True)

    plan = scaling.plan_for(TODAY)

    assert {"create", "place"} >= {action["action"] for action in plan.actions}
    assert {one["policy"]: one["playlists"] for one in plan.stats["policies"]}["Broken"] == 1


def test_the_same_date_again_writes_nothing():
    worlds.tracks(100)
    worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    before = list(HistoryEntry.objects.order_by("id").values())

    outcome = snapshots.build(TODAY, now=NOW + dt.timedelta(hours=3))

    assert (outcome.built, outcome.existing) == ([], 1)
    assert list(HistoryEntry.objects.order_by("id").values()) == before


def test_a_playlist_added_later_the_same_day_takes_other_tracks():
    worlds.tracks(100)
    worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    worlds.playlist()

    snapshots.build(TODAY, now=NOW)

    assert len(uses(TODAY)) == 20


def test_tracks_rest_as_many_days_as_the_gap_says():
    worlds.tracks(30)
    worlds.playlist()

    for number in range(4):
        snapshots.build(TODAY + number * DAY, now=NOW)

    assert not uses(TODAY) & uses(TODAY + DAY)
    assert not uses(TODAY) & uses(TODAY + 2 * DAY)
    assert uses(TODAY) == uses(TODAY + 3 * DAY)


def test_an_earlier_day_built_afterwards_keeps_the_gap_to_the_later_ones():
    worlds.tracks(30)
    worlds.playlist()
    snapshots.build(TODAY, now=NOW)

    snapshots.build(TODAY - 2 * DAY, now=NOW)

    assert len(uses(TODAY - 2 * DAY)) == 10
    assert not uses(TODAY) & uses(TODAY - 2 * DAY)


def test_a_playlist_that_can_not_be_filled_is_held_with_a_reason():
    worlds.tracks(9)
    playlist = worlds.playlist()

    outcome = snapshots.build(TODAY, now=NOW)

    held = Snapshot.objects.get()
    assert (held.state, held.size) == ("held", 0)
    assert held.reason
    assert outcome.held == {playlist.pk: held.reason}
    assert not HistoryEntry.objects.exists()


def test_a_held_day_is_tried_again_and_filled_once_there_are_tracks():
    worlds.tracks(9)
    worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    worlds.tracks(40)

    outcome = snapshots.build(TODAY, now=NOW)

    assert len(outcome.built) == 1
    assert Snapshot.objects.get().state == "built"


def test_a_policy_that_does_not_parse_holds_its_playlists_alone():
    worlds.tracks(100)
    broken = worlds.policy("Broken")
    type(broken).objects.filter(pk=broken.pk).update(body={"schema": "vibe.policy/1", "wher": 1})
    good, bad = worlds.playlist(), worlds.playlist(rules=broken)

    outcome = snapshots.build(TODAY, now=NOW)

    assert outcome.built == [good.pk]
    assert "Broken" in outcome.held[bad.pk]


def test_the_rendered_body_is_the_list():
    worlds.tracks(100)
    playlist = worlds.playlist(theme_tag="Night & Day")

    snapshots.build(TODAY, now=NOW)

    snapshot = Snapshot.objects.get()
    body = orjson.loads(bytes(snapshot.body))
    wanted = list(snapshot.entries.order_by("position").values_list("spotify_track_id", flat=True))
    assert [track["spotify_id"] for track in body["tracks"]] == wanted
    assert body["playlist"]["id"] == playlist.public_id
    assert body["title"] == "Vibe • Night & Day • #001 • 2026-11-25"


def test_recent_usage_names_the_last_day_and_playlist_of_a_track():
    worlds.tracks(10)
    playlist = worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    snapshots.build(TODAY + 3 * DAY, now=NOW)

    usage = RecentUsage.objects.all()

    assert len(usage) == 10
    assert {row.last_playlist_id for row in usage} == {playlist.pk}
    assert {row.last_used_at.date() for row in usage} == {TODAY + 3 * DAY}


def test_a_dry_run_writes_nothing():
    worlds.tracks(100)
    worlds.playlist()

    outcome = snapshots.build(TODAY, now=NOW, dry_run=True)

    assert len(outcome.lists) == 1
    assert not Snapshot.objects.exists()


def test_with_no_playlist_it_says_so():
    assert "no active playlist" in snapshots.build(TODAY, now=NOW).sentence()


def test_a_policy_that_repeats_in_so_many_words_is_let_through_and_marked():
    worlds.tracks(15)
    body = {**worlds.ANYTHING, "target": {"on_shortfall": "least_recent"}}
    worlds.playlist(rules=worlds.policy("Repeats", body))
    snapshots.build(TODAY, now=NOW)

    outcome = snapshots.build(TODAY + DAY, now=NOW)

    assert len(outcome.built) == 1
    assert HistoryEntry.objects.filter(batch_tag=str(TODAY + DAY), reasons__repeat=True).count() == 5


def test_lists_that_would_break_the_gap_are_not_written(monkeypatch):
    worlds.tracks(15)
    worlds.playlist()
    snapshots.build(TODAY, now=NOW)
    monkeypatch.setattr(snapshots, "usage_of", lambda demands, date: snapshots.engine.Usage())

    with pytest.raises(recording.GapBroken):
        snapshots.build(TODAY + DAY, now=NOW)

    assert not Snapshot.objects.filter(date=TODAY + DAY).exists()


def test_a_backslash_in_the_reasons_survives_the_copy():
    entry = snapshots.engine.Entry(3, "x" * 22, 1, {"why": 'a "good" reason'})

    (line,) = recording.lines(1, 2, [entry], "2026-11-25\tnow")

    assert line.endswith("""\t{"why":"a \\\\"good\\\\" reason"}\n""")


def test_a_build_says_how_long_each_phase_took():
    worlds.tracks(100)
    worlds.playlist()

    outcome = snapshots.build(TODAY, now=NOW)

    phases = ["read", "select", "allocate", "facts", "arrange", "render", "write", "verify"]
    assert list(outcome.milliseconds) == phases


# Half of them build all playlists, half one after the other, each day as soon as it can.
BUILDER = """
import datetime as dt, sys
import django
django.setup()
from playlists.rotation import snapshots
from playlists.models import Playlist
now = dt.datetime.fromisoformat(sys.argv[1])
ids = [None] if sys.argv[2] == "all" else list(Playlist.objects.values_list("pk", flat=True))
print("ready", flush=True)
sys.stdin.readline()
for offset in range(4):
    for one in ids:
        date = now.date() + dt.timedelta(days=offset)
        snapshots.build(date, playlist_id=one, now=now)
"""


@pytest.mark.django_db(transaction=True)
def test_six_processes_at_once_write_one_list_a_playlist_and_date_and_repeat_nothing(child_environment):
    worlds.tracks(100)
    playlists = [worlds.playlist() for _ in range(3)]
    environment = {**child_environment, "TRACKS_PER_PLAYLIST": "10", "MIN_REPEAT_GAP_DAYS": "3"}
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", BUILDER, NOW.isoformat(), ("all", "one by one")[number % 2]],
            cwd=Path(snapshots.__file__).parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    for one in builders:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"

    for one in builders:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in builders:
        one.communicate(timeout=120)

    assert [one.returncode for one in builders] == [0] * 6
    assert Snapshot.objects.filter(state="built", size=10).count() == Snapshot.objects.count() == 12
    assert {one.pk for one in playlists} == set(Snapshot.objects.values_list("playlist_id", flat=True))
    for first in range(2):
        window = [TODAY + (first + offset) * DAY for offset in range(3)]
        used = HistoryEntry.objects.filter(batch_tag__in=map(str, window)).values_list("track_id", flat=True)
        assert len(used) == len(set(used)) == 90
