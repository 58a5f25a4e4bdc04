"""Fixtures for every room's tests: the sandbox, an empty Redis, HTTP clients, a child's environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sandbox-mode",
        choices=("extended", "development"),
        default="extended",
        help="the mode of Spotify in tests that do not name one",
    )


@pytest.fixture(scope="session")
def _redis() -> Iterator[Any]:
    import redis

    with redis.Redis.from_url(os.environ["REDIS_URL"]) as connection:
        yield connection


@pytest.fixture(autouse=True)
def redis_db(_redis: Any) -> Any:
    """This worker's own Redis database, emptied before every test: nobody meets another's cache."""
    _redis.flushdb()
    return _redis


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database ends with the run, although its server may still see a process that a test killed."""
    yield
    from django.db import connection

    connection.close()  # a test that cut connections may have cut this one
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def everything(db: None) -> Any:
    """The policy that a migration makes; made again, because a test that empties all tables deletes it."""
    from importlib import import_module

    from django.apps import apps

    import_module("curation.migrations.0002_default_policy").create(apps, None)
    return apps.get_model("curation", "CurationPolicy").objects.get(name="Everything")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, settings: Any) -> Iterator[Any]:
    """A local Spotify of 60 albums in the mode of --sandbox-mode, and settings that point at it.

    `@pytest.mark.sandbox(albums=300, mode="development")` passes other arguments to `server.serve`.
    """
    from sandbox import server

    marker = request.node.get_closest_marker("sandbox")
    is_extended = request.node.get_closest_marker("extended") is not None
    mode = "extended" if is_extended else request.config.getoption("--sandbox-mode")
    options = {"albums": 60, "mode": mode, **(marker.kwargs if marker else {})}
    with server.serve(port=0, **options) as running:
        point_at_sandbox(settings, running, mode=options["mode"])
        yield running


def point_at_sandbox(settings: Any, running: Any, *, mode: str) -> None:
    """Make the sandbox Vibe's Spotify and every other vendor; Gemini where a test sets GEMINI_API_KEY."""
    settings.SPOTIFY_API_URL = running.api_url
    settings.SPOTIFY_ACCOUNTS_URL = running.accounts_url
    settings.SPOTIFY_APP_MODE = mode
    settings.RECCOBEATS_API_URL = running.reccobeats_url
    settings.WIKIDATA_SPARQL_URL = running.wikidata_url
    settings.MUSICBRAINZ_API_URL = running.musicbrainz_url
    settings.LISTENBRAINZ_API_URL = running.listenbrainz_url
    settings.GEMINI_API_URL = running.gemini_url
    # Tests of pacing set their own; all others should not wait for a window.
    settings.SPOTIFY_CALLS_PER_30S = 100_000
    settings.SPOTIFY_ACCOUNT_CALLS_PER_30S = 100_000


@pytest.fixture
def api(settings: Any) -> Any:
    """An API client that carries the admin key."""
    from rest_framework.test import APIClient

    return APIClient(headers={"X-ADMIN-API-KEY": settings.ADMIN_API_KEY})


@pytest.fixture
def anonymous_api() -> Any:
    """An API client without the admin key."""
    from rest_framework.test import APIClient

    return APIClient()


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """The environment for a real process (a Celery worker, a command) that works on this test's own data."""
    from django.conf import settings
    from django.db import connection

    server = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    name = connection.settings_dict["NAME"]
    pointed = {name: str(getattr(settings, name)) for name in _POINTED if getattr(settings, name)}
    ours = {"DATABASE_URL": f"{server}/{name}", "DJANGO_SETTINGS_MODULE": "vibe_project.settings"}
    return {**os.environ, **pointed, **ours}


_POINTED = (
    "SPOTIFY_API_URL", "SPOTIFY_ACCOUNTS_URL", "SPOTIFY_APP_MODE", "RECCOBEATS_API_URL", "GEMINI_API_URL",
    "WIKIDATA_SPARQL_URL", "MUSICBRAINZ_API_URL", "LISTENBRAINZ_API_URL", "OPERATOR_CONTACT",
    "SPOTIFY_CALLS_PER_30S", "SPOTIFY_ACCOUNT_CALLS_PER_30S", "PUBLIC_BASE_URL",
)  # fmt: skip
