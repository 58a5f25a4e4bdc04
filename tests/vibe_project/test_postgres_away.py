"""Without PostgreSQL, gone or frozen, every answer is a 503 in five seconds; /readyz says so in three."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import OperationalError, close_old_connections, connection

from tests.vibe_project import away
from vibe_project import health

pytestmark = pytest.mark.django_db(transaction=True)
API = ["public/playlists", "ingest/status", "manager/plan", "public/accounts", "public/playlists/x/tracks"]
PAGES = ["/playlists/", "/v/" + "A" * 22, "/metrics", "/admin/"]
FROZEN_BEFORE, FROZEN_MEANWHILE = "frozen before the connection", "frozen under the connection"


@pytest.fixture
def door(settings) -> Iterator[away.Proxy]:
    """The suite's own PostgreSQL through a door that can be shut, with the web process's patience."""
    before = {**connection.settings_dict, "OPTIONS": {**connection.settings_dict["OPTIONS"]}}
    opened = away.Proxy(before["HOST"], int(before["PORT"]))
    connection.close()
    waits: dict[str, float] = {}
    try:
        from vibe_project.postgresql import options

        waits = options.WEB_WAITS
    except ImportError:
        pass
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": opened.port}
    connection.settings_dict["OPTIONS"] |= waits
    try:
        connection.ensure_connection()
        yield opened
    finally:
        opened.shut()
        connection.close()
        connection.settings_dict |= before


@pytest.fixture(params=[away.GONE, FROZEN_BEFORE, FROZEN_MEANWHILE])
def outage(request, door) -> away.Proxy:
    if request.param == FROZEN_BEFORE:
        connection.close()
    door.shut() if request.param == away.GONE else door.freeze()
    return door


@pytest.fixture
def console(client, django_user_model, door):
    """An operator who was logged in before."""
    client.force_login(django_user_model.objects.create_superuser("op", password="x"))
    client.raise_request_exception = False
    return client


def timed(ask, *args):
    began = time.monotonic()
    answer = ask(*args)
    return answer, time.monotonic() - began


def test_the_api_answers_problems_and_says_when_to_come_back(outage, api):
    api.raise_request_exception = False

    for path in API:
        answer, took = timed(api.get, f"/api/v1/{path}")

        assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json"), path
        assert int(answer["Retry-After"]) > 0
        assert answer.json()["status"] == 503
        assert took < 5


def test_pages_say_that_the_database_is_away(console, outage):
    for path in PAGES:
        answer, took = timed(console.get, path)

        assert (answer.status_code, answer["Retry-After"]) == (503, "5"), path
        assert "database does not answer" in answer.content.decode()
        assert took < 5


def test_an_outage_is_a_line_for_each_request_and_no_traceback(outage, api, caplog):
    api.raise_request_exception = False

    for _ in range(3):
        api.get("/api/v1/public/playlists")

    told = [record for record in caplog.records if record.name == "vibe_project.failures"]
    assert len(told) == 3
    assert not [record for record in caplog.records if record.exc_info]


def test_the_first_request_after_an_outage_is_answered(door, api):
    api.raise_request_exception = False
    door.freeze()
    assert api.get("/api/v1/public/playlists").status_code == 503

    door.thaw()
    time.sleep(1.1)  # as long as the server is left alone
    close_old_connections()  # as before every request, save the test client's

    assert api.get("/api/v1/public/playlists").status_code == 200


def test_a_slow_statement_of_a_server_that_answers_is_waited_for(door):
    connection.close()
    connection.settings_dict["OPTIONS"]["patience"] = 0.2

    with connection.cursor() as cursor:
        cursor.execute("SELECT 7 FROM pg_sleep(1)")
        assert cursor.fetchone() == (7,)


def test_who_comes_while_the_server_is_known_not_to_answer_does_not_wait(door):
    connection.close()
    door.freeze()
    with pytest.raises(OperationalError):
        connection.ensure_connection()

    began = time.monotonic()
    with pytest.raises(OperationalError, match="left alone"):
        connection.ensure_connection()
    assert time.monotonic() - began < 0.5


def test_readiness_is_told_in_three_seconds_whatever_hangs(outage, client, settings):
    with away.port(away.FROZEN) as port:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"

        answer, took = timed(client.get, "/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "down", "postgresql": "down", "redis": "down"}
    assert took < 3


def test_health_is_told_without_asking_anybody(outage, client):
    answer, took = timed(client.get, "/healthz")

    assert (answer.status_code, took < 0.5) == (200, True)


def test_an_answer_that_never_comes_is_not_waited_for():
    def hang() -> None:
        time.sleep(health.DEADLINE_SECONDS + 1)

    def refuse() -> None:
        raise psycopg.OperationalError

    answers, took = timed(health.answers_of, {"a": hang, "b": hang, "c": lambda: None, "d": refuse})

    assert answers == {"a": False, "b": False, "c": True, "d": False}
    assert took < 3
