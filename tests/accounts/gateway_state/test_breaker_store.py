"""The breaker's rows."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.gateway_state import breaker_store
from accounts.models import Circuit
from accounts.spotify import errors

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def later(seconds):
    return NOW + dt.timedelta(seconds=seconds)


def stored():
    return breaker_store.StoredCircuits("app")


def test_a_block_is_seen_by_other_processes_and_survives_restarts():
    stored().block("catalogue", seconds=14_400, reason="quota", now=NOW)

    with pytest.raises(errors.Blocked, match="quota") as caught:
        stored().check("catalogue", now=later(1))

    assert (caught.value.until, caught.value.bucket) == (later(14_400), "catalogue")


def test_a_block_of_one_bucket_leaves_the_others_and_other_apps_alone():
    stored().block("catalogue", seconds=600, reason="quota", now=NOW)

    stored().check("playlist_write", now=NOW)
    breaker_store.StoredCircuits("another").check("catalogue", now=NOW)


def test_one_warning_is_logged_however_many_calls_meet_the_block(caplog):
    for _ in range(8):
        stored().block("app", seconds=14_400, reason="blocked", now=NOW)

    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_failures_of_several_processes_count_together():
    for number in range(5):
        stored().failed("catalogue", target=str(number), now=NOW)

    with pytest.raises(errors.Blocked):
        stored().check("catalogue", now=NOW)


def test_exactly_one_caller_probes():
    stored().block("catalogue", seconds=600, reason="", now=NOW)
    probes, blocked = 0, 0
    for _ in range(8):
        try:
            probes += stored().admit("catalogue", now=later(600))
        except errors.Blocked:
            blocked += 1

    assert (probes, blocked) == (1, 7)


def test_a_caller_that_still_believes_in_the_old_state_does_not_probe_again():
    stored().block("catalogue", seconds=600, reason="", now=NOW)
    one, other = stored(), stored()
    other.record = other._state("catalogue", later(600))
    one.admit("catalogue", now=later(600))

    with pytest.raises(errors.Blocked):
        other.admit("catalogue", now=later(600))


def test_a_good_probe_closes_it_for_all():
    stored().block("catalogue", seconds=600, reason="", now=NOW)
    prober = stored()
    prober.admit("catalogue", now=later(600))
    prober.succeeded("catalogue", now=later(601))

    stored().check("catalogue", now=later(602))
    assert Circuit.objects.get().state == "closed"


def test_an_operator_can_close_it():
    stored().block("catalogue", seconds=86_400, reason="quota", now=NOW)

    breaker_store.close(Circuit.objects.get(), by="anna")

    stored().check("catalogue", now=later(1))


def test_a_closed_circuit_costs_one_query_a_second(django_assert_num_queries):
    known = stored()
    with django_assert_num_queries(1):
        for step in range(20):
            known.check("catalogue", now=later(step / 25))
            known.admit("catalogue", now=later(step / 25))
            known.succeeded("catalogue", now=later(step / 25))
