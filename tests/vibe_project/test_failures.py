"""Errors that nobody expected: a problem on the API, a page elsewhere, and no details in either."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from psycopg import errors

SECRET = "password=hunter2"


@pytest.fixture
def broken(monkeypatch):
    """Every view that lists playlists fails, and every page of somebody who is logged in."""

    def fail(*args: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("playlists.api.directory.playlists", fail)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", fail)


@pytest.mark.django_db
def test_the_api_answers_a_problem_without_details(broken, anonymous_api):
    anonymous_api.raise_request_exception = False

    answer = anonymous_api.get("/api/v1/public/playlists")

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail", "request_id"}
    assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("path", ["/playlists/", "/admin/"])
def test_pages_say_so_without_asking_the_database(broken, client, django_assert_num_queries, db, path):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32

    with django_assert_num_queries(0):
        answer = client.get(path)

    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "Something broke" in answer.content.decode()
    assert SECRET not in answer.content.decode()


@pytest.mark.django_db
def test_a_statement_that_was_given_up_is_a_503_too(anonymous_api, monkeypatch, caplog):
    anonymous_api.raise_request_exception = False

    def give_up() -> None:
        raise OperationalError(SECRET) from errors.QueryCanceled(SECRET)

    monkeypatch.setattr("playlists.api.directory.playlists", give_up)

    answer = anonymous_api.get("/api/v1/public/playlists")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "OperationalError 57014" in caplog.text
    assert SECRET not in caplog.text + answer.content.decode()
