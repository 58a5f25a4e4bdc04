"""What becomes of an album after an error, as a table."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from accounts.spotify import errors
from catalog.ingest import error_policy

NOW = dt.datetime(2026, 11, 25, 3, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=4)


def fate(error: errors.SpotifyError, attempts: int = 1) -> error_policy.SourceDecision:
    return error_policy.after(error, attempts=attempts, now=NOW, rng=random.Random(1))


@pytest.mark.parametrize(
    "error, attempts, is_failed, counts, stops",
    [
        (errors.NotFound("gone"), 1, True, True, False),
        (errors.BadRequest("bad id"), 1, True, True, False),
        (errors.Unavailable("503"), 1, False, True, False),
        (errors.Unavailable("503"), 6, True, True, False),
        (errors.BadAnswer("html"), 5, False, True, False),
        (errors.BadAnswer("html"), 6, True, True, False),
        (errors.Blocked(LATER, reason="quota", bucket="catalogue"), 6, False, False, True),
        (errors.Blocked(LATER, reason="a long line", bucket="pace"), 6, False, False, True),
        (errors.NeedsReauth("log in"), 6, False, False, True),
        (errors.Forbidden("premium", reason="owner"), 6, False, False, True),
        (errors.Forbidden("forbidden", reason="unknown"), 1, False, True, False),
        (errors.Forbidden("forbidden", reason="unknown"), 6, True, True, False),
        (errors.CapabilityMissing("no", capability="album"), 6, False, False, True),
    ],
)
def test_an_error_has_its_fate(error, attempts, is_failed, counts, stops):
    found = fate(error, attempts)

    assert (found.not_before is None, found.counts, found.stops) == (is_failed, counts, stops)
    assert found.reason


def test_a_block_is_waited_out_to_the_moment():
    assert fate(errors.Blocked(LATER, reason="quota", bucket="catalogue")).not_before == LATER


@pytest.mark.parametrize("attempts", range(1, 60))
def test_the_wait_grows_to_a_quarter_of_an_hour_at_most(attempts):
    wait = error_policy.backoff(attempts, random.Random(attempts))

    assert dt.timedelta(seconds=1) <= wait <= error_policy.LONGEST_WAIT
