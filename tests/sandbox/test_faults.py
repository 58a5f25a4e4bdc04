"""Scripted faults: each kind does what it says, to the request it names, as often as it was told."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from sandbox import server
from sandbox.faults import KINDS
from tests.sandbox import callers


@pytest.fixture
def caller(sandbox):
    return callers.user(sandbox)


def statuses(caller, count, path="/me"):
    return [caller.get(path).status_code for _ in range(count)]


def test_a_fault_fires_once_unless_told_otherwise(sandbox, caller):
    sandbox.faults.add("status", status=503)

    assert statuses(caller, 3) == [503, 200, 200]


def test_a_fault_fires_so_many_times_or_without_end(sandbox, caller):
    sandbox.faults.add("status", status=503, times=2)
    assert statuses(caller, 3) == [503, 503, 200]

    sandbox.faults.add("status", status=500, times=0)
    assert statuses(caller, 5) == [500] * 5


def test_a_fault_can_wait_for_the_nth_request(sandbox, caller):
    sandbox.faults.add("status", status=500, nth=3)

    assert statuses(caller, 4) == [200, 200, 500, 200]


def test_a_fault_meets_only_the_method_path_and_user_it_names(sandbox, caller):
    other = callers.user(sandbox)
    sandbox.faults.add("status", method="GET", path="/me/playlists$", user="sandbox-02", status=500, times=0)

    assert statuses(other, 1) == [200]
    assert caller.get("/me/playlists").status_code == 200
    assert other.get("/me/playlists").status_code == 500
    assert other.post("/me/playlists", json={"name": "x"}).status_code == 201


def test_by_probability_the_same_seed_breaks_the_same_requests(sandbox, caller):
    runs = []
    for _ in range(2):
        sandbox.faults.clear()
        sandbox.faults.add("status", status=500, probability=0.3, seed=5)
        runs.append(statuses(caller, 40))

    assert runs[0] == runs[1]
    assert 4 < runs[0].count(500) < 25


def test_the_first_fault_added_wins_until_it_is_used_up(sandbox, caller):
    sandbox.faults.add("status", status=500)
    sandbox.faults.add("status", status=503)

    assert statuses(caller, 3) == [500, 503, 200]


def test_a_throttle_names_its_wait_or_does_not(sandbox, caller):
    sandbox.faults.add("throttle", retry_after=7)
    sandbox.faults.add("throttle", retry_after=None)
    named, silent = caller.get("/me"), caller.get("/me")

    assert (named.status_code, named.headers["Retry-After"]) == (429, "7")
    assert (silent.status_code, silent.headers.get("Retry-After")) == (429, None)


def test_a_status_comes_with_any_body_text_or_header(sandbox, caller):
    sandbox.faults.add("status", status=418, text="short and stout", headers={"X-Pot": "tea"})
    sandbox.faults.add("status", status=200, body={"albums": "none"})
    pot, wrong = caller.get("/me"), caller.get("/albums")

    assert (pot.status_code, pot.text, pot.headers["X-Pot"]) == (418, "short and stout", "tea")
    assert wrong.json() == {"albums": "none"}


def test_html_and_nothing_at_all_come_as_200(sandbox, caller):
    sandbox.faults.add("html")
    sandbox.faults.add("empty")
    page, nothing = caller.get("/me"), caller.get("/me")

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (nothing.status_code, nothing.content) == (200, b"")


def test_a_connection_cut_before_leaves_nothing_done(sandbox, caller):
    sandbox.faults.add("cut", method="POST")
    with pytest.raises(requests.ConnectionError):
        caller.post("/me/playlists", json={"name": "x"})

    assert sandbox.world.playlists == []


def test_a_connection_cut_after_leaves_it_done_and_the_answer_lost(sandbox, caller):
    sandbox.faults.add("cut", method="POST", when="after")
    with pytest.raises(requests.ConnectionError):
        caller.post("/me/playlists", json={"name": "x"})

    assert [playlist.name for playlist in sandbox.world.playlists] == ["x"]


def test_a_server_error_can_come_after_the_effect(sandbox, caller):
    sandbox.faults.add("status", method="POST", when="after", status=502)

    assert caller.post("/me/playlists", json={"name": "x"}).status_code == 502
    assert len(sandbox.world.playlists) == 1


@pytest.mark.parametrize("at", [0, 1, None])
def test_a_truncated_body_ends_in_the_middle(sandbox, caller, at):
    sandbox.faults.add("truncate", at=at)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        caller.get("/me")

    assert caller.get("/me").status_code == 200


def test_values_get_the_wrong_type_and_slots_become_null(sandbox, caller):
    album = sandbox.world.catalogue.album_id(3)
    sandbox.faults.add("retype", key="name", value=5)
    sandbox.faults.add("nulls", slots=[0, 2])
    wrong = caller.get(f"/albums/{album}").json()
    holed = caller.get(f"/albums/{album}/tracks").json()

    assert wrong["name"] == 5
    assert wrong["tracks"]["items"][0]["name"] == 5
    assert [row is None for row in holed["items"][:4]] == [True, False, True, False]


def test_a_slow_answer_is_slow(sandbox, caller):
    sandbox.faults.add("slow", seconds=0.2)
    before = time.monotonic()

    assert caller.get("/me").status_code == 200
    assert time.monotonic() - before >= 0.2


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_a_request_is_held_at_its_barrier_until_it_is_released(sandbox, caller, when, made):
    sandbox.faults.add("hold", name="gate", method="POST", when=when)
    answers = []
    held = threading.Thread(target=lambda: answers.append(caller.post("/me/playlists", json={"name": "x"})))
    held.start()

    assert sandbox.faults.wait_until_held("gate", timeout=5)
    assert len(sandbox.world.playlists) == made
    assert sandbox.faults.release("gate") == 1
    held.join(timeout=5)
    assert answers[0].status_code == 201


def test_clearing_lets_go_whoever_is_held(sandbox, caller):
    sandbox.faults.add("hold", name="gate")
    held = threading.Thread(target=lambda: caller.get("/me"))
    held.start()
    sandbox.faults.wait_until_held("gate", timeout=5)
    sandbox.faults.clear()
    held.join(timeout=5)

    assert not held.is_alive()


def test_the_accounts_service_reccobeats_and_gemini_break_too(sandbox):
    sandbox.faults.add("status", path="^/accounts/api/token", status=503, text="upstream connect error")
    sandbox.faults.add("status", path="^/reccobeats", status=500)
    sandbox.faults.add("throttle", path="^/gemini")

    assert callers.token(sandbox, grant_type="client_credentials").text == "upstream connect error"
    assert requests.get(f"{sandbox.reccobeats_url}/audio-features", timeout=5).status_code == 500
    assert requests.post(f"{sandbox.gemini_url}/v1/models/m:generateContent", timeout=5).status_code == 429


def test_faults_are_added_listed_and_cleared_over_http(sandbox, caller):
    url = f"{sandbox.url}/_sandbox/faults"
    added = requests.post(
        url, json=[{"do": "status", "status": 500}, {"do": "quota", "retry_after": 9}], timeout=5
    )
    listed = requests.get(url, timeout=5).json()

    assert added.status_code == 201
    assert [fault["do"] for fault in listed["faults"]] == ["status", "quota"]
    assert listed["kinds"].keys() == KINDS.keys()
    assert caller.get("/me").status_code == 500
    requests.delete(url, timeout=5)
    assert caller.get("/me").status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"do": "sing"},
        {"do": "status", "colour": "red"},
        {"do": "status", "path": "("},
        {"do": "cut", "when": "now"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_reason(sandbox, fault):
    response = requests.post(f"{sandbox.url}/_sandbox/faults", json=fault, timeout=5)

    assert response.status_code == 400
    assert response.json()["error"]


def test_a_barrier_does_not_keep_the_sandbox_from_stopping():
    with server.serve(albums=5) as sandbox:
        sandbox.faults.add("hold", name="gate")
        waiting = threading.Thread(target=lambda: callers.Caller(sandbox, "x").get("/me"))
        waiting.start()
        sandbox.faults.wait_until_held("gate", timeout=5)
        before = time.monotonic()

    assert time.monotonic() - before < 2
    waiting.join(timeout=5)
