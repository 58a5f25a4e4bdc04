"""The accounts service: who may begin, what a code is good for, how tokens live and die."""

from __future__ import annotations

import base64
import hashlib

import pytest
import requests

from sandbox import accounts, oauth, server
from tests.sandbox import callers

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def error_of(response):
    assert response.status_code == 400
    return response.json()["error"]


def begin(sandbox, **changed):
    wanted = {
        "client_id": callers.CLIENT,
        "response_type": "code",
        "redirect_uri": callers.REDIRECT,
    } | changed
    return requests.get(f"{sandbox.accounts_url}/authorize", params=wanted, allow_redirects=False, timeout=5)


def refresh(sandbox, refresh_token, **extra):
    return callers.token(sandbox, grant_type="refresh_token", refresh_token=refresh_token, **extra)


def test_each_sign_in_is_the_next_user(sandbox):
    names = [callers.user(sandbox).get("/me").json()["id"] for _ in range(3)]

    assert names == ["sandbox-01", "sandbox-02", "sandbox-03"]


def test_there_is_always_another_user(sandbox):
    names = {callers.user(sandbox).get("/me").json()["account_id"] for _ in range(7)}

    assert len(names) == 7


def test_a_user_can_be_asked_for(sandbox):
    assert callers.user(sandbox, user="4").get("/me").json()["id"] == "sandbox-04"
    assert begin(sandbox, user="nobody").status_code == 404


def test_the_state_comes_back(sandbox):
    assert callers.authorize(sandbox, state="a b&c")["state"] == "a b&c"


@pytest.mark.parametrize(
    "redirect", ["https://vibe.example/cb", "http://127.0.0.1:8000/cb", "http://[::1]:9/cb", "myapp:/cb"]
)
def test_redirect_uris_that_spotify_takes(redirect):
    assert oauth.redirect_problem(redirect) == "" or redirect.startswith("myapp")


@pytest.mark.parametrize(
    "redirect", ["", "http://localhost:8000/cb", "http://vibe.example/cb", "http://192.168.1.2/cb", "/cb"]
)
def test_redirect_uris_that_spotify_refuses(sandbox, redirect):
    response = begin(sandbox, redirect_uri=redirect)

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_an_authorisation_without_a_client_is_refused(sandbox):
    assert begin(sandbox, client_id="").status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "playlist-modify-public everything"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_what_is_wrong_with_the_request_comes_back_as_an_error(sandbox, changed, error):
    assert callers.authorize(sandbox, **changed)["error"] == error


def test_a_code_works_once(sandbox):
    code = callers.authorize(sandbox)["code"]

    assert callers.exchange(sandbox, code).status_code == 200
    assert error_of(callers.exchange(sandbox, code)) == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri(sandbox):
    code = callers.authorize(sandbox)["code"]
    response = callers.token(
        sandbox, grant_type="authorization_code", code=code, redirect_uri=callers.REDIRECT + "/"
    )

    assert response.json() == {"error": "invalid_grant", "error_description": "Invalid redirect URI"}


def test_a_code_is_good_for_ten_minutes(sandbox):
    code = callers.authorize(sandbox)["code"]
    sandbox.clock.advance(accounts.CODE_SECONDS + 1)

    assert error_of(callers.exchange(sandbox, code)) == "invalid_grant"


def test_the_verifier_must_fit_the_challenge(sandbox):
    good, bad, none = (callers.authorize(sandbox, **PKCE)["code"] for _ in range(3))

    assert callers.exchange(sandbox, good, code_verifier=VERIFIER).status_code == 200
    assert error_of(callers.exchange(sandbox, bad, code_verifier="w" * 64)) == "invalid_grant"
    assert error_of(callers.exchange(sandbox, none)) == "invalid_grant"


def test_a_public_client_needs_no_secret_but_a_verifier_and_its_refresh_tokens_rotate(sandbox):
    def public(**form):
        return callers.token(
            sandbox, auth=None, client_id=callers.CLIENT, redirect_uri=callers.REDIRECT, **form
        )

    code = callers.authorize(sandbox, **PKCE)["code"]
    first = public(grant_type="authorization_code", code=code, code_verifier=VERIFIER).json()["refresh_token"]
    second = public(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]

    assert second != first
    assert error_of(public(grant_type="refresh_token", refresh_token=first)) == "invalid_grant"
    plain = callers.authorize(sandbox)["code"]
    assert error_of(public(grant_type="authorization_code", code=plain)) == "invalid_client"


def test_the_granted_scope_is_said_and_can_be_less_than_asked(sandbox):
    assert callers.tokens(sandbox)["scope"] == callers.WRITE
    assert callers.tokens(sandbox, grant="playlist-modify-public")["scope"] == "playlist-modify-public"


def test_a_confidential_client_keeps_its_refresh_token(sandbox):
    first = callers.tokens(sandbox)
    answer = refresh(sandbox, first["refresh_token"]).json()

    assert "refresh_token" not in answer
    assert answer["access_token"] != first["access_token"]
    assert answer["scope"] == callers.WRITE


def test_with_rotation_the_old_refresh_token_is_dead():
    with server.serve(albums=5, rotate_refresh_tokens=True) as sandbox:
        old = callers.tokens(sandbox)["refresh_token"]
        new = refresh(sandbox, old).json()["refresh_token"]

        assert error_of(refresh(sandbox, old)) == "invalid_grant"
        assert refresh(sandbox, new).status_code == 200


def test_an_access_token_lasts_an_hour(sandbox):
    caller = callers.user(sandbox)
    sandbox.clock.advance(accounts.ACCESS_SECONDS - 5)
    assert caller.get("/me").status_code == 200

    sandbox.clock.advance(10)
    assert caller.get("/me").status_code == 401


def test_consent_ends_after_six_months_and_refreshing_does_not_extend_it(sandbox):
    token = callers.tokens(sandbox)["refresh_token"]
    sandbox.clock.advance(accounts.CONSENT_SECONDS - 60)
    assert refresh(sandbox, token).status_code == 200

    sandbox.clock.advance(120)
    assert refresh(sandbox, token).json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token revoked",
    }


def test_a_user_who_removes_the_app_ends_all_their_tokens(sandbox):
    answer = callers.tokens(sandbox)
    caller = callers.Caller(sandbox, answer["access_token"])
    user = caller.get("/me").json()["id"]
    requests.post(f"{sandbox.url}/_sandbox/users/{user}/revoke", timeout=5)

    assert caller.get("/me").status_code == 401
    assert error_of(refresh(sandbox, answer["refresh_token"])) == "invalid_grant"


def test_an_apps_own_token_reads_the_catalogue_and_nothing_of_a_user(sandbox):
    app = callers.app(sandbox)

    assert app.get(f"/albums/{sandbox.world.catalogue.album_id(1)}").status_code == 200
    assert app.get("/me").status_code == 401


def test_a_refresh_token_belongs_to_its_app(sandbox):
    token = callers.tokens(sandbox)["refresh_token"]

    assert error_of(refresh(sandbox, token, auth=("another-app", "x"))) == "invalid_grant"


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}])
def test_a_grant_that_spotify_does_not_know_is_refused(sandbox, form):
    assert error_of(callers.token(sandbox, **form)) == "unsupported_grant_type"
