"""The circuit breaker's moves."""

from __future__ import annotations

import datetime as dt

from accounts.spotify import breaker
from accounts.spotify.breaker import State

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def later(seconds):
    return NOW + dt.timedelta(seconds=seconds)


def failing(*targets):
    state = State()
    for target in targets:
        state = breaker.after_failure(state, target=target, now=NOW)
    return state


def test_five_failures_in_a_row_open_it_for_ten_minutes():
    state = failing(*"abcde")

    assert failing(*"abcd").state == breaker.CLOSED
    assert state.state == breaker.OPEN
    assert breaker.blocked_until(state, NOW) == later(600)


def test_one_target_failing_again_and_again_does_not_open_it():
    assert failing(*"aaaaaaaaaa").failures == 1


def test_a_success_ends_the_row_of_failures():
    assert breaker.after_success(failing(*"abcd")) == State()


def test_a_success_of_an_earlier_call_does_not_close_an_open_one():
    state = failing(*"abcde")

    assert breaker.after_success(state) is state


def test_a_block_lasts_as_long_as_spotify_asks_but_ten_minutes_at_least():
    assert breaker.opened(State(), seconds=14_400, reason="", now=NOW).open_until == later(14_400)
    assert breaker.opened(State(), seconds=70, reason="", now=NOW).open_until == later(600)


def test_a_block_is_never_shortened():
    long = breaker.opened(State(), seconds=14_400, reason="long", now=NOW)

    state = breaker.opened(long, seconds=60, reason="short", now=later(5))

    assert (state.open_until, state.reason) == (later(14_400), "long")


def test_a_block_that_is_over_does_not_lengthen_the_next():
    old = breaker.opened(State(), seconds=14_400, reason="old", now=NOW)

    state = breaker.opened(old, seconds=600, reason="new", now=later(14_500))

    assert state.open_until == later(15_100)


def test_when_the_time_is_over_a_probe_is_due_and_others_wait_for_it():
    state = failing(*"abcde")

    assert not breaker.probe_due(state, later(599))
    assert breaker.probe_due(state, later(600))
    probing = breaker.probing(state, later(600))
    assert breaker.blocked_until(probing, later(610)) == later(600 + breaker.PROBE_SECONDS)


def test_a_lost_probe_is_followed_by_another():
    probing = breaker.probing(failing(*"abcde"), later(600))

    assert breaker.probe_due(probing, later(600 + breaker.PROBE_SECONDS))


def test_a_good_probe_closes_and_a_bad_one_opens_again_for_ten_minutes():
    probing = breaker.probing(failing(*"abcde"), later(600))

    assert breaker.after_success(probing) == State()
    assert breaker.after_failure(probing, target="e", now=later(601)).open_until == later(1201)
