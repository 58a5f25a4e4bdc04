"""What an error means for a copy: a status, words that say what to do next, and when to look again."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from accounts.spotify import errors
from playlists.sync import steps
from tests.playlists import worlds

NOW = worlds.NOW


def judged(error, attempts=0):
    return steps.judge(error, attempts=attempts, now=NOW, rng=random.Random(1))


def facts(**given):
    usual = {
        "has_copy": True, "in_doubt": False, "is_wanted": True, "is_paused": False, "successors_up": True,
        "items_hash": "a", "details_hash": "",
    }  # fmt: skip
    return steps.CopyState(**usual | given)


@pytest.mark.parametrize(
    "given, step",
    [
        ({}, steps.NextStep.WRITE),
        ({"has_copy": False}, steps.NextStep.PROVISION),
        ({"is_paused": True}, steps.NextStep.NOTHING),
        ({"is_wanted": False}, steps.NextStep.ARCHIVE),
        ({"is_wanted": False, "successors_up": False}, steps.NextStep.WAIT_FOR_SUCCESSOR),
    ],
)
def test_what_a_copy_needs_next(given, step):
    wanted = steps.Wanted("Name", "Description", "b")

    assert steps.next_step(facts(**given), wanted) is step


def test_a_copy_in_step_needs_nothing_unless_what_it_replaced_is_still_there():
    wanted = steps.Wanted("Name", "Description", "a")
    same = {"details_hash": wanted.details_hash}

    assert steps.next_step(facts(**same), wanted) is steps.NextStep.NOTHING
    assert steps.next_step(facts(**same, has_leftovers=True), wanted) is steps.NextStep.WRITE


@pytest.mark.parametrize(
    "reason, words",
    [
        ("scope", "accept every permission"),
        ("allow_list", "allow-list"),
        ("removed", "SPOTIFY_APP_MODE"),
        ("owner", "detach this copy"),
        ("unknown", "connecting it again"),
        ("never heard of", "connecting it again"),
    ],
)
def test_each_403_says_what_to_do(reason, words):
    verdict = judged(errors.Forbidden("No.", reason=reason))

    assert (verdict.kind, verdict.is_final) == ("forbidden", True)
    assert words in verdict.message
    assert verdict.not_before == NOW + steps.LATER


def test_a_full_account_is_told_apart_from_other_bad_requests():
    full = judged(errors.Forbidden("Playlist limit reached", reason="full"))
    other = judged(errors.BadRequest("Invalid name"))

    assert (full.kind, other.kind) == ("full", "refused")
    assert full.not_before == other.not_before == NOW + steps.LATER
    assert "the next plan" in full.message


def test_an_error_that_may_pass_is_tried_six_times_and_then_a_few_times_a_day():
    first, last = judged(errors.Unavailable("503")), judged(errors.Unavailable("503"), attempts=5)

    assert not first.is_final
    assert first.not_before <= NOW + dt.timedelta(seconds=2)
    assert last.is_final
    assert last.not_before == NOW + steps.LATER


def test_waiting_for_spotify_or_for_a_login_uses_up_no_attempt():
    until = NOW + dt.timedelta(hours=2)
    blocked = judged(errors.Blocked(until, reason="quota", bucket="app"))
    login = judged(errors.NeedsReauth("refused"))

    assert (blocked.counts, blocked.not_before) == (False, until)
    assert (login.counts, login.kind) == (False, "reauth")
