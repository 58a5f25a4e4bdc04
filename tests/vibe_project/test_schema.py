"""The OpenAPI document and its page: made once, served from memory, throttled, whole under load."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from vibe_project import schema

pytestmark = pytest.mark.django_db
ADDRESSES = ["/api/v1/schema/", "/api/v1/schema/?format=json", "/api/v1/docs/"]


@pytest.fixture(autouse=True)
def not_made_yet():
    schema._made.cache_clear()


@pytest.fixture
def made(monkeypatch):
    """How often the document is generated."""
    from drf_spectacular.generators import SchemaGenerator

    calls = []
    whole = SchemaGenerator.get_schema
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *a, **k: (calls.append(1), whole(*a, **k))[1])
    return calls


def test_twenty_first_visitors_at_once_get_one_document(made, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"public": "9999/s"})
    with ThreadPoolExecutor(20) as crowd:
        answers = list(crowd.map(lambda number: Client().get(ADDRESSES[number % 3]), range(60)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 3
    assert len(made) == 2  # as YAML and as JSON


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_served_from_memory_and_may_be_kept(client, made, address):
    first = client.get(address)
    made.clear()
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert first.status_code == 200
    assert "max-age=" in first["Cache-Control"]
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get(address).content == first.content
    assert made == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_is_throttled_like_what_everybody_reads(client, monkeypatch, address):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"public": "2/min"})

    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    "accept, query, kind",
    [
        ("*/*", "", "application/vnd.oai.openapi"),
        ("text/html,*/*;q=0.8", "", "application/vnd.oai.openapi"),
        ("application/json", "", "application/json"),
        ("application/vnd.oai.openapi+json", "", "application/vnd.oai.openapi+json"),
        ("*/*", "?format=json", "application/json"),
        ("application/json", "?format=yaml", "application/vnd.oai.openapi"),
        ("text/html", "", "application/problem+json"),
        ("*/*", "?format=xml", "application/problem+json"),
        ("*/*", "?lang=de", "application/problem+json"),
    ],
)
def test_the_document_is_written_as_it_is_liked(client, accept, query, kind):
    answer = client.get(f"/api/v1/schema/{query}", headers={"Accept": accept})

    assert answer["Content-Type"].split(";")[0] == kind


def test_bodies_are_documented_as_taking_no_other_members(client):
    document = client.get("/api/v1/schema/?format=json").json()
    bodies = [
        body["schema"]["$ref"].rsplit("/", 1)[1]
        for methods in document["paths"].values()
        for operation in methods.values()
        if (body := operation.get("requestBody", {}).get("content", {}).get("application/json"))
    ]

    assert len(bodies) >= 7
    assert all(document["components"]["schemas"][name]["additionalProperties"] is False for name in bodies)


@pytest.mark.parametrize("accept", ["*/*", "text/html", "application/json"])
def test_the_page_loads_nothing_from_elsewhere(client, accept):
    page = client.get("/api/v1/docs/", headers={"Accept": accept}).content.decode()

    assert "swagger-ui-bundle.js" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
