"""What the shared fixtures promise to every room."""

import os
import socket

import pytest

from devstack import pytest_plugin


def test_the_database_is_postgresql_on_the_loopback_address(db):
    from django.db import connection

    assert connection.vendor == "postgresql"
    assert connection.settings_dict["HOST"] == "127.0.0.1"


@pytest.mark.parametrize("round_", [1, 2])
def test_every_test_starts_with_an_empty_redis(redis_db, round_):
    assert redis_db.dbsize() == 0

    redis_db.set("left behind", round_)


def test_djangos_cache_lives_in_the_redis_database_of_this_worker(redis_db):
    from django.core.cache import cache

    cache.set("a", 1)

    assert redis_db.dbsize() == 1


@pytest.mark.parametrize("address", [("93.184.215.14", 80), ("example.org", 443)])
def test_a_test_that_reaches_for_the_network_fails(address):
    with socket.socket() as sock, pytest.raises(pytest_plugin.NetworkBlocked):
        sock.connect(address)


def test_outside_variables_do_not_reach_the_settings(settings):
    assert settings.ADMIN_API_KEY == "test-admin-key"
    assert settings.SPOTIFY_API_URL.startswith("http://127.0.0.1")
    assert os.environ["VIBE_ENV_FILE"] == os.devnull


@pytest.mark.django_db
def test_the_api_client_carries_the_key_and_the_anonymous_one_does_not(api, anonymous_api):
    assert anonymous_api.get("/api/v1/admin/accounts").status_code == 401
    assert api.get("/api/v1/admin/accounts").status_code != 401


@pytest.mark.parametrize("body,name", [(b"\x1f\x8b\x00", "body-3-bytes"), (b"text", None), ("text", None)])
def test_binary_values_are_named_alike_in_every_worker(body, name):
    assert pytest_plugin.pytest_make_parametrize_id(body, "body") == name
