"""Canaries: no token, secret or verifier reaches a log, an exception, a page, an API body or Redis."""

from __future__ import annotations

import dataclasses
import logging
import traceback

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts import encrypted_field, tasks
from accounts.gateway_state import gateways, tokens
from accounts.login import onboarding
from accounts.models import Account, AppToken, Authorization, Listener
from accounts.spotify import client, errors, oauth
from tests.accounts.connecting import connected, follow

pytestmark = pytest.mark.django_db
FAULTS = [
    {"do": "status", "status": 500, "text": "oops"},
    {"do": "status", "status": 403, "text": "Forbidden"},
    {"do": "status", "status": 400, "text": ""},
    {"do": "html"},
    {"do": "empty"},
    {"do": "cut"},
    {"do": "truncate"},
    {"do": "throttle", "retry_after": 40},
    {"do": "quota", "retry_after": 4000},
]


def secrets():
    """Everything that must stay where it is, in the clear and as ciphertext."""
    rows = [
        *Account.objects.values_list("access_token", "refresh_token"),
        *Listener.objects.values_list("access_token", "refresh_token"),
        *AppToken.objects.values_list("access_token"),
        *Authorization.objects.values_list("code_verifier"),
    ]
    sealed = [value for row in rows for value in row if value]
    plain = [value.open() for value in sealed] + [value.ciphertext for value in sealed]
    return [*plain, django_settings.SPOTIFY_CLIENT_SECRET, *django_settings.SPOTIFY_TOKEN_KEYS]


def leaks(text):
    return [secret[:8] for secret in secrets() if secret in text]


@pytest.fixture
def heard(caplog):
    """Everything logged at DEBUG by anybody, spotipy and urllib3 included."""
    caplog.set_level(logging.DEBUG)
    for name in ("spotipy", "urllib3", "requests", "accounts"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def attempt(action):
    """The whole traceback of an action that fails, '' of one that does not."""
    try:
        action()
    except (
        errors.SpotifyError,
        onboarding.LoginError,
        oauth.GrantRefused,
        encrypted_field.CannotDecrypt,
    ) as error:
        return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)
    return ""


def quick(gateway):
    """The same door without the waits between attempts."""
    gateway._parts = dataclasses.replace(gateway._parts, sleep=lambda seconds: None)
    return gateway


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["do"] + str(fault.get("status", "")))
def test_no_fault_of_the_api_brings_a_token_to_light(sandbox, heard, fault):
    account = connected()
    sandbox.faults.add(path=r"/v1/me", times=0, **fault)
    gateway = quick(gateways.for_account(account.pk))

    seen = attempt(gateway.me) + attempt(lambda: gateway.create_playlist(name="x", description=""))

    assert seen
    assert leaks(seen + heard.text) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["do"] + str(fault.get("status", "")))
def test_no_fault_of_the_accounts_service_brings_a_token_to_light(sandbox, heard, fault):
    account = connected()
    Account.objects.update(token_expires_at=timezone.now())
    sandbox.faults.add(path=r"/api/token", times=0, **fault)

    seen = attempt(lambda: tokens.fresh_access_token(account.pk, now=timezone.now()))
    tasks.refresh_tokens()

    assert leaks(seen + heard.text) == []


def test_a_whole_round_leaves_no_secret_in_redis_or_in_the_api(sandbox, heard, api, client, redis_db):
    account = connected()
    back = follow(client.get("/api/v1/playlist/connect")["Location"])
    client.get("/api/v1/playlist/callback", back)
    gateways.for_app().albums([link.rsplit("/", 1)[1].split("?")[0] for link in sandbox.album_links(5)])
    list(gateways.for_account(account.pk).my_playlists())
    answers = [
        api.get("/api/v1/admin/accounts").text,
        api.post(f"/api/v1/admin/accounts/{account.pk}/deactivate").text,
        api.get("/api/v1/admin/connect").text,
        client.get("/api/v1/admin/callback", back).text,
    ]

    stored = []
    for key in redis_db.scan_iter():
        kind = redis_db.type(key)
        stored.append(str(key) + str(redis_db.dump(key)) + str(kind))
    assert leaks("".join(answers) + "".join(stored) + heard.text) == []


def test_objects_that_hold_secrets_do_not_print_them(sandbox):
    account = connected()
    grant = oauth.app_token(tokens.app())
    shown = [
        repr(tokens.app()),
        repr(grant),
        repr(client.Client(grant.access_token, api_url="http://127.0.0.1:9/v1")),
        repr(account.__dict__),
        repr(vars(Account.objects.get())),
        repr(gateways.for_token(grant.access_token)._parts.tokens),
    ]

    assert leaks("".join(shown)) == []
    assert grant.access_token not in "".join(shown)


def test_the_token_goes_to_the_configured_host_alone(sandbox):
    spotify = client.Client("canary", api_url=sandbox.api_url)

    with pytest.raises(ValueError, match="configured API"):
        spotify.next({"next": "http://127.0.0.1:9/v1/albums"})
    assert sandbox.calls == []


@pytest.mark.parametrize("location", ["http://127.0.0.1:9/v1/me", "//127.0.0.1:9/v1/me", "/v1/elsewhere", ""])
def test_a_redirect_elsewhere_is_not_followed(sandbox, location):
    sandbox.faults.add(do="status", path="/v1/me", status=302, text="", headers={"Location": location})

    answer = client.Client("canary", api_url=sandbox.api_url).me()

    assert answer.status == 302
    assert len(sandbox.calls) == 1


def test_a_redirect_that_only_drops_the_slash_is_followed(sandbox):
    account = connected()
    sandbox.faults.add(
        do="status", path="/v1/me", status=301, text="", headers={"Location": f"{sandbox.api_url}/me"}
    )

    assert gateways.for_account(account.pk).me().user_id == account.spotify_user_id
