"""The daily budget: when it is spent, and until when."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import budget

NOW = dt.datetime(2026, 11, 25, 12, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def hours_ago(number: int) -> dt.datetime:
    return NOW.replace(minute=0) - number * HOUR


@pytest.mark.parametrize(
    "calls, until",
    [
        ({}, None),
        ({0: 9}, None),
        ({0: 10}, hours_ago(-25)),
        ({23: 4, 0: 6}, hours_ago(-2)),
        ({24: 4, 0: 6}, hours_ago(-1)),  # that hour's last minutes are not yet a day old
        ({25: 4, 0: 6}, None),
        ({23: 1, 2: 20, 0: 1}, hours_ago(-23)),
    ],
)
def test_ten_calls_a_day(calls, until):
    counted = {hours_ago(ago): number for ago, number in calls.items()}

    assert budget.spent_until(counted, budget=10, now=NOW) == until


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 50)), st.integers(1, 100))
def test_at_the_moment_named_a_call_fits_and_a_second_before_none_does(calls, limit):
    counted = {hours_ago(ago): number for ago, number in calls.items()}

    until = budget.spent_until(counted, budget=limit, now=NOW)

    if until is not None:
        assert until > NOW
        assert budget.spent_until(counted, budget=limit, now=until) is None
        assert budget.spent_until(counted, budget=limit, now=until - dt.timedelta(seconds=1)) == until
