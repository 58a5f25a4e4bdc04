"""Logging accounts in: what binds a login, what ends it, and whose account it becomes."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from accounts import encrypted_field
from accounts.login import onboarding
from accounts.login.onboarding import LoginError
from accounts.models import Account, Authorization
from accounts.spotify import errors, oauth
from tests.accounts.connecting import connected, follow

pytestmark = pytest.mark.django_db


def begin(begun_by=onboarding.API_KEY, **more):
    return onboarding.begin(label="Anna", begun_by=begun_by, now=timezone.now(), **more)


def finish(back, begun_by=onboarding.API_KEY, now=None):
    return onboarding.finish(
        code=back.get("code", ""),
        state=back["state"],
        begun_by=begun_by,
        now=now or timezone.now(),
        error=back.get("error", ""),
    )


def token_calls(sandbox):
    return sum(call.path.endswith("/api/token") for call in sandbox.calls)


def test_a_login_connects_the_account_that_me_names(sandbox):
    url, _ = begin()
    account = finish(follow(url, user=sandbox.world.users[2].user_id))

    user = sandbox.world.users[2]
    assert (account.spotify_user_id, account.spotify_account_id) == (user.user_id, user.account_id)
    assert (account.label, account.status) == ("Anna", "active")
    assert account.scopes.split() == sorted(oauth.ACCOUNT_SCOPES)
    assert account.reauth_due_at > account.authorized_at + dt.timedelta(days=180)


def test_the_address_shows_the_dialog_and_carries_a_challenge(sandbox):
    url, state = begin()
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    assert query["show_dialog"] == "true"
    assert query["code_challenge_method"] == "S256"
    assert query["state"] == state
    assert query["redirect_uri"].endswith("/api/v1/admin/callback")
    assert len(state) >= 43


def test_the_stored_row_holds_neither_state_nor_verifier_in_the_clear(sandbox):
    _, state = begin()
    row = Authorization.objects.values("state_digest", "code_verifier").get()

    assert state not in str(row)
    assert row["code_verifier"].ciphertext.startswith("gAAAA")


def test_tokens_are_ciphertext_in_the_table(sandbox):
    account = connected()
    stored = Account.objects.values("access_token", "refresh_token").get()

    assert all(value.ciphertext.startswith("gAAAA") for value in stored.values())
    assert encrypted_field.opened(account.access_token) not in str(stored)


def refused_login(code, back, sandbox, **how):
    before = token_calls(sandbox)
    with pytest.raises(LoginError) as caught:
        finish(back, **how)
    assert caught.value.code == code
    assert token_calls(sandbox) == before


def test_a_denied_login_makes_no_token_call(sandbox):
    url, _ = begin()
    refused_login("denied", follow(url, deny="1"), sandbox)


def test_a_login_that_took_longer_than_ten_minutes_makes_no_token_call(sandbox):
    url, _ = begin()
    refused_login("expired", follow(url), sandbox, now=timezone.now() + dt.timedelta(minutes=10, seconds=1))


def test_a_replayed_login_makes_no_token_call(sandbox):
    url, _ = begin()
    back = follow(url)
    finish(back)
    refused_login("replayed", back, sandbox)


def test_a_made_up_state_makes_no_token_call(sandbox):
    refused_login("unknown", {"code": "x", "state": "made up"}, sandbox)


def test_a_console_login_finished_in_another_session_makes_no_token_call_and_stays_usable(sandbox):
    mine, foreign = onboarding.console("mine"), onboarding.console("foreign")
    url, _ = begin(mine)
    back = follow(url)
    refused_login("foreign", back, sandbox, begun_by=foreign)
    assert finish(back, begun_by=mine).pk


def test_a_listeners_state_finishes_no_accounts_login(sandbox):
    from accounts.login import listeners

    begun = listeners.begin(next_path="/", now=timezone.now())
    refused_login("unknown", follow(begun.authorize_url), sandbox)


def test_a_code_that_spotify_refuses_is_a_clear_error(sandbox):
    url, _ = begin()
    back = follow(url) | {"code": "made-up"}

    with pytest.raises(LoginError) as caught:
        finish(back)

    assert caught.value.code == "refused"
    assert Account.objects.count() == 0


def test_logging_the_same_person_in_again_renews_their_row(sandbox):
    first = connected()
    again = connected(first.spotify_user_id)

    assert again.pk == first.pk
    assert Account.objects.count() == 1


def test_a_renewal_finished_by_somebody_else_is_refused_and_writes_over_nobody(sandbox):
    anna, bert = connected(), connected()
    stored = list(Account.objects.order_by("id").values_list("refresh_token", "spotify_user_id"))
    url, _ = begin(account=anna)

    with pytest.raises(LoginError) as caught:
        finish(follow(url, user=bert.spotify_user_id))

    assert caught.value.code == "other_account"
    after = Account.objects.order_by("id").values_list("refresh_token", "spotify_user_id")
    assert [(token.ciphertext, user) for token, user in after] == [
        (token.ciphertext, user) for token, user in stored
    ]


def test_a_renamed_user_is_known_by_the_immutable_id(sandbox):
    account = connected()
    Account.objects.update(spotify_user_id="old-name")

    assert connected(account.spotify_user_id).pk == account.pk


def test_a_paused_account_stays_paused_when_it_logs_in_again(sandbox):
    account = connected()
    Account.objects.update(status="paused")

    assert connected(account.spotify_user_id).status == "paused"


def test_scopes_that_were_not_granted_are_named(sandbox):
    url, _ = begin()
    account = finish(follow(url, grant="playlist-modify-public"))

    assert "playlist-modify-private" in onboarding.missing_scopes(account)


@pytest.mark.sandbox(mode="development")
def test_an_account_off_the_allow_list_is_a_clear_refusal(sandbox):
    sandbox.world.users[0].allowed = False
    url, _ = begin()

    with pytest.raises(errors.Forbidden) as caught:
        finish(follow(url, user=sandbox.world.users[0].user_id))

    assert caught.value.reason == "allow_list"


def test_logins_older_than_a_day_are_forgotten(sandbox):
    begin()

    assert onboarding.sweep(now=timezone.now() + dt.timedelta(hours=25)) == 1
