"""The retry decision as a table."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spotify import retry
from accounts.spotify.retry import Failure, Later, Stop, Wait

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


class Highest(random.Random):
    """Dice that always show the most."""

    def uniform(self, a: float, b: float) -> float:
        return b


def decide(attempt, failure, *, kind="read", retry_after=None):
    return retry.decide(
        attempt=attempt,
        failure=failure,
        repeatable=kind != "create",
        writes=kind != "read",
        retry_after=retry_after,
        rng=Highest(),
    )


@pytest.mark.parametrize(
    "attempt, failure, kind, retry_after, expected",
    [
        (1, Failure.BROKEN, "read", None, Wait(0.5)),
        (2, Failure.BROKEN, "read", None, Wait(1.0)),
        (4, Failure.BROKEN, "read", None, Wait(4.0)),
        (5, Failure.BROKEN, "read", None, Wait(5.0)),
        (6, Failure.BROKEN, "read", None, Stop()),
        (2, Failure.BROKEN, "put", None, Wait(1.0)),
        (3, Failure.BROKEN, "put", None, Stop()),
        (1, Failure.BROKEN, "create", None, Stop()),
        (1, Failure.UNSENT, "create", None, Wait(0.5)),
        (6, Failure.UNSENT, "create", None, Stop()),
        (1, Failure.THROTTLED, "create", 2.0, Wait(2.5)),
        (1, Failure.THROTTLED, "read", 5.0, Wait(5.5)),
        (1, Failure.THROTTLED, "read", 5.1, Later(5.1)),
        (1, Failure.THROTTLED, "read", 14_400.0, Later(14_400.0)),
        (1, Failure.THROTTLED, "read", 1e10, Later(86_400.0)),
        (3, Failure.THROTTLED, "read", None, Wait(2.0)),
        (6, Failure.THROTTLED, "read", None, Later(30.0)),
        (6, Failure.THROTTLED, "read", 2.0, Later(2.0)),
    ],
)
def test_the_decision(attempt, failure, kind, retry_after, expected):
    assert decide(attempt, failure, kind=kind, retry_after=retry_after) == expected


@given(
    attempt=st.integers(1, 6),
    seconds=st.floats(0, 1e6),
    seed=st.integers(),
    kind=st.sampled_from(["read", "put", "create"]),
)
def test_nobody_comes_back_earlier_than_spotify_said(attempt, seconds, seed, kind):
    decision = retry.decide(
        attempt=attempt,
        failure=Failure.THROTTLED,
        repeatable=kind != "create",
        writes=kind != "read",
        retry_after=seconds,
        rng=random.Random(seed),
    )

    assert not isinstance(decision, Stop)
    assert decision.seconds >= min(seconds, retry.MAX_RETRY_AFTER_SECONDS)


@given(attempt=st.integers(1, 6), seed=st.integers())
def test_a_worker_never_sleeps_longer_than_a_few_seconds(attempt, seed):
    decision = retry.decide(
        attempt=attempt,
        failure=Failure.BROKEN,
        repeatable=True,
        writes=False,
        retry_after=None,
        rng=random.Random(seed),
    )

    assert isinstance(decision, Stop) or 0 <= decision.seconds <= retry.MAX_IN_PLACE_SECONDS


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("3", 3.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("10000000000", 86_400.0),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", None),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_the_header_is_read_as_a_number_or_a_date_or_not_at_all(header, seconds):
    assert retry.retry_after_seconds(header, now=NOW) == seconds


@given(st.text())
def test_no_header_breaks_the_reader(header):
    seconds = retry.retry_after_seconds(header, now=NOW)

    assert seconds is None or 0 <= seconds <= retry.MAX_RETRY_AFTER_SECONDS
