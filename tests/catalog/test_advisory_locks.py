"""Only so many workers at once, and a place is free again at the end."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from catalog import advisory_locks


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
