"""The wire: real sockets, and what their breaking means."""

from __future__ import annotations

import pytest

from accounts.spotify import client, responses
from accounts.spotify.retry import Failure


def send(sandbox, path="/v1/me", method="GET", timeout=(2, 5)):
    return client.send(method, f"{sandbox.url}{path}", timeout=timeout)


JUNK = {"do": "status", "status": 200, "text": "no gzip at all", "headers": {"Content-Encoding": "gzip"}}
CUTS = [{"do": "cut"}, {"do": "truncate"}, *({"do": "truncate", "at": at} for at in (0, 1, -1))]


@pytest.mark.parametrize("fault", [*CUTS, JUNK], ids=lambda fault: f"{fault['do']} {fault.get('at', '')}")
def test_a_connection_that_breaks_may_have_done_its_work(sandbox, fault):
    sandbox.faults.add(path="/v1/me", **fault)

    with pytest.raises(client.WireError) as caught:
        send(sandbox)

    assert not caught.value.unsent
    assert caught.value.failed().kind is Failure.BROKEN


def test_an_answer_that_does_not_come_in_time_may_have_done_its_work(sandbox):
    sandbox.faults.add(do="hold", path="/v1/me", name="late")

    with pytest.raises(client.WireError, match="ReadTimeout") as caught:
        send(sandbox, timeout=(2, 0.2))

    assert not caught.value.unsent


def test_a_refused_connection_has_surely_sent_nothing():
    with pytest.raises(client.WireError) as caught:
        client.send("POST", "http://127.0.0.1:9/v1/me/playlists", timeout=(2, 2))

    assert caught.value.unsent


def test_one_request_is_one_request_whatever_comes_back(sandbox):
    sandbox.faults.add(do="status", path="/v1/me", status=503, text="busy", times=0)

    assert send(sandbox).status == 503
    assert len(sandbox.calls) == 1


def test_retry_after_and_the_text_of_a_429_are_kept(sandbox):
    sandbox.faults.add(do="throttle", path="/v1/me", retry_after=7, text="Too many requests")

    answer = send(sandbox)

    assert (answer.status, answer.headers["retry-after"], answer.text) == (429, "7", "Too many requests")


def test_the_session_reads_no_netrc_and_no_proxy_variable_and_repeats_nothing():
    session = client.plain_session()

    assert session.trust_env is False
    assert {adapter.max_retries.total for adapter in session.adapters.values()} == {0}


def test_a_thread_keeps_its_session_and_others_have_their_own():
    import threading

    found = []
    thread = threading.Thread(target=lambda: found.append(client.session()))
    thread.start()
    thread.join()

    assert client.session() is client.session()
    assert found[0] is not client.session()


def test_text_without_a_charset_is_utf_8(sandbox):
    sandbox.faults.add(
        do="status", path="/v1/me", status=200, text='{"n": "é"}', headers={"Content-Type": "text/plain"}
    )

    assert responses.body(send(sandbox)) == {"n": "é"}


def test_destroying_a_client_leaves_the_shared_session_open(sandbox):
    spotify = client.Client("token", api_url=sandbox.api_url)
    spotify.me()
    del spotify

    assert client.session().adapters
    assert client.Client("token", api_url=sandbox.api_url).me().status == 401
