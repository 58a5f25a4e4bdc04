"""The consent calendar."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.gateway_state import grant_expiry
from accounts.gateway_state.grant_expiry import RefusedGrant

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def days(count):
    return NOW + dt.timedelta(days=count)


@pytest.mark.parametrize(
    "authorized, due",
    [
        ("2026-11-25", "2027-05-25"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-07-01", "2027-01-01"),
    ],
)
def test_a_consent_ends_six_calendar_months_later(authorized, due):
    moment = dt.datetime.fromisoformat(f"{authorized}T10:30:00+00:00")

    assert grant_expiry.due(moment) == dt.datetime.fromisoformat(f"{due}T10:30:00+00:00")


@pytest.mark.parametrize(
    "left, level", [(31, None), (30, 30), (15, 30), (14, 14), (4, 14), (3, 3), (1, 3), (0, 0), (-9, 0)]
)
def test_warnings_come_at_30_14_and_3_days(left, level):
    assert grant_expiry.warning_level(days(left), NOW) == level


def test_an_account_that_was_never_connected_is_not_warned_about():
    assert grant_expiry.warning_level(None, NOW) is None


def test_a_warning_says_what_is_at_stake():
    due = dt.datetime(2027, 5, 12, tzinfo=dt.UTC)

    assert (
        grant_expiry.warning("Anna", due, playlists=27, now=NOW)
        == "27 playlists of Anna stop on 12 May: log it in again."
    )
    assert grant_expiry.warning("Anna", due, playlists=1, now=NOW).startswith("1 playlist of Anna stops")
    assert (
        grant_expiry.warning("Anna", due, playlists=2, now=due)
        == "2 playlists of Anna stand still since 12 May: log it in again."
    )


def judge(refused, network, *, first=NOW, alarm=False):
    return grant_expiry.judge(
        first_refused_at=first, refused=refused, network=network, alarm_open=alarm, now=NOW
    )


@pytest.mark.parametrize(
    "refused, network, verdict",
    [
        (1, 1, RefusedGrant.NEEDS_REAUTH),
        (1, 3, RefusedGrant.NEEDS_REAUTH),
        (2, 10, RefusedGrant.NEEDS_REAUTH),
        (3, 10, RefusedGrant.HOLD),
        (2, 5, RefusedGrant.HOLD),
        (30, 100, RefusedGrant.HOLD),
    ],
)
def test_one_refused_account_needs_a_login_but_a_fifth_of_them_at_once_is_a_fault_elsewhere(
    refused, network, verdict
):
    assert judge(refused, network) is verdict


def test_while_the_alarm_is_open_accounts_are_held_but_not_for_ever():
    assert judge(1, 100, alarm=True) is RefusedGrant.HOLD
    assert judge(1, 100, alarm=True, first=NOW - dt.timedelta(hours=24)) is RefusedGrant.NEEDS_REAUTH
