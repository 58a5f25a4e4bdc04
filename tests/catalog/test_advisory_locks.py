"""Only so many workers at once, and a place is free again at the end; whoever waits too long is told."""

from __future__ import annotations

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from catalog import advisory_locks
from catalog.models import AlbumSource
from tests import second_connection

LINK = "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"


def elsewhere(places: int) -> bool:
    """Whether another connection would get a place now."""
    answers: list[bool] = []

    def ask() -> None:
        with advisory_locks.turn(99, places=places) as has_place:
            answers.append(has_place)
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return answers[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("places, is_free", [(1, False), (2, True)])
def test_a_place_is_held_until_the_end(places, is_free):
    with advisory_locks.turn(99, places=places) as has_place:
        assert has_place
        assert elsewhere(places) is is_free

    assert elsewhere(places)


@pytest.fixture
def taken():
    """Another process stores a long list, and this connection waits for it no longer than a moment."""
    with second_connection.opened() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [advisory_locks.INTAKE])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        yield other
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_does_not_come_is_busy(taken):
    with pytest.raises(advisory_locks.Busy, match="again in a minute"), transaction.atomic():
        advisory_locks.wait_for_turn(advisory_locks.INTAKE)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_is_no_busy_turn(taken):
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    end = threading.Timer(0.3, lambda: taken.execute("SELECT pg_terminate_backend(%s)", [pid]))
    end.start()

    with pytest.raises(OperationalError), transaction.atomic():
        advisory_locks.wait_for_turn(advisory_locks.INTAKE)

    end.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path, body", [("submit", {"urls": [LINK]}), ("submit-one", {"url": LINK})])
def test_the_api_says_when_to_send_links_again_instead_of_failing(taken, api, path, body):
    answer = api.post(f"/api/v1/ingest/albums/{path}", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer["Retry-After"]) > 0
    assert not AlbumSource.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_says_so_too(taken, client):
    page = client.post("/albums", {"url": LINK})

    assert page.status_code == 503
    assert "again in a minute" in page.text


@pytest.mark.django_db(transaction=True)
def test_the_console_says_so_too(taken, admin_client):
    page = admin_client.post("/admin/catalog/batch/add/", {"text": LINK, "priority": 0, "queue": "1"})

    assert "again in a minute" in page.text


@pytest.mark.django_db(transaction=True)
def test_the_command_exits_75(taken):
    with pytest.raises(CommandError) as stop:
        call_command("ingest_albums", LINK)

    assert stop.value.returncode == 75


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("places", [1, 2])
def test_whether_somebody_else_is_at_it_can_be_asked(places):
    assert not advisory_locks.is_taken_elsewhere(98)

    with second_connection.opened() as other:
        other.execute("SELECT pg_advisory_lock(98, %s)", [places - 1])
        assert advisory_locks.is_taken_elsewhere(98)

    with advisory_locks.turn(98):
        assert not advisory_locks.is_taken_elsewhere(98)
