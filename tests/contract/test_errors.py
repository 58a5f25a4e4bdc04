"""The sandbox refuses in the words that were collected from the real services (errors_catalogue.json)."""

from __future__ import annotations

import base64

import pytest
import requests

from sandbox import server
from tests.sandbox import callers

NOBODY = "0" * 21 + "1"


@pytest.fixture(scope="module")
def catalogue(real):
    return {case["case"]: case for case in real("samples/errors_catalogue")}


def check(response, case):
    assert response.status_code == case["http"]
    if "body" in case:
        assert response.json() == case["body"]
    else:
        assert response.text == case["body_text"]
    for name in case["headers"]:
        assert name in response.headers
    if "WWW-Authenticate" in case["headers"]:
        assert response.headers["WWW-Authenticate"] == case["headers"]["WWW-Authenticate"]


def test_an_expired_token(extended, catalogue):
    caller = callers.user(extended)
    extended.world.expire_access(caller.get("/me").json()["id"])

    check(caller.get("/me"), catalogue["expired_token"])


def test_a_token_that_never_was(extended, catalogue):
    check(callers.Caller(extended, "nonsense").get("/me"), catalogue["missing_or_bogus_token"])


def test_no_token_at_all(extended):
    response = requests.get(f"{extended.api_url}/me", timeout=5)

    assert response.status_code == 401
    assert (
        'error="missing_token", error_description="No token provided"' in response.headers["WWW-Authenticate"]
    )


def test_a_scope_that_was_not_granted(extended, catalogue):
    caller = callers.user(extended, "playlist-read-private")

    check(caller.post("/me/playlists", json={"name": "x"}), catalogue["insufficient_scope"])


def test_a_user_who_is_not_on_the_allow_list(development, catalogue):
    development.world.users[0].allowed = False
    caller = callers.user(development, user="1")

    check(caller.get("/me"), catalogue["not_allowlisted_dev_mode_json"])


@pytest.mark.parametrize(
    "path", [f"/albums?ids={NOBODY}", f"/tracks?ids={NOBODY}", f"/audio-features?ids={NOBODY}"]
)
def test_an_endpoint_that_development_mode_lost(development, catalogue, path):
    check(callers.app(development).get(path), catalogue["removed_endpoint_dev_mode"])


@pytest.mark.parametrize("path", [f"/albums/{NOBODY}", f"/tracks/{NOBODY}", f"/playlists/{NOBODY}"])
def test_something_that_is_not_there(extended, catalogue, path):
    check(callers.user(extended).get(path), catalogue["not_found"])


@pytest.mark.parametrize("path", ["/albums/short", "/albums?ids=short", f"/tracks?ids={NOBODY},{'z' * 22}"])
def test_an_id_that_is_none(extended, catalogue, path):
    check(callers.app(extended).get(path), catalogue["bad_id"])


@pytest.mark.parametrize("limit", ["0", "51", "many"])
def test_a_limit_that_is_none(extended, catalogue, limit):
    check(callers.user(extended).get(f"/me/playlists?limit={limit}"), catalogue["bad_limit"])


def test_too_many_calls(catalogue):
    with server.serve(albums=5, calls_per_30s=1) as sandbox:
        caller = callers.app(sandbox)
        caller.get(f"/albums/{NOBODY}")

        check(caller.get(f"/albums/{NOBODY}"), catalogue["rate_limit"])


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ({"do": "throttle", "text": "Too many requests", "retry_after": 19056}, "rate_limit_text"),
        ({"do": "quota", "retry_after": 48925}, "quota_exceeded_dev_mode"),
        ({"do": "status", "status": 502}, "server_error"),
    ],
)
def test_what_only_a_scripted_fault_brings(extended, catalogue, fault, case):
    extended.faults.add(**fault)

    check(callers.Caller(extended, "any").get("/me"), catalogue[case])


def test_a_track_that_is_gone_fails_the_whole_write(extended, catalogue):
    caller = callers.user(extended)
    playlist = caller.post("/me/playlists", json={"name": "x"}).json()["id"]

    check(
        caller.put(f"/playlists/{playlist}/items", json={"uris": callers.uris([NOBODY])}),
        catalogue["server_error"],
    )


def test_a_refresh_token_that_was_revoked(extended, catalogue):
    response = callers.token(extended, grant_type="refresh_token", refresh_token="AQ-gone")

    check(response, catalogue["token_refresh_revoked_or_expired"])


def test_an_app_with_a_wrong_secret(extended, catalogue):
    callers.token(extended, grant_type="client_credentials")
    wrong = {"Authorization": "Basic " + base64.b64encode(f"{callers.CLIENT}:wrong".encode()).decode()}
    form = {"grant_type": "client_credentials"}
    response = requests.post(f"{extended.accounts_url}/api/token", data=form, headers=wrong, timeout=5)

    check(response, catalogue["token_bad_client"])


def test_a_code_that_was_never_given(extended, catalogue):
    check(callers.exchange(extended, "AQ-never"), catalogue["token_bad_code"])


def test_a_user_who_says_no(extended):
    assert callers.authorize(extended, deny="1") == {"error": "access_denied", "state": "s1"}
