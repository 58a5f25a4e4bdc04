"""One whole answer or none: vendors that drip, flood and squeeze, over real sockets."""

from __future__ import annotations

import gzip
import time

import pytest
import requests

from accounts.spotify import client, deadline, oauth
from accounts.spotify.retry import Failure

DRIP = 0.02  # a byte this often is far within any read timeout
SECONDS = 0.4


def ask(sandbox, method="GET", path="/v1/me", **limits):
    session = deadline.plain_session("test")
    limits = {"seconds": 5.0, "timeout": (2.0, 5.0), **limits}
    return deadline.request(session, method, f"{sandbox.url}{path}", **limits)


@pytest.mark.parametrize("part", ["body", "headers"])
def test_an_answer_that_drips_is_given_up_at_the_deadline(sandbox, part):
    sandbox.faults.add("drip", path="/v1/me", seconds=DRIP, key=part)

    began = time.monotonic()
    with pytest.raises(deadline.TooLate):
        ask(sandbox, seconds=SECONDS)

    # The whole answer would take several seconds; the deadline is kept up to a loaded machine's whims.
    assert time.monotonic() - began < SECONDS + 1.5


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_request_whose_answer_drips_may_have_done_its_work(sandbox, method):
    sandbox.faults.add("drip", path="/v1/me", seconds=DRIP)

    with pytest.raises(client.WireError, match="TooLate") as caught:
        client.send(method, f"{sandbox.url}/v1/me", timeout=(2.0, 5.0), seconds=SECONDS)

    assert not caught.value.unsent
    assert caught.value.failed().kind is Failure.BROKEN


def test_a_slow_answer_that_is_whole_in_time_is_taken(sandbox):
    sandbox.faults.add("drip", path="/v1/me", seconds=0.001)

    whole = ask(sandbox, seconds=10.0)

    assert (whole.status, whole.body[:1]) == (401, b"{")


def test_a_body_larger_than_any_honest_one_is_not_read_to_its_end(sandbox):
    sandbox.faults.add("flood", path="/v1/me", at=300_000)

    with pytest.raises(deadline.TooLarge):
        ask(sandbox, most_bytes=200_000)


def test_a_small_body_that_unpacks_to_a_large_one_is_refused_too(sandbox):
    packed = gzip.compress(b"x" * 3_000_000).decode("latin-1")
    sandbox.faults.add("status", path="/v1/me", status=200, text=packed, headers={"Content-Encoding": "gzip"})

    with pytest.raises(requests.RequestException):
        ask(sandbox, most_bytes=200_000)


def test_a_connection_is_used_again_and_an_old_deadline_does_not_cut_it(sandbox):
    session = deadline.plain_session("test")
    url = f"{sandbox.url}/v1/me"
    limits = {"seconds": 0.3, "timeout": (2.0, 5.0)}

    deadline.request(session, "GET", url, **limits)
    sandbox.faults.add("slow", path="/v1/me", seconds=0.5)  # the first one's deadline passes meanwhile
    whole = deadline.request(session, "GET", url, **{**limits, "seconds": 5.0})

    assert whole.status == 401
    adapter = session.get_adapter(url)
    (pool,) = (adapter.poolmanager.pools[key] for key in list(adapter.poolmanager.pools.keys()))
    assert (type(pool), pool.num_connections) == (deadline._PlainPool, 1)


def test_the_next_request_after_a_cut_one_works(sandbox):
    session = deadline.plain_session("test")
    sandbox.faults.add("drip", path="/v1/me", seconds=DRIP)
    with pytest.raises(deadline.TooLate):
        deadline.request(session, "GET", f"{sandbox.url}/v1/me", seconds=SECONDS, timeout=(2.0, 5.0))

    whole = deadline.request(session, "GET", f"{sandbox.url}/v1/me", seconds=5.0, timeout=(2.0, 5.0))

    assert whole.status == 401


def test_https_goes_through_connections_that_can_be_cut_too():
    manager = deadline.Adapter().poolmanager

    assert type(manager.connection_from_url("https://api.spotify.com/v1")) is deadline._SecurePool


def test_a_refresh_is_over_before_others_tire_of_waiting_for_its_row():
    assert oauth.TIMEOUT[0] + oauth.SECONDS <= 15.1  # tokens._wait_for_locks


def test_no_request_outlives_what_a_create_in_doubt_waits_for():
    """A create in doubt is repeated 60 s after its intent, so the first one must be over by then."""
    assert sum((client.WRITE_TIMEOUT[0], client.WRITE_SECONDS)) < 60
