"""Errors forced where secrets are in everybody's hands: none is found in what is logged, in either format."""

from __future__ import annotations

import base64
import contextlib
import logging
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psycopg
import pytest
import redis
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts import encrypted_field, tasks
from accounts.gateway_state import gateways, tokens
from accounts.login import onboarding
from accounts.models import Account, Authorization, Listener
from accounts.spotify import deadline, oauth
from catalog import tasks as catalog_tasks
from catalog.features import enrich
from catalog.intake import batches
from curation.vibes import http_deadline
from tests.accounts.connecting import connected, follow
from tests.catalog.features import test_enrich
from tests.vibe_project import logged

pytestmark = pytest.mark.django_db
both_formats = pytest.mark.parametrize("format", ["text", "json"])
log = logging.getLogger("tests.canaries")
PASSWORD = "canary/pass word+0123"


@pytest.fixture(autouse=True)
def secrets(settings) -> list[str]:
    """What must not be found; a test adds what comes into being."""
    settings.SPOTIFY_CLIENT_SECRET = "canary-client-secret"
    settings.GEMINI_API_KEY = "canary-gemini-key"
    client = f"{settings.SPOTIFY_CLIENT_ID}:{settings.SPOTIFY_CLIENT_SECRET}"
    return [
        settings.SPOTIFY_CLIENT_SECRET, settings.GEMINI_API_KEY, settings.ADMIN_API_KEY, settings.SECRET_KEY,
        *settings.SPOTIFY_TOKEN_KEYS, base64.b64encode(client.encode()).decode(), PASSWORD,
    ]  # fmt: skip


def stored_secrets() -> list[str]:
    """Tokens and verifiers of this test's rows, in the clear and sealed."""
    sealed = [
        value
        for model, names in (
            (Account, ("access_token", "refresh_token")),
            (Listener, ("access_token", "refresh_token")),
            (Authorization, ("code_verifier",)),
        )
        for row in model.objects.values_list(*names)
        for value in row
        if value
    ]
    return [encrypted_field.opened(value) for value in sealed] + [value.ciphertext for value in sealed]


def found(heard: logged.Written, secrets: list[str]) -> list[str]:
    """The secrets that were written, also as a URL spells them, and also where a frame wraps them."""
    assert "forced" in heard.text  # it was logged, and would have been found
    text = unwrapped(heard.text)
    everything = [*secrets, *stored_secrets()]
    return [secret for secret in everything if unwrapped(secret) in text or quote(secret, safe="") in text]


def unwrapped(text: str) -> str:
    return re.sub(r"[\s│]|\\n", "", text)


@contextlib.contextmanager
def forced(part_of_url: str) -> Iterator[None]:
    """Every request to such an address raises what no code expects, and its text holds the whole request."""
    real = deadline.request

    def request(session, method, url, **more):
        if part_of_url in url:
            raise RuntimeError(f"forced at {method} {url} with {more}")
        return real(session, method, url, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline, "request", request)
        yield


def logged_failure(action: Callable[[], object]) -> None:
    """The action fails and is logged, as a task's or a view's failure is."""
    try:
        action()
    except Exception:
        log.exception("it failed")


# --- logins: both callbacks, at the token exchange and at /me after it


def begin_account(client) -> tuple[str, dict[str, str]]:
    url, _ = onboarding.begin(label="", begun_by=onboarding.API_KEY, now=timezone.now())
    return onboarding.CALLBACK_PATH, follow(url)


def begin_listener(client) -> tuple[str, dict[str, str]]:
    return "/api/v1/playlist/callback", follow(client.get("/api/v1/playlist/connect")["Location"])


@both_formats
@pytest.mark.parametrize("where", ["/api/token", "/v1/me"])
@pytest.mark.parametrize("begin", [begin_account, begin_listener])
def test_an_error_in_a_callback(sandbox, client, secrets, format, begin, where):
    address, back = begin(client)
    client.raise_request_exception = False
    with forced(where), logged.written(format) as heard:
        answer = client.get(address, back)

    assert answer.status_code == 500
    secrets += [back["code"], back["state"], *sandbox.world.accounts.access, *sandbox.world.accounts.refresh]
    assert found(heard, secrets) == []


# --- tokens


@both_formats
def test_an_error_in_a_refresh(sandbox, secrets, format):
    connected()
    Account.objects.update(token_expires_at=timezone.now())
    with forced("/api/token"), logged.written(format) as heard:
        tasks.refresh_tokens.apply()

    assert found(heard, secrets) == []


@both_formats
def test_an_error_in_a_refresh_that_a_page_waits_for(sandbox, secrets, format):
    account = connected()
    Account.objects.update(token_expires_at=timezone.now())
    with forced("/api/token"), logged.written(format) as heard:
        logged_failure(lambda: tokens.fresh_access_token(account.pk, now=timezone.now()))

    assert found(heard, secrets) == []


@both_formats
def test_an_error_at_the_apps_own_token(sandbox, secrets, format):
    batches.enqueue(sandbox.album_links(1), by="test", now=timezone.now(), ring=False)
    with forced("/api/token"), logged.written(format) as heard:
        catalog_tasks.ingest_albums_from_sources.apply()

    assert found(heard, secrets) == []


@both_formats
@pytest.mark.parametrize("code", ["invalid_client", "invalid_grant"])
def test_a_refused_code_is_named_and_not_blanked(sandbox, client, secrets, format, code):
    address, back = begin_account(client)
    body = f'{{"error": "{code}", "error_description": "expired"}}'
    sandbox.faults.add(do="status", path="/api/token", status=400, text=body)
    with logged.written(format) as heard:
        assert client.get(address, back).status_code == 400

    assert f"Spotify refuses a login's code: {code}: expired" in heard.text
    assert back["code"] not in heard.text


# --- the gateway: every noun of it


ID = "4aawyAB9vmqN3uQ7FjRGTy"
CALLS = {
    "albums": lambda spotify: spotify.albums([ID]),
    "tracks": lambda spotify: spotify.tracks([ID]),
    "album tracks": lambda spotify: spotify.album_tracks(ID, offset=0),
    "audio features": lambda spotify: spotify.audio_features([ID]),
    "me": lambda spotify: spotify.me(),
    "my playlists": lambda spotify: list(spotify.my_playlists()),
    "create": lambda spotify: spotify.create_playlist(name="x", description=""),
    "details": lambda spotify: spotify.change_details(ID, name="x", description=""),
    "replace": lambda spotify: spotify.replace_items(ID, [ID]),
    "playlist": lambda spotify: spotify.playlist(ID),
    "items": lambda spotify: spotify.playlist_track_ids(ID),
    "unfollow": lambda spotify: spotify.unfollow(ID),
}


@both_formats
@pytest.mark.extended
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_error_at_a_call_of_the_gateway(sandbox, secrets, format, call):
    gateway = gateways.for_account(connected().pk)
    with forced("/v1/"), logged.written(format) as heard:
        logged_failure(lambda: call(gateway))

    assert found(heard, secrets) == []


# --- the other vendors


@both_formats
def test_an_error_at_reccobeats(sandbox, secrets, format):
    test_enrich.stored(test_enrich.albums.album(1))
    with forced("/audio-features"), logged.written(format) as heard:
        logged_failure(lambda: enrich.run(now=timezone.now()))

    assert found(heard, secrets) == []


@both_formats
def test_an_error_at_gemini(sandbox, client, secrets, format, monkeypatch, everything):
    def handle_request(self, request):
        raise RuntimeError(
            f"forced at {request.url}?key={request.headers['x-goog-api-key']} {request.headers}"
        )

    monkeypatch.setattr(http_deadline.Transport, "handle_request", handle_request)
    with logged.written(format) as heard:
        client.post("/api/v1/playlist/generate", {"vibe": "calm songs"}, content_type="application/json")

    assert "gemini stopped by an error" in heard.text
    assert found(heard, secrets) == []


# --- the servers


CONNINFO = {
    "a URL": lambda: f"postgres://vibe:{quote(PASSWORD, safe='')}@127.0.0.1:5432/vibe",
    "libpq's words": lambda: f"host=127.0.0.1 user=vibe password='{PASSWORD}' dbname=vibe",
    "arguments": lambda: str({"host": "127.0.0.1", "user": "vibe", "password": PASSWORD}),
    "the bare word": lambda: PASSWORD,
}


@both_formats
@pytest.mark.parametrize("conninfo", CONNINFO.values(), ids=CONNINFO)
def test_a_database_that_is_away(settings, secrets, format, monkeypatch, conninfo):
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", PASSWORD)

    def connect(*given, **parameters):
        raise psycopg.OperationalError(f"forced: connection to {conninfo()} failed")

    monkeypatch.setattr(psycopg.Connection, "connect", connect)
    with logged.written(format) as heard:
        logged_failure(lambda: connection.get_new_connection(connection.get_connection_params()))
        logged_failure(lambda: connection.copy().ensure_connection())

    assert "django.db.utils.OperationalError" in heard.text
    assert found(heard, secrets) == []


@both_formats
def test_a_redis_that_is_away(settings, secrets, format, monkeypatch):
    settings.REDIS_URL = f"redis://:{quote(PASSWORD, safe='')}@127.0.0.1:9/0"

    def get_connection(pool, *given, **options):
        raise redis.ConnectionError(f"forced: {settings.REDIS_URL} {pool.connection_kwargs} {PASSWORD}")

    monkeypatch.setattr(redis.ConnectionPool, "get_connection", get_connection)
    with logged.written(format) as heard:
        logged_failure(lambda: cache.get("anything"))
        logged_failure(lambda: gateways.redis_client().ping())

    assert found(heard, secrets) == []


def test_what_was_forced_does_hold_the_secrets(sandbox, settings):
    """Else the tests above would find nothing in any log."""
    token = encrypted_field.opened(connected().access_token)
    with forced("/"):
        with pytest.raises(RuntimeError, match="forced") as refresh:
            oauth.refresh(oauth.App("id", "secret", "http://127.0.0.1:9"), refresh_token="canary-refresh")
        with pytest.raises(RuntimeError, match="forced") as me:
            gateways.for_token(token).me()

    assert base64.b64encode(b"id:secret").decode() in str(refresh.value)
    assert "canary-refresh" in str(refresh.value)
    assert token in str(me.value)
