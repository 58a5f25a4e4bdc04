"""The accounts' endpoints over HTTP."""

from __future__ import annotations

import json

import pytest

from accounts import encrypted_field
from accounts.models import Account, Listener
from tests.accounts.connecting import connected, follow

pytestmark = pytest.mark.django_db
CALLBACK = "/api/v1/admin/callback"
PAGE = {"HTTP_ACCEPT": "text/html,application/xhtml+xml"}


def begun(api, **query):
    return api.get("/api/v1/admin/connect", query).json()


def test_an_account_is_connected_by_key_and_browser(api, client, sandbox):
    body = begun(api, label="Anna")
    back = follow(body["authorize_url"])

    answer = client.get(CALLBACK, back)

    assert back["state"] == body["state"]
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["account"]["label"] == "Anna"
    assert Account.objects.get().status == "active"


def test_a_browser_gets_a_page(api, client, sandbox):
    answer = client.get(CALLBACK, follow(begun(api, label="<b>Anna</b>")["authorize_url"]), **PAGE)

    assert answer.status_code == 200
    assert "is connected" in answer.text
    assert "<b>Anna" not in answer.text
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query, code",
    [
        ({"state": "made-up", "code": "x"}, "unknown"),
        ({}, "unknown"),
        ({"error": "access_denied"}, "unknown"),
    ],
)
def test_a_callback_that_nobody_began_is_a_problem_or_a_page(client, sandbox, query, code):
    answer, page = client.get(CALLBACK, query), client.get(CALLBACK, query, **PAGE)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == code
    assert page.status_code == 400
    assert "not finished" in page.text


def test_a_denied_login_is_told_kindly(api, client, sandbox):
    answer = client.get(CALLBACK, follow(begun(api)["authorize_url"], deny="1"), **PAGE)

    assert answer.status_code == 400
    assert "declined" in answer.text
    assert Account.objects.count() == 0


def test_a_callback_while_spotify_is_down_asks_to_try_again(api, client, sandbox):
    back = follow(begun(api)["authorize_url"])
    sandbox.faults.add(do="status", path="/api/token", status=503, text="busy")

    answer = client.get(CALLBACK, back)

    assert answer.status_code == 503
    assert answer.json()["code"] == "spotify_unavailable"


def test_renewal_by_somebody_else_is_a_conflict(api, client, sandbox):
    anna, bert = connected(), connected()

    answer = client.get(
        CALLBACK, follow(begun(api, account=anna.pk)["authorize_url"], user=bert.spotify_user_id)
    )

    assert answer.status_code == 409


@pytest.mark.parametrize("query, status", [({"account": "999999"}, 404), ({"account": "x"}, 400)])
def test_a_renewal_needs_an_account_that_is_there(api, query, status):
    assert api.get("/api/v1/admin/connect", query).status_code == status


def test_accounts_are_listed_without_any_token(api, sandbox, django_assert_num_queries):
    account = connected(label="Anna")
    secrets = [encrypted_field.opened(account.access_token), encrypted_field.opened(account.refresh_token)]
    with django_assert_num_queries(2):
        answer = api.get("/api/v1/admin/accounts")

    (row,) = answer.json()["results"]
    assert (row["id"], row["status"], row["missing_scopes"]) == (account.pk, "active", [])
    assert not any(secret in answer.text for secret in [*secrets, "gAAAA"])


def test_deactivating_pauses_and_activating_takes_back(api, sandbox):
    account = connected()

    assert api.post(f"/api/v1/admin/accounts/{account.pk}/deactivate").json()["status"] == "paused"
    assert api.post(f"/api/v1/admin/accounts/{account.pk}/deactivate").json()["status"] == "paused"
    assert api.post(f"/api/v1/admin/accounts/{account.pk}/activate").json()["status"] == "active"


def test_an_account_that_needs_a_login_cannot_just_be_activated(api, sandbox):
    account = connected()
    Account.objects.update(status="needs_reauth")

    answer = api.post(f"/api/v1/admin/accounts/{account.pk}/activate")

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")


def test_unknown_accounts_are_404(api):
    assert api.post("/api/v1/admin/accounts/999999/deactivate").status_code == 404


@pytest.mark.parametrize(
    "method, path",
    [
        ("get", "/api/v1/admin/connect"),
        ("get", "/api/v1/admin/accounts"),
        ("post", "/api/v1/admin/accounts/1/deactivate"),
        ("post", "/api/v1/admin/accounts/1/activate"),
    ],
)
def test_the_admin_endpoints_want_the_key(anonymous_api, method, path):
    assert getattr(anonymous_api, method)(path).status_code == 401
    assert getattr(anonymous_api, method)(path, headers={"X-ADMIN-API-KEY": "wrong"}).status_code == 403


# --- listeners


def sign_in(client, next_path="/v/abc", **sandbox_options):
    answer = client.get("/api/v1/playlist/connect", {"next": next_path})
    assert answer.status_code == 302
    return client.get("/api/v1/playlist/callback", follow(answer["Location"], **sandbox_options))


def test_a_listener_signs_in_and_comes_back_and_the_session_holds_no_token(client, sandbox):
    answer = sign_in(client)

    listener = Listener.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/v/abc")
    assert client.session["listener_id"] == listener.pk
    assert encrypted_field.opened(listener.access_token) not in json.dumps(dict(client.session.items()))
    assert client.cookies["sessionid"]["httponly"]


def test_a_listener_is_asked_for_no_more_than_writing_playlists(client, sandbox):
    url = client.get("/api/v1/playlist/connect")["Location"]

    assert "scope=playlist-modify-public+playlist-modify-private&" in url


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "/\nx",
        "/" * 300,
    ],
)
def test_a_listener_comes_back_to_this_site_only(client, sandbox, wanted):
    assert sign_in(client, wanted)["Location"] == "/"


def test_a_listeners_login_finished_in_another_browser_is_refused(client, sandbox):
    from django.test import Client

    url = client.get("/api/v1/playlist/connect")["Location"]

    answer = Client().get("/api/v1/playlist/callback", follow(url))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown")
    assert Listener.objects.count() == 0


def test_a_listener_who_says_no_gets_a_page(client, sandbox):
    url = client.get("/api/v1/playlist/connect")["Location"]

    answer = client.get("/api/v1/playlist/callback", follow(url, deny="1"), **PAGE)

    assert answer.status_code == 400
    assert "declined" in answer.text


def test_signing_in_twice_is_one_listener(client, sandbox):
    user = sandbox.world.users[0].user_id
    sign_in(client, user=user)
    sign_in(client, user=user)

    assert Listener.objects.count() == 1


# --- the console's page


def test_the_connect_page_is_for_operators(client):
    assert client.get("/accounts/connect/").status_code == 302


def test_an_operator_connects_in_their_own_session(admin_client, client, sandbox):
    url = admin_client.post("/accounts/connect/", {"label": "Jazz"})["Location"]
    back = follow(url)

    assert client.get(CALLBACK, back).json()["code"] == "foreign"
    assert "is connected" in admin_client.get(CALLBACK, back, **PAGE).text
    assert Account.objects.get().label == "Jazz"


def test_the_connect_page_names_the_account_to_renew(admin_client, sandbox):
    account = connected(label="<i>Jazz</i>")

    page = admin_client.get(f"/accounts/connect/?account={account.pk}")

    assert "Renew the login of &lt;i&gt;Jazz" in page.text
    assert admin_client.get("/accounts/connect/?account=999999").status_code == 404
