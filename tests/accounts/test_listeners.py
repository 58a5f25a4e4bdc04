"""Listeners: a login that is written nowhere until it comes back, comes back once, and can be undone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import encrypted_field
from accounts.models import Authorization, Listener
from tests.accounts.connecting import follow

pytestmark = pytest.mark.django_db
CONNECT, CALLBACK = "/api/v1/playlist/connect", "/api/v1/playlist/callback"
DISCONNECT = "/api/v1/playlist/disconnect"


@pytest.fixture
def signed_in(client, sandbox):
    client.get(CALLBACK, follow(client.get(CONNECT)["Location"]))
    assert "listener_id" in client.session
    return client


def test_visitors_who_begin_a_login_write_nothing(client, sandbox, django_assert_num_queries):
    with django_assert_num_queries(0):
        for _ in range(20):
            assert Client().get(CONNECT).status_code == 302

    assert (Session.objects.count(), Authorization.objects.count()) == (0, 0)


def test_the_cookie_of_a_login_is_short_lived_out_of_reach_and_closed(client, sandbox):
    answer = client.get(CONNECT, {"next": "/v/abc"})
    [cookie] = answer.cookies.values()

    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Lax", CALLBACK, 600)
    assert "verifier" not in cookie.value
    assert "/v/abc" not in cookie.value
    state = follow(answer["Location"])["state"]
    assert state not in cookie.value


def test_a_finished_login_leaves_no_cookie_of_its_own(signed_in):
    assert {name for name, cookie in signed_in.cookies.items() if cookie.value} == {"sessionid"}


def test_a_login_comes_back_once(client, sandbox):
    begun = client.get(CONNECT)
    back, kept = follow(begun["Location"]), begun.cookies.copy()
    client.get(CALLBACK, back)
    calls = len(sandbox.calls)

    again = Client()
    again.cookies.update(kept)
    answer = again.get(CALLBACK, back)

    assert (answer.status_code, answer.json()["code"]) == (400, "replayed")
    assert len(sandbox.calls) == calls


def test_a_login_of_eleven_minutes_is_over(client, sandbox, time_machine):
    from django.utils import timezone

    back = follow(client.get(CONNECT)["Location"])

    time_machine.move_to(timezone.now() + dt.timedelta(minutes=11))

    assert client.get(CALLBACK, back).json()["code"] == "expired"


def test_two_tabs_do_not_undo_each_others_login(client, sandbox):
    first, second = (client.get(CONNECT, {"next": f"/v/{tab}"})["Location"] for tab in "12")

    assert client.get(CALLBACK, follow(first))["Location"] == "/v/1"
    assert client.get(CALLBACK, follow(second))["Location"] == "/v/2"


def test_another_browsers_cookie_under_this_logins_name_does_not_help(client, sandbox):
    mine, other = client.get(CONNECT), Client().get(CONNECT)
    [name], [foreign] = mine.cookies.keys(), other.cookies.values()
    client.cookies[name] = foreign.value

    for odd in (foreign.value, "", "x", "gAAAA", "é"):
        client.cookies[name] = odd
        assert client.get(CALLBACK, follow(mine["Location"])).json()["code"] == "unknown"


# --- signing out


def test_signing_out_forgets_the_tokens_and_the_session(signed_in):
    answer = signed_in.post(DISCONNECT, content_type="application/json")

    assert answer.status_code == 204
    listener = Listener.objects.get()
    assert (listener.access_token, listener.refresh_token) == ("", "")
    assert listener.signed_out_at is not None
    assert Session.objects.count() == 0


def test_after_signing_out_nothing_is_saved_until_the_next_sign_in(signed_in, sandbox):
    stolen = Client()
    stolen.cookies["sessionid"] = signed_in.cookies["sessionid"].value
    signed_in.post(DISCONNECT, content_type="application/json")
    for browser in (signed_in, stolen):
        answer = browser.post("/api/v1/playlist/create", {"id": "x"}, content_type="application/json")
        assert answer.status_code == 401

    signed_in.get(
        CALLBACK, follow(signed_in.get(CONNECT)["Location"], user=Listener.objects.get().spotify_user_id)
    )

    assert Listener.objects.get().signed_out_at is None
    assert encrypted_field.opened(Listener.objects.get().refresh_token)


def test_signing_out_is_a_post_from_our_own_pages(signed_in):
    assert signed_in.get(DISCONNECT).status_code == 405
    elsewhere = {"Origin": "https://evil.example"}
    answer = signed_in.post(DISCONNECT, content_type="application/json", headers=elsewhere)
    assert answer.status_code == 403
    assert "listener_id" in signed_in.session


def test_signing_out_nobody_is_no_error(client):
    assert client.post(DISCONNECT, content_type="application/json").status_code == 204


def test_an_operator_who_signs_out_as_a_listener_stays_in_the_console(admin_client, sandbox):
    admin_client.get(CALLBACK, follow(admin_client.get(CONNECT)["Location"]))

    admin_client.post(DISCONNECT, content_type="application/json")

    assert "listener_id" not in admin_client.session
    assert admin_client.get("/admin/").status_code == 200


def test_the_pages_have_a_button_for_it_while_somebody_is_signed_in(signed_in):
    page = signed_in.get("/")
    assert 'action="/sign-out"' in page.text
    assert 'action="/sign-out"' not in Client().get("/").text

    answer = signed_in.post("/sign-out", {"next": "/v/abc"})

    assert (answer.status_code, answer["Location"]) == (303, "/v/abc")
    assert "You are signed out" in signed_in.get("/").text
    assert Listener.objects.get().refresh_token == ""


def test_the_button_needs_the_forms_token_and_leads_nowhere_else(signed_in):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/sign-out").status_code == 403
    assert signed_in.post("/sign-out", {"next": "//evil.example"})["Location"] == "/"
