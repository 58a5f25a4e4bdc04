"""Every POST of the API takes only what it names, of exactly the type it names; the endpoints are found."""

import json

import pytest

from tests.vibe_project import routes

pytestmark = pytest.mark.django_db
POSTS = routes.posting()
EXECUTE = next(route for route in POSTS if route.template == "/api/v1/manager/execute")
KEY = {"X-ADMIN-API-KEY": "test-admin-key"}
RIGHT = {"string": "text", "integer": 1, "boolean": True, "array": ["text"], "object": {"a": 1}}
WRONG = {
    "string": [7, True, 1.5, [], {}],
    "integer": ["1", True, 1.5, 1.0, [], {}, "\u0661", 10**30],
    "boolean": ["yes", "true", 1, 0, "", [], {}],
    "array": ["text", 7, {"0": "text"}, {}],
    "object": ["{}", 7, []],
}


@pytest.fixture(autouse=True)
def unthrottled(monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    rates = dict.fromkeys(("submit-one", "generate", "public"), "9999/s")
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", rates)


def post(client, route, body, **more):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = more.pop("content_type", "application/json")
    return client.generic("POST", route.at("1"), raw, content_type=kind, headers=KEY, **more)


def paths(answer):
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    return {error["path"] for error in answer.json()["errors"]}


def members() -> list:
    """(route, member, its type in the OpenAPI document) of every JSON body."""
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    found_members = []
    for route in POSTS:
        path = routes._PARAMETER.sub(r"{\1}", route.template)
        content = document["paths"][path]["post"].get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rsplit("/", 1)[-1]
        for member, found in document["components"]["schemas"].get(name, {}).get("properties", {}).items():
            found_members.append(pytest.param(route, member, found["type"], id=f"{route}-{member}"))
    return found_members


MEMBERS = members()


def test_the_endpoints_that_take_a_body_are_found():
    assert len(POSTS) >= 11
    assert len(MEMBERS) >= 13


@pytest.mark.parametrize("route", POSTS, ids=str)
@pytest.mark.parametrize("name", ["dryRun", "dry run", "DRY_RUN", "force"])
def test_a_member_that_nobody_reads_is_refused_by_its_name(client, route, name):
    assert name in paths(post(client, route, {name: True}))


@pytest.mark.parametrize("route, member, kind", MEMBERS)
def test_a_member_of_another_type_is_refused_by_its_name(client, route, member, kind):
    for value in WRONG[kind]:
        found = paths(post(client, route, {member: value}))
        assert any(path == member or path.startswith(f"{member}[") for path in found), (value, found)


@pytest.mark.parametrize("route, member, kind", MEMBERS)
def test_a_member_that_comes_twice_is_refused_by_its_name(client, route, member, kind):
    value = json.dumps(RIGHT[kind])

    assert member in paths(post(client, route, f'{{"{member}": {value}, "{member}": {value}}}'.encode()))


@pytest.mark.parametrize("route", POSTS, ids=str)
@pytest.mark.parametrize("body", [b"[]", b"3", b'"text"', b"null", b"true", b'[{"dry_run": true}]'])
def test_a_body_that_is_no_object_is_refused(client, route, body):
    answer = post(client, route, body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("route", POSTS, ids=str)
@pytest.mark.parametrize(
    "body",
    [
        b'{"x": ' + b"1" * 5000 + b"}",
        b'{"x": NaN}',
        b'{"x": -Infinity}',
        b'{"x": 1e999}',
        b'{"x": "\\ud800"}',
        b'{"x": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"x": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"x": 1}',
        b'{"x": 1,}',
        b'{"x": ' * 100_000,
    ],
    ids=[
        "digits",
        "nan",
        "infinity",
        "overflow",
        "surrogate",
        "nul",
        "nul key",
        "raw surrogate",
        "bom",
        "comma",
        "deep",
    ],
)
def test_json_that_no_reader_agrees_on_is_refused(client, route, body):
    answer = post(client, route, body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("route", POSTS, ids=str)
@pytest.mark.parametrize(
    "kind",
    [
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "nonsense",
        "",
    ],
)
def test_a_body_of_another_media_type_is_a_415(client, route, kind):
    answer = post(client, route, b'dry_run=true&{"a": 1}', content_type=kind)

    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["playlists/sync", "playlists/{id}/sync"])
def test_an_endpoint_without_a_body_takes_none_and_an_empty_one(client, everything, path):
    from playlists.models import Playlist

    playlist = Playlist.objects.create(name="One", policy=everything, theme_tag="One", global_index=1)
    url = "/api/v1/" + path.format(id=playlist.public_id)

    for kind in ("", "application/json", "application/x-www-form-urlencoded"):
        assert client.generic("POST", url, "", content_type=kind, headers=KEY).status_code == 202
    assert client.generic("POST", url, "{}", content_type="application/json", headers=KEY).status_code == 202


def test_a_plan_that_is_only_asked_for_is_not_applied_however_the_wish_is_spelt(client):
    from playlists.models import ManagerPlan

    for body in [b'{"dryRun": true}', b'{"dry_run": "true"}', b'{"dry_run": true, "dry_run": false}']:
        assert post(client, EXECUTE, body).status_code == 400
    assert not ManagerPlan.objects.exists()
