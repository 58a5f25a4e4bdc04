"""One policy that fails or takes too long holds its own playlists; the rest of the network goes on."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from curation import engine
from curation.engine import isolation
from curation.policy import condition_sql, language
from tests.curation import catalogue
from tests.curation.catalogue import TODAY

pytestmark = pytest.mark.django_db

SOUND = catalogue.document(limits={"per_artist": None, "per_album": None})
SLOW = catalogue.document(where={"field": "label", "op": "ne", "value": "x", "missing": "include"})
BROKEN = catalogue.document(where={"field": "isrc", "op": "ne", "value": "x", "missing": "include"})
PARSED = {1: language.parse(SOUND), 2: language.parse(SLOW), 3: language.parse(BROKEN)}


@pytest.fixture(autouse=True)
def faults(monkeypatch):
    """A field that takes a tenth of a second a track, and one that PostgreSQL can not work out."""
    catalogue.fill(40)
    monkeypatch.setitem(
        condition_sql._COLUMNS, "label", "(SELECT 'x' || pg_sleep(0.1 + 0 * tracks.id)::text)"
    )
    monkeypatch.setitem(condition_sql._COLUMNS, "isrc", "(1 / (tracks.id - tracks.id))::text")
    monkeypatch.setattr(isolation, "PASS_SECONDS", 1.0)
    monkeypatch.setattr(isolation, "LEAST_SECONDS", 0.5)


def timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def day(*policies):
    wanted = [catalogue.demand(number, PARSED_BODY[number], policy_id=number) for number in policies]
    return engine.build_day(wanted, usage=engine.Usage(), today=TODAY, count=10, gap_days=1)


PARSED_BODY = {1: SOUND, 2: SLOW, 3: BROKEN}


def test_a_policy_whose_sql_fails_holds_its_own_playlists_alone():
    result = day(1, 3)

    assert set(result.lists) == {1}
    assert len(result.lists[1].entries) == 10
    assert "division by zero" in result.short[3].sentence
    assert (result.short[3].found, result.short[3].needed) == (0, 10)


def test_a_policy_that_takes_longer_than_its_share_holds_its_own_playlists_alone():
    result = day(1, 2)

    assert set(result.lists) == {1}
    assert "takes more than 0.5 seconds to answer" in result.short[2].sentence


def test_several_bad_policies_are_all_found():
    result = day(1, 2, 3)

    assert (set(result.lists), set(result.short)) == ({1}, {2, 3})


def test_a_day_of_bad_policies_alone_has_no_list():
    result = day(2, 3)

    assert (set(result.lists), set(result.short)) == (set(), {2, 3})


def test_sound_policies_are_asked_in_one_pass():
    calls = []

    answer, failing = isolation.ask({1: PARSED[1]}, lambda sound: calls.append(set(sound)), today=TODAY)

    assert (answer, failing, calls) == (None, {}, [{1}])


def test_the_time_that_was_set_before_is_set_again():
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '77s'")

    isolation.ask({1: PARSED[1]}, lambda sound: timeout(), today=TODAY)
    day(1, 2, 3)

    assert timeout() == "77s"


@pytest.mark.parametrize(
    "error", [OperationalError("server closed the connection"), InterfaceError("closed")]
)
def test_a_database_that_is_gone_is_no_policys_fault(error):
    def work(sound):
        raise error

    with pytest.raises((DatabaseError, InterfaceError)):
        isolation.ask({1: PARSED[1]}, work, today=TODAY)


def test_planning_leaves_out_what_can_not_be_answered():
    order, found = engine.classes(PARSED, today=TODAY)

    assert (order, sum(found.values())) == ([1], 40)
