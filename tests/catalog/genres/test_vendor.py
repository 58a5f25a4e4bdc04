"""One request to a vendor: its pace, its tries, its end."""

from __future__ import annotations

import pytest

from catalog.genres.provider import GenresError
from catalog.genres.vendor import Pause


def get(sandbox, one, judge=lambda answer: None, seconds=60.0):
    return one.ask(
        "GET", f"{sandbox.url}/_sandbox/health", judge=judge, seconds=5, ends_at=one.ends_at(seconds)
    )


def test_the_first_call_waits_for_its_gap_because_another_process_may_have_just_asked(sandbox, vendor, waits):
    one = vendor(gap=1.0)

    get(sandbox, one)
    get(sandbox, one)

    assert waits == [pytest.approx(1.0, abs=0.3)] * 2


def test_a_judge_that_wants_a_pause_has_the_question_again_four_times_at_most(sandbox, vendor, waits):
    with pytest.raises(GenresError, match="does not answer \\(it is busy\\)"):
        get(sandbox, vendor(), judge=lambda answer: Pause(3.0, "it is busy"))

    assert waits == [3.0, 3.0, 4.0]


def test_a_pause_that_is_too_long_to_wait_for_ends_the_call(sandbox, vendor, waits):
    with pytest.raises(GenresError) as caught:
        get(sandbox, vendor(), judge=lambda answer: Pause(3600.0, "it asks for a pause"), seconds=9000.0)

    assert (waits, caught.value.seconds) == ([], 3600.0)


def test_a_pause_beyond_the_end_of_the_lookup_ends_the_call(sandbox, vendor, waits):
    with pytest.raises(GenresError):
        get(sandbox, vendor(), judge=lambda answer: Pause(9.0, "it is busy"), seconds=5.0)

    assert waits == []


def test_nobody_there_is_a_failure_for_now(sandbox, vendor):
    one = vendor()

    with pytest.raises(GenresError, match="ConnectionError") as caught:
        one.ask("GET", "http://127.0.0.1:9/", judge=lambda answer: None, seconds=5, ends_at=one.ends_at(60))

    assert not caught.value.permanent
