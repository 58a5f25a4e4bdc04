"""One copy made to match: against the real sandbox, through the real door, with faults at every write."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Block
from playlists.models import PlaylistCopy, Snapshot
from playlists.rotation import naming, snapshots
from playlists.sync import pause, push
from tests.playlists import worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sandbox(albums=12)]
TODAY = worlds.TODAY
DAY = dt.timedelta(days=1)
WRITES = {"PUT", "POST", "DELETE"}


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2


@pytest.fixture
def copy(sandbox):
    """A copy on an account that is logged in, with a list for today."""
    worlds.tracks(60, ids=[track.spotify_id for track in sandbox.world.tracks[:60]])
    copy = worlds.placed(worlds.connected())
    snapshots.build(TODAY, now=worlds.NOW)
    return copy


def pushed(copy, *, later: float = 0):
    return push.push(copy.pk, now=timezone.now() + dt.timedelta(seconds=later))


def wanted_ids(copy):
    snapshot = Snapshot.objects.built().filter(playlist=copy.playlist).newest_first()[0]
    return list(snapshot.entries.order_by("position").values_list("spotify_track_id", flat=True))


def api_calls(sandbox, *, writes_only: bool = False):
    return [
        (call.method, call.route)
        for call in sandbox.calls
        if "/playlists" in call.path and (not writes_only or call.method in WRITES)
    ]


def only_playlist(sandbox):
    (playlist,) = sandbox.world.playlists
    return playlist


def test_a_new_copy_is_made_named_described_and_filled(copy, sandbox):
    outcome = pushed(copy)

    there = only_playlist(sandbox)
    copy.refresh_from_db()
    assert outcome.state == "synced"
    assert there.name == "Vibe • Calm • #001 • 2026-11-25"
    assert there.public
    assert "Wednesday 25 November 2026" in there.description
    assert naming.bears_marker(there.description, f"vibe:{copy.pk}.1")
    assert there.track_ids == wanted_ids(copy)
    assert (copy.status, copy.spotify_playlist_id) == ("synced", there.spotify_id)
    assert copy.external_url
    assert copy.last_synced_at is not None
    assert len(api_calls(sandbox, writes_only=True)) == 2


def test_a_second_push_costs_no_call(copy, sandbox):
    pushed(copy)
    before = len(sandbox.calls)

    outcome = pushed(copy)

    assert outcome.state == "unchanged"
    assert len(sandbox.calls) == before


def test_the_next_day_costs_two_calls(copy, sandbox):
    pushed(copy)
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)
    before = len(sandbox.calls)

    pushed(copy)

    assert len(sandbox.calls) - before == 2
    assert only_playlist(sandbox).name.endswith("2026-11-26")
    assert only_playlist(sandbox).track_ids == wanted_ids(copy)


def test_a_held_day_keeps_list_and_name(copy, sandbox, settings):
    pushed(copy)
    settings.MIN_REPEAT_GAP_DAYS = 365
    settings.TRACKS_PER_PLAYLIST = 60
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)
    settings.MIN_REPEAT_GAP_DAYS = 2
    before = len(sandbox.calls)

    outcome = pushed(copy)

    assert Snapshot.objects.get(date=TODAY + DAY).state == "held"
    assert outcome.state == "unchanged"
    assert len(sandbox.calls) == before


def test_a_playlist_without_a_list_is_not_made(sandbox):
    copy = worlds.placed(worlds.connected())

    assert pushed(copy).state == "unchanged"
    assert not sandbox.world.playlists


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_pushing_one_copy_make_one_playlist(copy, sandbox, threads):
    start = threading.Barrier(threads)
    states = []

    def run():
        start.wait()
        states.append(pushed(copy).state)
        connection.close()

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert "synced" in states
    assert set(states) <= {"synced", "unchanged", "busy"}
    assert len(sandbox.world.library.playlists) == 1


def test_an_answer_lost_after_the_create_is_found_and_adopted(copy, sandbox):
    sandbox.faults.add("cut", method="POST", path="/me/playlists", when="after")

    outcome = pushed(copy)

    assert outcome.state == "synced"
    assert only_playlist(sandbox).track_ids == wanted_ids(copy)


def test_a_create_that_never_arrived_is_waited_out_before_another(copy, sandbox):
    sandbox.faults.add("cut", method="POST", path="/me/playlists", when="before")

    first = pushed(copy)
    second = pushed(copy, later=30)
    third = pushed(copy, later=90)

    assert (first.state, second.state, third.state) == ("waiting", "waiting", "synced")
    assert len(sandbox.world.library.playlists) == 1


def test_a_process_that_died_after_the_create_left_one_playlist_to_adopt(copy, sandbox):
    sandbox.faults.add("status", method="PUT", path="/items", status=503, times=0)
    pushed(copy)
    made = only_playlist(sandbox).spotify_id
    PlaylistCopy.objects.filter(pk=copy.pk).update(
        spotify_playlist_id=None, external_url=None, intent_at=timezone.now(), not_before=None
    )
    sandbox.faults.clear()

    outcome = pushed(copy)

    assert outcome.state == "synced"
    assert only_playlist(sandbox).spotify_id == made
    assert only_playlist(sandbox).track_ids == wanted_ids(copy)


def test_a_playlist_whose_marker_was_removed_by_hand_is_known_by_its_name(copy, sandbox):
    pushed(copy)
    made = only_playlist(sandbox)
    made.description = "mine now"
    copy.refresh_from_db()
    PlaylistCopy.objects.filter(pk=copy.pk).update(
        spotify_playlist_id=None, status="pending", items_hash="", details_hash=""
    )

    pushed(copy)

    assert only_playlist(sandbox).spotify_id == made.spotify_id
    assert naming.bears_any_marker(only_playlist(sandbox).description)


def test_a_playlist_gone_from_spotify_is_made_again_under_a_new_marker(copy, sandbox):
    pushed(copy)
    gone = only_playlist(sandbox)
    sandbox.world.library.playlists.pop(gone.spotify_id)
    sandbox.world.library.owned.clear()
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert outcome.state == "synced"
    assert copy.former_ids == [gone.spotify_id]
    assert copy.epoch == 2
    assert naming.bears_marker(only_playlist(sandbox).description, f"vibe:{copy.pk}.2")


def test_a_put_whose_answer_was_lost_ends_with_the_right_list(copy, sandbox):
    sandbox.faults.add("cut", method="PUT", path="/items", when="after")

    pushed(copy)

    assert only_playlist(sandbox).track_ids == wanted_ids(copy)
    assert len(sandbox.world.library.playlists) == 1


@pytest.mark.parametrize("how", ["read", "bisected"])
def test_a_dead_track_is_found_quarantined_and_replaced(copy, sandbox, how, monkeypatch):
    dead = wanted_ids(copy)[3]
    sandbox.world.kill(dead)
    if how == "bisected":
        monkeypatch.setattr(push.dead_tracks, "unknown", lambda gateway, track_ids: [])

    outcome = pushed(copy)

    assert outcome.state == "synced"
    assert Block.objects.get(kind="track").spotify_id == dead
    assert dead not in wanted_ids(copy)
    assert len(set(wanted_ids(copy))) == 10
    assert only_playlist(sandbox).track_ids == wanted_ids(copy)
    snapshot = Snapshot.objects.get()
    assert snapshot.entries.get(position=4).reasons["replaced"] == dead


@pytest.mark.extended
def test_a_dead_track_without_replacement_is_not_published_short(sandbox):
    worlds.tracks(10, ids=[track.spotify_id for track in sandbox.world.tracks[:10]])
    copy = worlds.placed(worlds.connected())
    snapshots.build(TODAY, now=worlds.NOW)
    sandbox.world.kill(wanted_ids(copy)[0])

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert outcome.state == "waiting"
    assert copy.error_kind == "dead_track"
    assert only_playlist(sandbox).track_ids == []


def test_a_revoked_login_makes_the_copy_wait_with_words(copy, sandbox):
    pushed(copy)
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)
    sandbox.world.revoke(copy.account.spotify_user_id)
    sandbox.world.expire_access(copy.account.spotify_user_id)

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert outcome.state == "waiting"
    assert "needs a new login" in copy.error_message
    assert copy.attempts == 0


def test_a_long_block_is_waited_for_and_counts_no_attempt(copy, sandbox):
    sandbox.faults.add("throttle", path="/v1/me/playlists", retry_after=7200, times=0)

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert outcome.state == "blocked"
    assert copy.not_before > timezone.now() + dt.timedelta(minutes=90)
    assert copy.attempts == 0


def test_a_forbidden_write_is_an_error_in_words(copy, sandbox):
    body = {"error": {"status": 403, "message": "Insufficient client scope"}}
    sandbox.faults.add("status", method="POST", path="/me/playlists", status=403, body=body, times=0)

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert outcome.state == "failed"
    assert (copy.status, copy.error_kind) == ("error", "forbidden")
    assert "permission" in copy.error_message


@pytest.mark.parametrize("status", [400, 403])
def test_a_full_account_is_capped_at_what_it_holds(copy, sandbox, status):
    pushed(copy)
    one_more = worlds.placed(copy.account)
    body = {"error": {"status": status, "message": "You have reached the maximum number of playlists."}}
    sandbox.faults.add("status", method="POST", path="/me/playlists", status=status, body=body, times=0)
    snapshots.build(TODAY, now=worlds.NOW)

    outcome = pushed(one_more)

    one_more.refresh_from_db()
    copy.account.refresh_from_db()
    assert (outcome.state, one_more.error_kind) == ("failed", "full")
    assert copy.account.max_playlists == 1


def test_while_the_network_is_paused_nothing_is_written(copy, sandbox):
    pause.begin(reason="Looking into it", by="ada", now=timezone.now())

    outcome = pushed(copy)

    assert outcome.state == "paused"
    assert "ada" in outcome.message
    assert not api_calls(sandbox)


def test_a_retired_playlist_is_taken_off_the_account(copy, sandbox):
    pushed(copy)
    copy.playlist.status = "retired"
    copy.playlist.save()

    outcome = pushed(copy)

    copy.refresh_from_db()
    assert (outcome.state, copy.status) == ("archived", "archived")
    assert not sandbox.world.playlists


def test_a_retired_playlist_stays_where_the_account_never_granted_its_removal(copy, sandbox):
    """Accounts that were connected before Vibe asked for the library's permissions."""
    pushed(copy)
    access = sandbox.world.accounts.access
    for name, token in list(access.items()):
        access[name] = dataclasses.replace(token, scopes=token.scopes - {"user-library-modify"})
    copy.playlist.status = "retired"
    copy.playlist.save()

    outcome = pushed(copy)

    assert outcome.state == "archived"
    assert "Left on the account, which did not let us remove it" in outcome.message
    assert len(sandbox.world.playlists) == 1


def test_a_paused_playlist_is_left_as_it_is(copy, sandbox):
    pushed(copy)
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)
    copy.playlist.status = "paused"
    copy.playlist.save()
    before = len(sandbox.calls)

    assert pushed(copy).state == "unchanged"
    assert len(sandbox.calls) == before


def test_a_moved_copy_is_archived_only_when_its_successor_is_up(copy, sandbox):
    pushed(copy)
    successor = PlaylistCopy.objects.create(playlist=copy.playlist, account=worlds.connected("Other"))
    PlaylistCopy.objects.filter(pk=copy.pk).update(is_wanted=False)

    early = pushed(copy)
    pushed(successor)
    late = pushed(copy)

    assert (early.state, late.state) == ("waiting", "archived")
    assert only_playlist(sandbox).owner == successor.account.spotify_user_id


@pytest.mark.parametrize("drift, keeps", [("overwrite", False), ("adopt", True), ("hold", True)])
def test_what_a_hand_edit_means_is_decided_per_playlist(copy, sandbox, drift, keeps):
    copy.playlist.drift = drift
    copy.playlist.save()
    pushed(copy)
    edited = only_playlist(sandbox)
    edited.entries = edited.entries[:4]
    by_hand = edited.track_ids
    snapshots.build(TODAY + DAY, now=worlds.NOW + DAY)

    outcome = pushed(copy)

    assert (only_playlist(sandbox).track_ids == by_hand) is keeps
    assert outcome.state == ("waiting" if drift == "hold" else "synced")


def test_the_lock_of_an_account_is_checked_before_every_write(copy, sandbox, monkeypatch):
    monkeypatch.setattr(push.locks.SessionLock, "is_mine", lambda self: False)

    outcome = pushed(copy)

    assert outcome.state == "busy"
    assert not api_calls(sandbox, writes_only=True)


def test_a_pause_that_begins_between_two_writes_stops_the_second(copy, sandbox):
    pushed(copy)
    snapshots.build(TODAY + DAY, now=worlds.NOW)
    sandbox.calls.clear()
    sandbox.faults.add("hold", method="PUT", path="/items", when="after", name="items are up")
    pushing = threading.Thread(target=push_in_thread, args=[copy])
    pushing.start()
    assert sandbox.faults.wait_until_held("items are up", timeout=30)

    pause.begin(reason="label dispute", by="ada", now=timezone.now())
    sandbox.faults.release("items are up")
    pushing.join(timeout=30)

    assert [method for method, _ in api_calls(sandbox, writes_only=True)] == ["PUT"]
    assert only_playlist(sandbox).name.endswith(str(TODAY))
    copy.refresh_from_db()
    assert copy.status != "synced"


def push_in_thread(copy):
    pushed(copy)
    connection.close()
