"""The rolling window: never more than the limit in any thirty seconds; the wait that is named is enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sandbox import server
from sandbox.window import SECONDS, RollingWindow
from tests.sandbox import callers


@given(limit=st.integers(1, 6), gaps=st.lists(st.floats(0, 20), max_size=60))
def test_no_thirty_seconds_hold_more_than_the_limit(limit, gaps):
    window, now, admitted = RollingWindow(limit), 0.0, []
    for gap in gaps:
        now += gap
        if window.admit("app", now=now) is None:
            admitted.append(now)

    assert all(sum(start <= at < start + SECONDS - 1e-5 for at in admitted) <= limit for start in admitted)


@given(limit=st.integers(1, 4), gaps=st.lists(st.floats(0, 9), min_size=1, max_size=30))
def test_whoever_waits_as_long_as_told_is_admitted(limit, gaps):
    window, now = RollingWindow(limit), 0.0
    for gap in gaps:
        now += gap
        wait = window.admit("app", now=now)
        if wait is not None:
            now += wait
            assert window.admit("app", now=now) is None


def test_calls_over_the_limit_hear_when_to_come_back():
    with server.serve(albums=5, calls_per_30s=3) as sandbox:
        caller = callers.user(sandbox)
        answers = [caller.get("/me") for _ in range(5)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert 28 <= int(answers[3].headers["Retry-After"]) <= 30
        sandbox.clock.advance(31)
        assert caller.get("/me").status_code == 200


def test_the_window_is_per_app_and_the_accounts_service_does_not_count():
    with server.serve(albums=5, calls_per_30s=2) as sandbox:
        first, second = callers.user(sandbox), callers.user(sandbox)
        other = callers.Caller(
            sandbox,
            callers.token(sandbox, auth=("other", "app"), grant_type="client_credentials").json()[
                "access_token"
            ],
        )

        assert [first.get("/me").status_code, second.get("/me").status_code] == [200, 200]
        assert second.get("/me").status_code == 429
        assert other.get(f"/albums/{sandbox.world.catalogue.album_id(1)}").status_code == 200
