"""What HTTP answers mean."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from requests.structures import CaseInsensitiveDict

from accounts.spotify import errors, responses
from accounts.spotify.retry import Failure

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


def answer(status, body="", **headers):
    text = body if isinstance(body, str) else json.dumps(body)
    return responses.Answer(
        status, CaseInsensitiveDict({k.replace("_", "-"): v for k, v in headers.items()}), text
    )


def spotify(status, message, **more):
    return {"error": {"status": status, "message": message, **more}}


def judged(given, endpoint="album"):
    return responses.judge(given, endpoint=endpoint, now=NOW)


def test_good_answers_and_401_are_not_failures():
    assert judged(answer(200, {})) is None
    assert judged(answer(201, {})) is None
    assert judged(answer(401, spotify(401, "The access token expired"))) is None


def test_429_with_retry_after():
    failed = judged(answer(429, spotify(429, "API rate limit exceeded"), retry_after="3"))

    assert (failed.kind, failed.retry_after, failed.quota) == (Failure.THROTTLED, 3.0, False)


def test_429_as_plain_text():
    failed = judged(answer(429, "Too many requests", retry_after="19056"))

    assert (failed.retry_after, failed.message) == (19_056.0, "Too many requests")


def test_429_quota_exceeded_is_its_own_thing():
    body = spotify(429, "Too many requests", reason="QUOTA_EXCEEDED")

    assert judged(answer(429, body, retry_after="48925")).quota


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_server_errors_may_pass(status):
    assert judged(answer(status, "upstream connect error")).kind is Failure.BROKEN


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (400, spotify(400, "Invalid base62 id"), errors.BadRequest),
        (400, "", errors.BadRequest),
        (404, spotify(404, "Resource not found"), errors.NotFound),
        (410, "", errors.NotFound),
        (413, "<html>", errors.BadRequest),
        (302, "", errors.BadAnswer),
    ],
)
def test_refusals_are_typed(status, body, kind):
    with pytest.raises(kind):
        judged(answer(status, body))


@pytest.mark.parametrize(
    "body, endpoint, reason",
    [
        (spotify(403, "Insufficient client scope"), "create_playlist", "scope"),
        (spotify(403, "User not registered in the Developer Dashboard"), "me", "allow_list"),
        ("User not registered in the Developer Dashboard, check settings", "me", "allow_list"),
        (spotify(403, "Forbidden"), "batch_albums", "removed"),
        (spotify(403, "Forbidden"), "replace_items", "owner"),
        (spotify(403, "You cannot change a playlist you don't own"), "change_details", "owner"),
        (spotify(403, "Active premium subscription required for the owner of the app."), "album", "premium"),
        ("", "album", "unknown"),
    ],
)
def test_the_reason_of_a_403_is_read_from_its_prose(body, endpoint, reason):
    with pytest.raises(errors.Forbidden) as caught:
        judged(answer(403, body), endpoint)

    assert caught.value.reason == reason


@pytest.mark.parametrize("text", ["", "   ", "<html>Hello</html>", '{"albums": [', "[" * 100_000])
def test_a_body_that_is_no_json_is_a_bad_answer(text):
    with pytest.raises(errors.BadAnswer):
        responses.body(answer(200, text))


@pytest.mark.parametrize(
    "body",
    ['{"error": "invalid_grant"}', '{"error": ["odd"]}', '"text"', "[]", "null", '{"error": {"message": 7}}'],
)
def test_odd_error_bodies_are_told_all_the_same(body):
    message, reason = responses.error_message(answer(400, body))

    assert message
    assert isinstance(reason, str)


@pytest.mark.parametrize("status", [400, 403])
def test_a_user_with_too_many_playlists_is_told_apart(status):
    body = {"error": {"status": status, "message": "You have reached the maximum number of playlists."}}

    with pytest.raises(errors.Forbidden) as caught:
        responses.judge(answer(status, body), endpoint="create_playlist", now=NOW)

    assert (caught.value.reason, caught.value.status) == ("full", status)


def test_other_limits_are_no_full_account():
    with pytest.raises(errors.BadRequest):
        responses.judge(
            answer(400, {"error": {"status": 400, "message": "Invalid limit"}}), endpoint="x", now=NOW
        )
