"""Fresh tokens against the sandbox's accounts service."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import encrypted_field
from accounts.gateway_state import tokens
from accounts.login import onboarding, token_refresh
from accounts.models import Account, Alarm, AppToken
from accounts.spotify import errors, oauth
from tests.accounts.connecting import connected

pytestmark = pytest.mark.django_db


def later(**more):
    return timezone.now() + dt.timedelta(**more)


def token_calls(sandbox):
    return [call for call in sandbox.calls if call.path.endswith("/api/token")]


def expire(account):
    Account.objects.filter(pk=account.pk).update(token_expires_at=timezone.now())


def test_a_token_with_time_left_is_used_without_asking(sandbox):
    account = connected()
    before = len(token_calls(sandbox))

    token = tokens.fresh_access_token(account.pk, now=timezone.now())

    assert token == encrypted_field.opened(Account.objects.get().access_token)
    assert len(token_calls(sandbox)) == before


def test_a_token_that_runs_out_is_refreshed_and_the_old_refresh_token_kept(sandbox):
    account = connected()
    kept = encrypted_field.opened(account.refresh_token)
    expire(account)

    token = tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert encrypted_field.opened(account.access_token) == token
    assert encrypted_field.opened(account.refresh_token) == kept
    assert account.token_expires_at > later(minutes=59)


@pytest.mark.sandbox(rotate_refresh_tokens=True)
def test_a_rotated_refresh_token_is_stored(sandbox):
    account = connected()
    first = encrypted_field.opened(account.refresh_token)

    for _ in range(3):
        expire(account)
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert encrypted_field.opened(account.refresh_token) != first


def test_somebody_elses_refresh_is_used_instead_of_a_second_one(sandbox):
    account = connected()
    stale = encrypted_field.opened(account.access_token)
    first = tokens.renewed_access_token(account.pk, stale=stale, now=timezone.now())
    before = len(token_calls(sandbox))

    assert tokens.renewed_access_token(account.pk, stale=stale, now=timezone.now()) == first
    assert len(token_calls(sandbox)) == before


def test_a_revoked_account_needs_a_login_and_nothing_is_erased(sandbox):
    account = connected()
    kept = Account.objects.values_list("refresh_token", flat=True).get().ciphertext
    sandbox.world.accounts.revoke(account.spotify_user_id)
    expire(account)

    with pytest.raises(errors.NeedsReauth):
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert account.status == Account.Status.NEEDS_REAUTH
    assert account.refresh_token.ciphertext == kept
    before = len(token_calls(sandbox))
    with pytest.raises(errors.NeedsReauth):
        tokens.fresh_access_token(account.pk, now=timezone.now())
    assert len(token_calls(sandbox)) == before


@pytest.mark.sandbox(users=10)
@pytest.mark.extended
def test_many_refused_at_once_raise_one_alarm_and_disable_nobody(sandbox, caplog):
    accounts = [connected() for _ in range(10)]
    for account in accounts[:4]:
        sandbox.world.accounts.revoke(account.spotify_user_id)
    Account.objects.update(token_expires_at=timezone.now())

    outcome = token_refresh.run(now=timezone.now())

    assert outcome.renewed == 6
    assert Account.objects.active().count() == 10
    assert Alarm.objects.filter(kind="mass_refusal", cleared_at=None).count() == 1
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    with pytest.raises(errors.Blocked):
        tokens.fresh_access_token(accounts[0].pk, now=timezone.now())


@pytest.mark.sandbox(users=10)
@pytest.mark.extended
def test_accounts_held_by_the_alarm_come_back_by_themselves(sandbox):
    accounts = [connected() for _ in range(10)]
    Account.objects.update(token_expires_at=timezone.now())
    sandbox.faults.add(
        do="status",
        path="/api/token",
        status=400,
        times=4,
        body={"error": "invalid_grant", "error_description": "Refresh token revoked"},
    )
    token_refresh.run(now=timezone.now())

    outcome = token_refresh.run(now=later(minutes=11))

    assert outcome.needs_reauth == 0
    assert Account.objects.filter(grant_refused_at=None, status="active").count() == 10
    assert not Alarm.objects.filter(cleared_at=None).exists()
    assert len(accounts) == 10


@pytest.mark.sandbox(users=10)
def test_accounts_that_stay_refused_for_a_day_need_a_login_after_all(sandbox):
    accounts = [connected() for _ in range(3)]
    for account in accounts:
        sandbox.world.accounts.revoke(account.spotify_user_id)
    Account.objects.update(token_expires_at=timezone.now())
    token_refresh.run(now=timezone.now())

    token_refresh.run(now=later(hours=25))

    assert Account.objects.filter(status="needs_reauth").count() == 3


def test_an_accounts_service_that_is_down_changes_nobodys_status(sandbox):
    account = connected()
    expire(account)
    sandbox.faults.add(do="status", path="/api/token", status=503, text="upstream connect error", times=0)

    with pytest.raises(errors.Unavailable):
        tokens.fresh_access_token(account.pk, now=timezone.now())
    with pytest.raises(errors.Blocked):
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert account.status == Account.Status.ACTIVE
    sandbox.faults.clear()
    assert tokens.fresh_access_token(account.pk, now=later(seconds=61))


def test_a_token_with_a_minute_left_serves_while_the_accounts_service_is_down(sandbox):
    account = connected()
    Account.objects.update(token_expires_at=later(seconds=60))
    sandbox.faults.add(do="cut", path="/api/token", times=0)

    assert tokens.fresh_access_token(account.pk, now=timezone.now()) == encrypted_field.opened(
        account.access_token
    )


def test_an_accounts_service_that_drips_delays_the_token_and_changes_nobody(sandbox, monkeypatch):
    account = connected()
    expire(account)
    monkeypatch.setattr(oauth, "SECONDS", 0.3)
    sandbox.faults.add("drip", path="/api/token", seconds=0.05)

    with pytest.raises(errors.Unavailable):
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert account.status == Account.Status.ACTIVE
    assert account.token_retry_at is not None


def test_a_wrong_client_secret_is_no_verdict_on_the_account(sandbox):
    account = connected()
    expire(account)
    sandbox.faults.add(do="status", path="/api/token", status=400, body={"error": "invalid_client"})

    with pytest.raises(errors.Unavailable, match="invalid_client"):
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert account.status == Account.Status.ACTIVE


def test_a_missing_key_is_not_a_revoked_login_and_overwrites_nothing(sandbox, settings):
    account = connected()
    expire(account)
    settings.SPOTIFY_TOKEN_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItbyE="]

    with pytest.raises(encrypted_field.CannotDecrypt, match=r"accounts\.access_token"):
        tokens.fresh_access_token(account.pk, now=timezone.now())

    account.refresh_from_db()
    assert account.status == Account.Status.ACTIVE


def test_the_app_reads_with_its_own_token(sandbox):
    token = tokens.app_access_token(now=timezone.now())

    assert tokens.app_access_token(now=timezone.now()) == token
    assert len(token_calls(sandbox)) == 1


def test_where_the_apps_grant_is_refused_an_accounts_token_is_used(sandbox):
    account = connected()
    sandbox.faults.add(do="status", path="/api/token", status=400, body={"error": "unsupported_grant_type"})

    token = tokens.app_access_token(now=timezone.now())

    assert token == encrypted_field.opened(account.access_token)
    assert AppToken.objects.get().refused_at is not None
    before = len(token_calls(sandbox))
    tokens.app_access_token(now=timezone.now())
    assert len(token_calls(sandbox)) == before


def test_without_an_account_and_without_the_grant_reads_come_back_later(sandbox):
    sandbox.faults.add(
        do="status", path="/api/token", status=400, body={"error": "unauthorized_client"}, times=0
    )

    with pytest.raises(errors.Blocked, match="no connected account"):
        tokens.app_access_token(now=timezone.now())


def test_refresh_renews_what_expires_within_forty_minutes(sandbox):
    due, fine = connected(), connected()
    Account.objects.filter(pk=due.pk).update(token_expires_at=later(minutes=39))
    Account.objects.filter(pk=fine.pk).update(token_expires_at=later(minutes=41))

    assert token_refresh.run(now=timezone.now()).renewed == 1


def test_a_console_form_saved_meanwhile_does_not_undo_a_refresh(sandbox):
    account = connected()
    in_the_form = Account.objects.get()
    expire(account)
    token = tokens.fresh_access_token(account.pk, now=timezone.now())

    in_the_form.label = "Jazz"
    in_the_form.save()

    stored = Account.objects.get()
    assert (stored.label, encrypted_field.opened(stored.access_token)) == ("Jazz", token)


def test_a_second_login_ends_needs_reauth(sandbox):
    account = connected()
    Account.objects.update(status="needs_reauth", grant_refused_at=timezone.now())

    again = connected(account.spotify_user_id)

    assert (again.pk, again.status, again.grant_refused_at) == (account.pk, "active", None)
    assert onboarding.missing_scopes(again) == []
