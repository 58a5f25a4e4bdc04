"""The plan made and carried out: playlists, copies and moves as rows, once a date."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from playlists.models import ManagerPlan, Playlist, PlaylistCopy
from playlists.planning import scaling
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
NOW, TODAY = worlds.NOW, worlds.TODAY


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    settings.FLOOR_TOTAL_PLAYLISTS, settings.MAX_PLAYLISTS_PER_ACCOUNT = 2, 4
    settings.REBALANCE_MOVE_LIMIT_PER_ACCOUNT = 2


def apply(date=TODAY):
    return scaling.apply(scaling.plan_for(date), by="test", now=NOW)


def on(account):
    return set(
        PlaylistCopy.objects.wanted().filter(account=account).values_list("playlist__global_index", flat=True)
    )


def test_playlists_are_made_over_the_policies_and_placed():
    worlds.tracks(95)
    worlds.policy()
    accounts = [worlds.account(), worlds.account()]

    plan = apply()

    assert plan.status == "applied"
    assert (plan.stats["T"], plan.stats["p_target"], plan.stats["p_safe"], plan.stats["p_planned"]) == (
        95,
        5,
        4,
        5,
    )
    assert Playlist.objects.active().count() == 5
    assert sum(len(on(account)) for account in accounts) == 5
    assert all(len(on(account)) <= 4 for account in accounts)
    assert {action["action"] for action in plan.actions} == {"create", "place"}
    assert all(action["reason"] for action in plan.actions)


def test_stats_have_every_figure_of_the_contract():
    names = {
        "T", "K", "R", "p_target", "p_safe", "p_planned", "capacity", "active_accounts", "floor",
        "obtained_gap_days",
    }  # fmt: skip

    assert names <= set(scaling.plan_for(TODAY).stats)


def test_the_same_date_again_is_the_same_plan():
    worlds.tracks(95)
    worlds.policy()
    worlds.account()
    first = apply()

    second = apply()

    assert second.pk == first.pk
    assert ManagerPlan.objects.count() == 1


@pytest.mark.parametrize("change", [-1, 1])
def test_a_plan_is_of_the_same_size_only_where_no_figure_grew_or_shrank(change):
    stats = {"T": 95, "K": 10, "R": 2, "floor": 2, "capacity": 8, "active_accounts": 2, "p_planned": 4}

    assert scaling.is_same_size(stats, dict(stats))
    for name in stats:
        assert not scaling.is_same_size(stats, stats | {name: stats[name] + change})


def test_a_changed_world_the_same_date_supersedes_the_plan():
    worlds.tracks(45)
    worlds.policy()
    worlds.account()
    first = apply()
    worlds.tracks(40)

    second = apply()

    first.refresh_from_db()
    assert (first.status, second.status) == ("superseded", "applied")
    assert Playlist.objects.active().count() == second.stats["p_planned"] == 4


def test_without_an_account_nothing_changes_and_the_plan_says_why():
    worlds.tracks(95)
    worlds.policy()
    kept = worlds.playlist(is_managed=True)

    plan = apply()

    assert plan.actions == []
    assert any("connect an account" in reason for reason in plan.reasons)
    kept.refresh_from_db()
    assert kept.status == "active"


def test_an_operators_playlist_is_placed_on_as_many_accounts_as_it_wants():
    worlds.tracks(20)
    accounts = [worlds.account() for _ in range(3)]
    own = worlds.playlist(replication_factor=3)

    apply()

    assert all(own.global_index in on(account) for account in accounts)


def test_a_paused_account_is_drained_a_few_copies_a_day():
    worlds.tracks(95)
    worlds.policy()
    both = worlds.account(max_playlists=50), worlds.account(max_playlists=50)
    apply()
    leaving = max(both, key=lambda account: len(on(account)))
    before = on(leaving)
    assert len(before) > 2
    leaving.status = "paused"
    leaving.save()

    plan = apply()

    moves = [action for action in plan.actions if action["action"] == "move"]
    assert len(moves) == 2
    assert len(on(leaving)) == len(before) - 2
    assert not PlaylistCopy.objects.filter(account=leaving, status="archived").exists()
    assert "paused" in moves[0]["reason"]
    assert any("1 move waits for another day" in reason for reason in plan.reasons)


def test_the_move_limit_counts_what_the_day_has_had():
    test_a_paused_account_is_drained_a_few_copies_a_day()
    before = list(PlaylistCopy.objects.order_by("id").values_list("id", "is_wanted"))

    apply()
    assert list(PlaylistCopy.objects.order_by("id").values_list("id", "is_wanted")) == before

    apply(TODAY + dt.timedelta(days=1))
    assert list(PlaylistCopy.objects.order_by("id").values_list("id", "is_wanted")) != before


def test_a_copy_that_comes_back_to_an_account_begins_anew():
    worlds.tracks(20)
    home = worlds.account()
    own = worlds.playlist()
    PlaylistCopy.objects.create(
        playlist=own, account=home, status="archived", is_wanted=False, spotify_playlist_id="old", epoch=1
    )

    apply()

    copy = PlaylistCopy.objects.get(playlist=own)
    assert (copy.status, copy.is_wanted, copy.spotify_playlist_id) == ("pending", True, None)
    assert (copy.former_ids, copy.epoch) == (["old"], 2)


def test_managed_playlists_are_retired_newest_first_when_the_catalogue_shrinks():
    made = worlds.tracks(95)
    worlds.policy()
    worlds.account(max_playlists=50)
    apply()
    for track in made[30:]:
        track.delete()

    plan = apply()

    assert plan.stats["p_planned"] == 2
    assert set(Playlist.objects.active().values_list("global_index", flat=True)) == {1, 2}
    assert not PlaylistCopy.objects.filter(playlist__status="retired", is_wanted=True).exists()


def test_a_what_if_writes_nothing_and_may_have_accounts_that_do_not_exist():
    worlds.tracks(95)
    worlds.policy()
    worlds.account()

    plan = scaling.plan_for(TODAY, overrides={"R": 7, "accounts": 5})

    assert (plan.stats["R"], plan.stats["active_accounts"], plan.stats["capacity"]) == (7, 5, 20)
    assert not Playlist.objects.exists()
    with pytest.raises(scaling.NotApplicable):
        scaling.apply(plan, by="test", now=NOW)


def test_a_what_if_names_its_accounts_as_such_and_the_others_by_their_names():
    worlds.tracks(95)
    worlds.policy()
    worlds.account()
    apply()

    plan = scaling.plan_for(TODAY + dt.timedelta(days=1), overrides={"accounts": 2})

    moves = [step for step in plan.actions if step["action"] == "move"]
    assert moves
    assert all(step["to_account"].startswith("what-if account ") for step in moves)
    assert all(step["reason"].startswith("The what-if account ") for step in moves)
    assert not re.search(r"account -\d", json.dumps(plan.actions), re.IGNORECASE)


def test_an_account_is_called_by_its_name_in_the_reason_of_a_move():
    worlds.tracks(95)
    worlds.policy()
    worlds.account(label="jazz one")
    apply()
    worlds.account(label="jazz two")

    plan = scaling.plan_for(TODAY + dt.timedelta(days=1))

    reasons = {step["reason"] for step in plan.actions if step["action"] == "move"}
    assert reasons == {"The account jazz two has less than its share."}


def test_an_account_whose_consent_ends_soon_takes_no_new_copies():
    worlds.tracks(95)
    worlds.policy()
    ending = worlds.account(reauth_due_at=NOW + dt.timedelta(days=1), max_playlists=50)
    other = worlds.account(max_playlists=50)

    apply()

    assert not on(ending)
    assert len(on(other)) == 5
