"""A server that let somebody wait is left alone; then one caller finds out for all whether it is back."""

from __future__ import annotations

import threading

import pytest

from accounts.outages import Outage


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outage(clock) -> Outage:
    return Outage("Redis", rest_seconds=5, clock=clock)


def in_another_thread(outage: Outage) -> bool:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(outage.is_on()))
    thread.start()
    thread.join()
    return found[0]


def test_a_server_that_answers_is_asked(outage):
    assert not outage.is_on()


def test_who_let_somebody_wait_is_left_alone(outage, clock):
    outage.began(TimeoutError(), waited=True)

    clock.now += 4.9
    assert outage.is_on()


def test_after_the_rest_one_caller_asks_and_the_others_do_not_wait_for_it(outage, clock):
    outage.began(TimeoutError(), waited=True)
    clock.now += 5.1

    assert not outage.is_on()
    assert not outage.is_on()  # the same caller: connecting and asking are two steps
    assert in_another_thread(outage)
    outage.ended()
    assert not in_another_thread(outage)


def test_a_caller_who_never_tells_hinders_the_others_for_one_rest_only(outage, clock):
    outage.began(TimeoutError(), waited=True)
    clock.now += 5.1
    assert not outage.is_on()

    clock.now += 5.1
    assert not in_another_thread(outage)


def test_a_server_that_refuses_at_once_is_asked_again_at_once(outage):
    outage.began(ConnectionRefusedError(), waited=False)

    assert not outage.is_on()


def test_one_outage_is_one_warning_and_one_word_of_its_end(outage, caplog):
    for _ in range(3):
        outage.began(TimeoutError("secret"), waited=True)
    outage.ended()
    outage.ended()

    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away: TimeoutError",
        "Redis answers again",
    ]
