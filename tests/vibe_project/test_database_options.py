"""What stands in DATABASE_URL is kept, and ours is added; the web process waits less than the others."""

from __future__ import annotations

import environ
import pytest
from django.db import connection

from vibe_project.postgresql import driver, options


def read(url: str, *, is_web: bool = False) -> dict:
    return options.database(environ.Env.db_url_config(url), is_web=is_web, conn_max_age=60)


def test_the_operators_own_options_come_last_so_that_they_win():
    found = read(
        "postgres://u:p@h/d?options=-c%20search_path%3Dmine%20-c%20lock_timeout%3D9s&sslmode=require"
    )

    assert found["OPTIONS"]["sslmode"] == "require"
    assert "lock_timeout=5s" in found["OPTIONS"]["options"]
    assert found["OPTIONS"]["options"].endswith("-c search_path=mine -c lock_timeout=9s")


def test_the_operators_own_waits_replace_ours():
    found = read("postgres://u:p@h/d?connect_timeout=7&tcp_user_timeout=1&conn_max_age=5", is_web=True)

    assert (found["OPTIONS"]["connect_timeout"], found["OPTIONS"]["tcp_user_timeout"]) == (7, 1)
    assert found["CONN_MAX_AGE"] == 5


def test_only_the_web_process_has_its_statements_ended():
    assert "statement_timeout=30s" in read("postgres://u@h/d", is_web=True)["OPTIONS"]["options"]
    assert "statement_timeout" not in read("postgres://u@h/d")["OPTIONS"]["options"]


def test_in_the_web_process_looking_and_connecting_take_less_than_five_seconds():
    assert options.WEB_WAITS["patience"] + options.WEB_WAITS["connect_timeout"] < 4


@pytest.mark.parametrize("wish", ["true", "1"])
def test_a_pool_makes_our_connections_and_keeps_none_for_the_thread(wish):
    found = read(f"postgres://u@h/d?pool={wish}")

    assert found["OPTIONS"]["pool"]["connection_class"] is driver.Watched
    assert found["CONN_MAX_AGE"] == 0


@pytest.mark.django_db
def test_the_server_has_understood_them():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("5s", "0")
