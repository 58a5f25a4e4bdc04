"""Secrets are masked, whatever they stand in; useful words are not."""

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from vibe_project import masking

LONG = "BQAbcdefghij0123456789ABCDEFGHIJabcdefghij0123456789"


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer BQDsecretsecret",
        "Authorization: Bearer secretsecret",
        "{'access_token': 'BQDsecretsecret'}",
        '{"refresh_token": "AQDsecretsecret"}',
        "{'refresh_token': b'secretsecret'}",
        "POST /api/token?code=AQDsecretsecret&state=1",
        "grant_type=authorization_code&code=secretsecret&redirect_uri=x",
        "code=secretsecret&state=1",
        "GET /api/v1/admin/callback?state=secretsecret HTTP/1.1",
        "Invalid HTTP request line: 'GET /api/v1/playlist/callback?code=secretsecret HTTP/9'",
        "next=%2Fapi%2Fv1%2Fadmin%2Fcallback%3Fcode%3Dsecretsecret",
        "Referer checking failed - https://x.example/api/v1/admin/callback?code=secretsecret does not match",
        "client_secret=secretsecret",
        "code_verifier=secretsecret",
        "x-goog-api-key: secretsecret",
        "X-ADMIN-API-KEY: secretsecret",
        "'HTTP_X_ADMIN_API_KEY': 'secretsecret'",
        "GET https://g.example/v1?key=secretsecret",
        "row gAAAAABsecretsecretsecretsecret== could not be read",
        "Basic c2VjcmV0OnNlY3JldA==",
        "postgres://vibe:secretsecret@127.0.0.1:5432/vibe is not reachable",
        "redis://:secretsecret@127.0.0.1:6379/0",
        "host=127.0.0.1 user=vibe password=secretsecret dbname=vibe",
        "host=127.0.0.1 password='secretsecret' dbname=vibe",
        "{'user': 'vibe', 'password': 'secretsecret'}",
        "Cookie: sessionid=secretsecret; csrftoken=secretsecret",
        "Set-Cookie: sessionid=secretsecret; HttpOnly",
        "csrfmiddlewaretoken=secretsecret",
        f"Spotify answered {LONG} to that",
    ],
)
def test_a_secret_is_masked(line):
    masked = masking.mask(line)

    assert "secretsecret" not in masked
    assert "c2VjcmV0" not in masked
    assert LONG not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    "line",
    [
        "ingested 20 albums, 3 failed",
        "Spotify refuses a login's code: expired",
        "Spotify refuses a login's code: invalid_grant: Authorization code expired",
        "code: unsupported_grant_type",
        "password: wrong",
        "password authentication failed for user vibe",
        "the token is delayed: Spotify's accounts service failed",
        "Bearer token refused",
        "Basic authentication is not offered",
        "Forbidden (CSRF cookie not set.): /admin/login/",
        'duplicate key value violates unique constraint "tracks_spotify_id_key"',
        "Key (spotify_id)=(4aawyAB9vmqN3uQ7FjRGTy) already exists.",
        "Task sweep[5c285e6c-286f-4578-ad70-4fbf89ffeb0b] received",
        "/site-packages/django/db/backends/postgresql/psycopg_any_and_a_longer_name_2.py:12",
        "digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "http://127.0.0.1:8000/v/abc and someone@example.org",
        "circuit token open until 12:00: Spotify fails",
    ],
)
def test_a_line_without_secrets_is_left_alone(line):
    assert masking.mask(line) == line


SECRETS = {
    "SECRET_KEY": "the signing/key+of=this& site",
    "ADMIN_API_KEY": "old-admin-key,new \"admin\\key'",
    "SPOTIFY_CLIENT_SECRET": "plainwordsofasecret",
    "GEMINI_API_KEY": "gemini-words",
    "SPOTIFY_TOKEN_KEYS": ["dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="],
    "REDIS_URL": "redis://:redis%2Fpassword@127.0.0.1:6379/0",
}
SPELT = {
    "as it is": str,
    "in a URL": lambda secret: quote(secret, safe=""),
    "in a form": quote_plus,
    "as Python shows it": lambda secret: repr(secret)[1:-1],
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
}


@pytest.mark.parametrize("spell", SPELT.values(), ids=SPELT)
def test_this_installations_own_secrets_are_masked_wherever_they_stand(settings, monkeypatch, spell):
    for name, value in SECRETS.items():
        setattr(settings, name, value)
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "database words")
    settings.SPOTIFY_CLIENT_ID = "client"
    values = [
        SECRETS["SECRET_KEY"], "old-admin-key", "new \"admin\\key'", "plainwordsofasecret", "gemini-words",
        *SECRETS["SPOTIFY_TOKEN_KEYS"], "redis/password", "database words",
        base64.b64encode(b"client:plainwordsofasecret").decode(),
    ]  # fmt: skip

    for secret in values:
        assert masking.mask(f"x{spell(secret)}y").rstrip("=3D%y") == "x***", secret


def test_a_short_password_does_not_blank_the_words_that_hold_it(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", "vibe")

    assert masking.mask("vibe_project is up") == "vibe_project is up"
    assert masking.mask("postgres://vibe:vibe@db/vibe") == "postgres://vibe:***@db/vibe"


def test_fields_are_masked_by_their_names_at_any_depth():
    event = {
        "event": "renewed",
        "access_token": "short",
        "headers": {"Authorization": "Basic abc", "Cookie": "a=b", "Accept": "json"},
        "forms": [{"code": "AQDsecret0secret0secret"}, {"code": "expired", "state": "ok"}],
        "raw": b"password=hunter2",
        "Bearer secretsecret": 1,
        "token_expires_at": "2026-01-01",
        "tries": 3,
    }

    assert masking.mask_fields(event) == {
        "event": "renewed",
        "access_token": "***",
        "headers": {"Authorization": "***", "Cookie": "***", "Accept": "json"},
        "forms": [{"code": "***"}, {"code": "expired", "state": "ok"}],
        "raw": "b'password=***'",
        "Bearer ***": 1,
        "token_expires_at": "2026-01-01",
        "tries": 3,
    }


def test_a_long_hostile_line_takes_no_time():
    started = time.process_time()
    for line in ("-a" * 50_000, "x:/" * 30_000, "a://" * 30_000, "code=" * 20_000, "Cookie" * 20_000):
        masking.mask(line)

    assert time.process_time() - started < 5  # looked at from every character on, one of them took a minute
