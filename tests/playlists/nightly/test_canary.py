"""Canaries: one, then a few, then the rest; too much failed or changed stops the run and asks."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest

from curation.policy import revisions
from playlists import locks
from playlists.models import Audit, Pause, PlaylistCopy, Snapshot
from playlists.nightly import canary, runs
from playlists.rotation import snapshots
from playlists.sync import drain, pause
from tests import second_connection
from tests.playlists import worlds

NOW, TODAY = worlds.NOW, worlds.TODAY
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    "copies, done, failed, changed, room",
    [
        (100, 0, 0, 100, None),
        (400, 0, 0, 0, 1),
        (400, 1, 0, 0, 19),
        (400, 0, 1, 0, -1),
        (400, 19, 0, 0, 1),
        (400, 20, 0, 0, None),
        (400, 17, 3, 0, None),
        (400, 15, 5, 0, -1),
        (400, 300, 76, 0, -1),
        (400, 300, 70, 0, None),
        (400, 0, 0, 80, 1),
        (400, 0, 0, 81, -1),
        (400, 300, 0, 81, -1),
    ],
)
def test_room(copies, done, failed, changed, room):
    flock = canary.SyncStats(copies, copies, done, failed, changed)

    assert canary.canary_allowance(flock, above=100, share=0.2) == room


@pytest.fixture
def network(settings, db):
    """Three copies that are up, and a guard that watches from the first playlist on."""
    settings.SYNC_CANARY_ABOVE, settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 0, 10, 2
    worlds.tracks(60)
    home = worlds.account()
    copies = [worlds.placed(home, rules=worlds.policy(f"Policy {number}", OPEN)) for number in range(3)]
    snapshots.build(TODAY - DAY, now=NOW - DAY)
    for number, copy in enumerate(copies):
        up = Snapshot.objects.get(playlist=copy.playlist_id)
        PlaylistCopy.objects.filter(pk=copy.pk).update(
            status="synced", synced_snapshot=up, last_synced_at=NOW - DAY, spotify_playlist_id=f"copy{number}"
        )
    return copies


LONG_ONES = {"field": "duration_s", "op": "gte", "value": 100}
OPEN = worlds.ANYTHING | {"where": LONG_ONES}


def opened():
    snapshots.build(TODAY, now=NOW)
    run = runs.begin("sync", TODAY, trigger="test", now=NOW)
    runs.note(run, **canary.before(NOW))
    return run


def fail(copy, kind="refused"):
    PlaylistCopy.objects.filter(pk=copy.pk).update(status="error", error_kind=kind, error_message="No.")


def test_a_day_of_all_new_tracks_is_no_upheaval(network):
    opened()

    yesterday, today = (
        set(row.entries.values_list("track", flat=True))
        for row in Snapshot.objects.filter(playlist=network[0].playlist_id).order_by("date")
    )
    assert not yesterday & today
    assert canary.check(NOW) == 1


@contextlib.contextmanager
def written_to(account_id):
    """Another process writes to the account."""
    with second_connection.opened() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [locks.SYNC, account_id])
        yield


def drained(copy):
    """The copy's account is drained, after it was looked through."""
    Audit.objects.get_or_create(account_id=copy.account_id, date=TODAY, defaults={"created_at": NOW})
    return drain.account(copy.account_id, clock=lambda: NOW, date=TODAY, allowance=canary.check)


def test_while_the_canary_is_out_on_one_account_the_others_wait(network):
    opened()

    with written_to(network[0].account_id - 1):
        waiting = drained(network[0])
    with written_to(network[0].account_id + 1):
        first = drained(network[0])

    assert (waiting.stopped, waiting.until, sum(waiting.states.values())) == (
        True,
        NOW + drain.CANARY_WAIT,
        0,
    )
    assert sum(first.states.values()) > 0


def test_once_the_canaries_are_back_nobody_waits(network):
    opened()
    for copy in network[:1]:
        PlaylistCopy.objects.filter(pk=copy.pk).update(last_synced_at=NOW)

    with written_to(network[0].account_id - 1):
        assert sum(drained(network[1]).states.values()) > 0


def test_when_the_canaries_fail_the_network_is_paused_and_asks(network):
    opened()

    fail(network[0])
    assert canary.check(NOW) == -1

    assert pause.current(NOW).paused_by == canary.BY
    assert "1 of the first 1 copy failed" in pause.current(NOW).reason


def test_a_small_network_is_written_without_canaries(network, settings):
    settings.SYNC_CANARY_ABOVE = 3
    opened()
    fail(network[0])

    assert canary.check(NOW) is None


def test_what_failed_before_the_run_is_not_held_against_it(network):
    fail(network[0])
    opened()

    assert canary.check(NOW) == 1
    assert not drain.due(NOW).exclude(account__status="active").exists()


def test_copies_that_recovered_do_not_hide_others_that_fail_now(network):
    fail(network[0])
    opened()

    PlaylistCopy.objects.filter(pk=network[0].pk).update(status="pending", error_message="", error_kind="")
    fail(network[1])

    assert canary.of_run(canary.under_way()).failed == 1
    assert canary.check(NOW) == -1
    assert canary.question(Pause.objects.get()).failures == (("refused", 1, "No."),)


def test_what_failed_before_is_no_answer_to_why_the_run_stopped(network):
    fail(network[0], "forbidden")
    opened()
    fail(network[1])
    canary.check(NOW)

    assert canary.question(Pause.objects.get()).failures == (("refused", 1, "No."),)


@pytest.mark.parametrize("kind", canary.OWN_TROUBLE)
def test_one_accounts_own_trouble_is_no_sign_that_the_lists_are_wrong(network, kind):
    opened()
    fail(network[0], kind)

    assert canary.check(NOW) == 1


def test_lists_under_rules_that_fit_none_of_the_old_ones_are_asked_about(network):
    few = worlds.tracks(20)
    for track in few:
        track.duration_ms = 50_000
        track.save()
    short = worlds.ANYTHING | {"where": {"field": "duration_s", "op": "lt", "value": 100}}
    revisions.save("Policy 0", short, author="test", now=NOW)

    opened()

    assert canary.other_rules(TODAY) == [network[0].playlist_id]
    assert canary.check(NOW) == -1
    assert "1 of 3 playlists would change entirely" in pause.current(NOW).reason


def test_rules_that_are_loosened_or_ordered_anew_change_nothing_entirely(network):
    wider = worlds.ANYTHING | {"where": LONG_ONES | {"value": 50}, "order": {"by": "shuffle"}}
    revisions.save("Policy 0", wider, author="test", now=NOW)

    opened()

    assert canary.other_rules(TODAY) == []


def test_playlists_that_would_be_taken_off_spotify_are_asked_about(network):
    network[1].playlist.status = "retired"
    network[1].playlist.save()

    opened()

    assert canary.taken_down() == [network[1].playlist_id]
    assert canary.check(NOW) == -1


def test_copies_gone_from_their_accounts_are_asked_about_before_they_are_made_anew(network):
    run = opened()
    finding = {"copy_id": network[2].pk, "kind": "missing", "sentence": "Gone."}
    Audit.objects.create(account=network[2].account, date=run.run_date, findings=[finding], created_at=NOW)

    assert canary.check(NOW) == -1


def test_the_question_shows_figures_failures_and_names(network):
    network[1].playlist.status = "retired"
    network[1].playlist.save()
    opened()
    fail(network[0])
    canary.check(NOW)

    asked = canary.question(Pause.objects.get())

    assert (asked.stats.tried, asked.stats.failed, asked.stats.changed) == (1, 1, 1)
    assert asked.failures == (("refused", 1, "No."),)
    ((why, count, names),) = asked.changes
    assert "taken off Spotify" in why
    assert (count, names) == (1, str(network[1].playlist))


def test_whoever_says_go_on_is_not_asked_again_in_the_same_run(network):
    opened()
    fail(network[0])
    canary.check(NOW)

    assert canary.go_on(by="ada", now=NOW) == 1

    assert canary.check(NOW) is None
    assert Pause.objects.get().lifted_by == "ada"
    assert canary.question(Pause.objects.get()) is None


def test_whoever_says_stop_ends_the_run_and_nothing_more_is_written(network):
    run = opened()
    fail(network[0])
    canary.check(NOW)

    canary.stop(by="ada", reason="The policies are wrong.", now=NOW)

    run.refresh_from_db()
    assert (run.state, run.error) == ("incomplete", "Stopped by ada: The policies are wrong.")
    assert pause.current(NOW).paused_by == "ada"
    assert canary.check(NOW) is None
