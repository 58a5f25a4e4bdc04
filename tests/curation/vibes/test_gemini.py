"""Gemini through the sandbox's played one: good answers, every way to fail, and what is never sent."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.vibes import gemini
from sandbox import gemini as played

pytestmark = pytest.mark.sandbox(albums=3)
ANSWER = {"title": "Night Drive", "energy_min": 0.4}


@pytest.fixture
def service(sandbox: Any, settings: Any) -> Any:
    settings.GEMINI_API_KEY = "test-key"
    return sandbox


def answer_with(service: Any, body: Any, *, status: int = 200) -> None:
    service.faults.add("status", path="/gemini/", status=status, body=body)


def calls(service: Any) -> int:
    return sum("generateContent" in call.path for call in service.calls)


def test_a_sentence_comes_back_as_an_answer(service: Any) -> None:
    answer = gemini.read("happy 80s disco, no vocals, nothing explicit")

    assert (answer.instrumental, answer.decades) == (True, [1980])
    assert answer.valence_min is not None


def test_the_smallest_real_answer_is_taken(service: Any) -> None:
    answer_with(service, played.reply(json.dumps(ANSWER)))

    assert gemini.read("night drive").energy_min == 0.4


def test_nothing_is_sent_without_a_key(service: Any, settings: Any) -> None:
    settings.GEMINI_API_KEY = ""

    with pytest.raises(gemini.NotConfigured):
        gemini.read("anything")
    assert calls(service) == 0


FAILURES = [
    ("overloaded", played.OVERLOADED, 503, gemini.Unreachable),
    ("over quota", played.QUOTA, 429, gemini.OverQuota),
    (
        "bad key",
        {"error": {"code": 400, "message": "API key not valid.", "status": "X"}},
        400,
        gemini.RequestRefused,
    ),
    ("blocked", played.BLOCKED, 200, gemini.Blocked),
    ("cut short", played.MAX_TOKENS, 200, gemini.BadAnswer),
    ("half a JSON", played.reply('{"title": "Night'), 200, gemini.BadAnswer),
    ("wrong type", played.reply('{"title": "x", "energy_min": "loud"}'), 200, gemini.BadAnswer),
    ("out of range", played.reply('{"title": "x", "energy_min": 7}'), 200, gemini.BadAnswer),
    ("upside down", played.reply('{"title": "x", "tempo_min": 150, "tempo_max": 90}'), 200, gemini.BadAnswer),
    ("no title", played.reply('{"energy_min": 0.4}'), 200, gemini.BadAnswer),
    ("a list", played.reply("[]"), 200, gemini.BadAnswer),
    ("nothing", {}, 200, gemini.BadAnswer),
]


@pytest.mark.parametrize(("name", "body", "status", "error"), FAILURES, ids=[case[0] for case in FAILURES])
def test_each_failure_has_its_error(service: Any, name: str, body: Any, status: int, error: type) -> None:
    answer_with(service, body, status=status)

    with pytest.raises(error) as caught:
        gemini.read("night drive")
    assert "test-key" not in str(caught.value)


@pytest.mark.parametrize("fault", ["cut", "truncate", "html", "empty"])
def test_a_broken_connection_is_a_gemini_error_too(service: Any, fault: str) -> None:
    service.faults.add(fault, path="/gemini/")

    with pytest.raises((gemini.Unreachable, gemini.BadAnswer)):
        gemini.read("night drive")


def test_nobody_listening_is_unreachable(service: Any, settings: Any) -> None:
    settings.GEMINI_API_URL = "http://127.0.0.1:9"

    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")


def test_a_slow_answer_is_given_up(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "HTTP_TIMEOUT_MS", 300)
    service.faults.add("slow", path="/gemini/", seconds=2.0)

    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")


def test_a_call_longer_than_the_deadline_is_left_alone(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "DEADLINE_S", 0.05)
    service.faults.add("slow", path="/gemini/", seconds=0.6)

    with pytest.raises(gemini.Unreachable, match="in time"):
        gemini.read("night drive")


@pytest.mark.parametrize("part", ["body", "headers"])
def test_an_answer_that_drips_is_given_up_at_the_deadline(service: Any, monkeypatch: Any, part: str) -> None:
    monkeypatch.setattr(gemini, "DEADLINE_S", 0.6)
    service.faults.add("drip", path="/gemini/", seconds=0.1, key=part)

    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")


def test_a_call_that_drips_does_not_go_on_behind_the_deadline(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "DEADLINE_S", 0.6)
    service.faults.add("drip", path="/gemini/", seconds=0.1)

    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")

    left = [thread for thread in threading.enumerate() if thread.name == "gemini"]
    for thread in left:
        thread.join(timeout=10)
    assert not any(thread.is_alive() for thread in left)  # the whole answer would take half a minute


def test_an_endless_answer_is_not_read_to_its_end(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "MOST_BYTES", 50_000)
    service.faults.add("flood", path="/gemini/", at=200_000)

    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")


def test_after_a_failure_gemini_rests_for_a_minute(service: Any) -> None:
    answer_with(service, played.OVERLOADED, status=503)
    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")

    with pytest.raises(gemini.Resting):
        gemini.read("another")
    assert calls(service) == 1


VENDORS = ("overloaded", "over quota")


@pytest.mark.parametrize(("name", "body", "status", "error"), FAILURES, ids=[case[0] for case in FAILURES])
def test_one_visitors_odd_sentence_makes_it_rest_for_nobody_else(
    service: Any, name: str, body: Any, status: int, error: type
) -> None:
    answer_with(service, body, status=status)
    with pytest.raises(error):
        gemini.read("night drive")

    if name in VENDORS:
        with pytest.raises(gemini.Resting):
            gemini.read("happy songs")
    else:
        assert gemini.read("happy songs").title


@pytest.mark.parametrize("fault", ["cut", "slow"])
def test_a_broken_or_late_connection_makes_it_rest(service: Any, monkeypatch: Any, fault: str) -> None:
    monkeypatch.setattr(gemini, "HTTP_TIMEOUT_MS", 300)
    service.faults.add(fault, path="/gemini/", seconds=2.0)
    with pytest.raises(gemini.Unreachable):
        gemini.read("night drive")

    with pytest.raises(gemini.Resting):
        gemini.read("happy songs")


def test_the_same_sentence_is_asked_once_an_hour(service: Any) -> None:
    first, second = gemini.read("Happy  songs"), gemini.read("happy songs")

    assert first == second
    assert calls(service) == 1


def test_strangers_cannot_spend_without_end(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "CALLS_A_DAY", 2)

    for text in ("happy", "sad"):
        gemini.read(text)
    with pytest.raises(gemini.Resting, match="enough for today"):
        gemini.read("angry")
    assert calls(service) == 2


def test_strangers_at_once_cannot_spend_more_either(service: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(gemini, "CALLS_A_DAY", 5)

    def ask(number: int) -> None:
        with contextlib.suppress(gemini.GeminiError):
            gemini.read(f"sentence {number}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert calls(service) == 5


def test_without_redis_the_call_is_made(service: Any, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }

    assert gemini.read("happy songs").title


@given(st.text(max_size=300))
def test_any_text_for_an_answer_is_an_answer_or_a_bad_one(body: str) -> None:
    with contextlib.suppress(gemini.BadAnswer):
        assert gemini.parse(body).title


def test_genres_come_back_short_and_clean() -> None:
    answer = gemini.parse('{"title": "x", "genres": [" Indie  Rock ", ""], "decades": [1984, 1980]}')

    assert (answer.genres, answer.decades) == (["indie rock"], [1980])
