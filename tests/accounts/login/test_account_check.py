"""Accounts that Spotify no longer has: refused twice an hour apart, closed, and taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import tasks
from accounts.gateway_state import gateways
from accounts.login import account_check, activation
from accounts.models import Account, Alarm
from accounts.spotify import errors
from tests.accounts.connecting import connected

pytestmark = pytest.mark.django_db

REFUSALS = [
    {"status": 401, "body": {"error": {"status": 401, "message": "Invalid access token"}}},
    {
        "status": 403,
        "body": {"error": {"status": 403, "message": "User not registered in the Developer Dashboard"}},
    },
    {"status": 404, "body": {"error": {"status": 404, "message": "Resource not found"}}},
]


def after(**more):
    return timezone.now() + dt.timedelta(**more)


def shut_out(sandbox, account, refusal=REFUSALS[2]):
    sandbox.faults.add("status", path="/v1/me$", user=account.spotify_user_id, times=0, **refusal)


def state(account):
    account.refresh_from_db()
    return account.status


def me_calls(sandbox):
    return sum(call.path == "/v1/me" for call in sandbox.calls)


@pytest.mark.parametrize("refusal", REFUSALS, ids=["401", "403", "404"])
def test_an_account_refused_twice_an_hour_apart_is_closed_with_an_alarm(sandbox, refusal):
    account = connected()
    shut_out(sandbox, account, refusal)

    first = account_check.run(now=after(days=1, minutes=1))
    assert (state(account), first.refused, first.closed) == (Account.Status.ACTIVE, 1, 0)
    early = account_check.run(now=after(days=1, minutes=31))
    assert (state(account), early.refused) == (Account.Status.ACTIVE, 0)
    second = account_check.run(now=after(days=1, minutes=62))

    assert (state(account), second.closed) == (Account.Status.DISABLED, 1)
    assert str(refusal["status"]) in account.status_reason
    assert bool(account.refresh_token)  # nothing is erased
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.cleared_at) == ("account_gone", str(account.pk), None)


def test_an_account_that_answers_the_second_time_is_not_closed(sandbox):
    account = connected()
    sandbox.faults.add("status", path="/v1/me$", status=404, times=1)
    account_check.run(now=after(days=1, minutes=1))

    account_check.run(now=after(days=1, minutes=62))

    assert state(account) == Account.Status.ACTIVE
    assert account.absent_since is None


def test_an_account_is_asked_after_once_a_day(sandbox):
    connected()
    before = me_calls(sandbox)

    account_check.run(now=after(minutes=5))
    account_check.run(now=after(hours=23))
    assert me_calls(sandbox) == before
    account_check.run(now=after(days=1, minutes=1))
    account_check.run(now=after(days=1, minutes=31))

    assert me_calls(sandbox) == before + 1


def test_a_refused_token_is_asked_about_at_the_next_occasion(sandbox):
    account = connected()
    refusal = REFUSALS[0]
    sandbox.faults.add("status", path="/v1/me/playlists", times=0, **refusal)
    shut_out(sandbox, account, refusal)
    with pytest.raises(errors.Unavailable):
        list(gateways.for_account(account.pk).my_playlists())

    account_check.run(now=after(minutes=30))
    account_check.run(now=after(minutes=91))

    assert state(account) == Account.Status.DISABLED


@pytest.mark.parametrize("fault", [{"do": "status", "status": 503}, {"do": "quota", "retry_after": 7200}])
def test_a_spotify_that_is_down_or_blocked_says_nothing_about_anybody(sandbox, fault):
    account = connected()
    sandbox.faults.add(path="/v1/me$", times=0, **fault)

    for minutes in (1, 62, 130):
        account_check.run(now=after(days=1, minutes=minutes))

    assert state(account) == Account.Status.ACTIVE
    assert account.absent_since is None


def test_many_accounts_refused_at_once_are_an_alarm_and_nobody_is_closed_for_a_day(sandbox):
    accounts = [connected() for _ in range(3)]
    for account in accounts:
        shut_out(sandbox, account)

    account_check.run(now=after(days=1, minutes=1))
    account_check.run(now=after(days=1, minutes=62))

    assert {state(account) for account in accounts} == {Account.Status.ACTIVE}
    assert Alarm.objects.get().subject == "many"
    account_check.run(now=after(days=2, minutes=2))
    assert {state(account) for account in accounts} == {Account.Status.DISABLED}


def test_a_closed_account_offers_the_planner_no_capacity(sandbox):
    account = connected()
    shut_out(sandbox, account)
    account_check.run(now=after(days=1, minutes=1))
    account_check.run(now=after(days=1, minutes=62))

    assert not Account.objects.active().exists()


def test_a_new_login_ends_the_absence_and_its_alarm(sandbox):
    account = connected()
    shut_out(sandbox, account)
    account_check.run(now=after(days=1, minutes=1))
    account_check.run(now=after(days=1, minutes=62))
    sandbox.faults.clear()

    connected(account.spotify_user_id)

    assert state(account) == Account.Status.ACTIVE
    assert account.absent_since is None
    assert Alarm.objects.get().cleared_at is not None


def test_an_account_taken_back_by_hand_is_asked_about_first(sandbox):
    account = connected()
    shut_out(sandbox, account)
    account_check.run(now=after(days=1, minutes=1))
    account_check.run(now=after(days=1, minutes=62))
    sandbox.faults.clear()

    activation.activate(account.pk)
    outcome = account_check.run(now=after(days=1, minutes=93))

    assert (state(account), outcome.present) == (Account.Status.ACTIVE, 1)
    assert Alarm.objects.get().cleared_at is not None


def test_the_half_hourly_task_asks(sandbox):
    account = connected()
    Account.objects.filter(pk=account.pk).update(presence_asked_at=None)
    before = me_calls(sandbox)

    tasks.refresh_tokens()

    assert me_calls(sandbox) == before + 1
