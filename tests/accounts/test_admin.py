"""The console's account pages: connect, pause and take back, close a circuit; and what is never shown."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts import admin
from accounts.models import Account, Authorization, Circuit

pytestmark = pytest.mark.django_db
YES = {"_form_submitted": "on"}


@pytest.fixture
def account():
    return Account.objects.create(
        label="Jazz 1",
        spotify_user_id="jazz-1",
        access_token="CANARY-access",
        refresh_token="CANARY-refresh",
        token_expires_at=timezone.now() + dt.timedelta(minutes=40, seconds=30),
    )


def act(client, account, name, **given):
    return client.post(reverse(f"admin:accounts_account_{name}", args=[account.pk]), YES | given)


def last_words():
    return LogEntry.objects.latest("pk").change_message


def test_a_token_is_told_by_its_state_alone(admin_client, account):
    page = admin_client.get(reverse("admin:accounts_account_change", args=[account.pk]))

    assert "set, expires in 40 min" in page.text
    assert "CANARY" not in page.text


def test_a_missing_token_is_called_missing():
    assert admin.token_state("", None) == "missing"


def test_a_token_under_a_lost_key_does_not_break_the_list(admin_client, account, settings):
    settings.SPOTIFY_TOKEN_KEYS = ["bG9zdC1sb3N0LWxvc3QtbG9zdC1sb3N0LWxvc3QtMTI="]

    assert admin_client.get(reverse("admin:accounts_account_changelist")).status_code == 200


def test_connecting_goes_on_to_spotify_bound_to_this_session(admin_client):
    answer = admin_client.post(reverse("admin:accounts_account_connect"), YES | {"label": "Jazz 2"})

    assert answer.status_code == 302
    assert "/authorize" in answer["Location"]
    begun = Authorization.objects.get()
    assert begun.label == "Jazz 2"
    assert begun.begun_by == f"console:{admin_client.session['login_nonce']}"
    assert last_words() == "Began to connect “Jazz 2”."


def test_a_dialog_is_answered_with_a_redirect_that_htmx_follows(admin_client):
    answer = admin_client.post(
        reverse("admin:accounts_account_connect"), YES | {"label": "Jazz 2"}, headers={"HX-Request": "true"}
    )

    assert "/authorize" in answer["HX-Redirect"]


def test_connecting_again_is_for_that_account_alone(admin_client, account):
    act(admin_client, account, "reconnect")

    assert Authorization.objects.get().account == account


def test_deactivating_keeps_who_and_why(admin_client, account):
    act(admin_client, account, "deactivate", reason="Too many complaints.")

    account.refresh_from_db()
    assert account.status == "paused"
    assert account.status_reason == "Paused by admin: Too many complaints."
    assert last_words() == "Jazz 1 is paused: Too many complaints."


def test_deactivating_without_a_reason_asks_again(admin_client, account):
    answer = act(admin_client, account, "deactivate", reason=" ")

    assert answer.status_code == 200
    account.refresh_from_db()
    assert account.status == "active"


def test_activating_takes_a_paused_account_back(admin_client, account):
    Account.objects.update(status="paused")

    act(admin_client, account, "activate")

    account.refresh_from_db()
    assert account.status == "active"


def test_activating_cannot_replace_a_login(admin_client, account):
    Account.objects.update(status="needs_reauth")

    answer = admin_client.post(
        reverse("admin:accounts_account_activate", args=[account.pk]), YES, follow=True
    )

    assert "connect it again" in answer.text
    account.refresh_from_db()
    assert account.status == "needs_reauth"


def test_an_operator_may_close_a_circuit_and_says_why(admin_client):
    circuit = Circuit.objects.create(app="a", bucket="albums", state="open", open_until=timezone.now())

    admin_client.post(
        reverse("admin:accounts_circuit_close", args=[circuit.pk]), YES | {"reason": "Spotify said so."}
    )

    circuit.refresh_from_db()
    assert circuit.state == "closed"
    assert last_words() == "The circuit “albums” is closed: Spotify said so."


def test_label_and_cap_can_be_changed_and_nothing_else(admin_client, account):
    url = reverse("admin:accounts_account_change", args=[account.pk])

    answer = admin_client.post(url, {"label": "Soul 1", "max_playlists": "7", "status": "disabled"})

    assert answer.status_code == 302
    account.refresh_from_db()
    assert (account.label, account.max_playlists, account.status) == ("Soul 1", 7, "active")
    assert account.access_token
