"""The API's manners: key, guarded JSON, problem+json."""

import io

import pytest
from django.test import Client
from rest_framework import exceptions
from rest_framework.test import APIRequestFactory

from vibe_project import api


def authenticate(**headers):
    return api.AdminKeyAuthentication().authenticate(APIRequestFactory().get("/", headers=headers))


def test_a_request_without_the_key_is_not_authenticated():
    assert authenticate() is None


def test_a_wrong_key_is_forbidden(settings):
    settings.ADMIN_API_KEY = "right"

    with pytest.raises(exceptions.PermissionDenied):
        authenticate(**{"X-ADMIN-API-KEY": "wrong"})


def test_each_of_two_keys_is_right_while_they_are_rotated(settings):
    settings.ADMIN_API_KEY = "new,old"

    assert authenticate(**{"X-ADMIN-API-KEY": "old"}) is not None
    assert authenticate(**{"X-ADMIN-API-KEY": "new"}) is not None


@pytest.mark.parametrize("given", ["", " ", ",", "none"])
def test_no_key_is_right_when_none_is_configured(settings, given):
    settings.ADMIN_API_KEY = ""

    assert not api.key_is_right(given)


def test_a_key_outside_ascii_is_wrong_and_does_not_crash(settings):
    settings.ADMIN_API_KEY = "right"

    assert not api.key_is_right("clé")


def parse(raw: bytes):
    return api.GuardedJSONParser().parse(io.BytesIO(raw))


def test_plain_json_is_parsed():
    assert parse(b'{"urls": ["a"]}') == {"urls": ["a"]}


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a": "\\u0000"}',
        b'{"a": NaN}',
        b'{"a": ',
        b"",
        b"\xff\xfe",
    ],
    ids=["deep", "nul", "nan", "cut", "empty", "not utf-8"],
)
def test_json_that_would_hurt_is_refused_with_a_reason(raw):
    with pytest.raises(exceptions.ValidationError):
        parse(raw)


def test_a_body_over_two_megabytes_is_too_large(settings):
    with pytest.raises(api.TooLarge):
        parse(b'"' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"')


def test_a_field_error_is_listed_with_its_path():
    error = exceptions.ValidationError({"policy": {"limits": ["must be positive"]}})

    body = api.problem(error)

    assert body["errors"] == [{"path": "policy.limits", "message": "must be positive"}]
    assert body["status"] == 400


def test_items_and_whole_objects_have_paths_too():
    error = exceptions.ValidationError({"urls": {3: ["must be text"]}, "non_field_errors": ["no object"]})

    assert [one["path"] for one in api.problem(error)["errors"]] == ["urls[3]", ""]


def test_ready_made_errors_keep_their_paths():
    error = exceptions.ValidationError([{"path": "where.op", "message": "unknown"}])

    assert api.problem(error)["errors"] == [{"path": "where.op", "message": "unknown"}]


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_api_address_answers_problem_json(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/admin/accounts/x/activate")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
