"""What the app learned about endpoints, as rows."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.gateway_state import endpoint_availability, gateways
from accounts.models import Alarm, Capability
from accounts.spotify import errors

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def stored():
    return endpoint_availability.StoredAbilities("app")


def ids_of(sandbox, count):
    return [link.rsplit("/", 1)[1].split("?")[0] for link in sandbox.album_links(count)]


def test_refusals_of_several_processes_count_together_and_repeats_do_not():
    for value in ("a", "b", "a"):
        record = stored().missed("album", [value], now=NOW)

    assert record.missed_ids == ("a", "b")


def test_a_success_empties_the_row_of_refusals():
    stored().missed("album", ["a"], now=NOW)
    stored().worked("album", "b", now=NOW)

    record = stored().record("album", now=NOW)
    assert (record.missed_ids, record.last_good_id) == ((), "b")


def test_switching_off_raises_one_alarm_and_success_clears_it():
    for _ in range(3):
        stored().switch_off("album", reason="404: gone", now=NOW)

    assert Alarm.objects.get().times == 3
    assert not Capability.objects.get().available
    stored().worked("album", "a", now=NOW + dt.timedelta(days=1))
    assert not Alarm.objects.filter(cleared_at=None).exists()


def test_success_after_success_writes_nothing(django_assert_num_queries):
    known = stored()
    known.worked("album", "a", now=NOW)

    with django_assert_num_queries(0):
        known.worked("album", "b", now=NOW)


@pytest.mark.extended
def test_an_app_that_turns_out_to_be_in_development_mode_reads_one_by_one(sandbox):
    sandbox.faults.add(
        do="status",
        method="GET",
        path=r"/v1/albums/?$",
        status=403,
        times=0,
        body={"error": {"status": 403, "message": "Forbidden"}},
    )
    gateway = gateways.for_app()
    wanted = ids_of(sandbox, 20)

    found = gateway.albums(wanted)

    assert [album.spotify_id for album in found] == wanted
    assert gateway.albums_per_call == 1
    assert Alarm.objects.filter(kind="capability_off", subject="batch_albums").count() == 1


@pytest.mark.sandbox(mode="development")
def test_an_endpoint_gone_for_all_albums_is_one_alarm_and_no_failed_albums(sandbox):
    sandbox.faults.add(
        do="status",
        path=r"/v1/albums/\w+",
        status=404,
        times=0,
        body={"error": {"status": 404, "message": "Not found"}},
    )
    gateway = gateways.for_app()
    wanted = ids_of(sandbox, 25)
    outcomes = []
    for value in wanted:
        try:
            outcomes.append(gateway.albums([value])[0])
        except errors.CapabilityMissing as error:
            outcomes.append(error.capability)

    assert outcomes[:19] == [None] * 19
    assert set(outcomes[19:]) == {"album"}
    assert Alarm.objects.count() == 1
