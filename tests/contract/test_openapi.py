"""Every Web API path of the sandbox, and every parameter it reads, is in Spotify's OpenAPI document."""

from __future__ import annotations

import re

import pytest
import yaml

from sandbox import routes

READ = {
    "GET /albums": {"ids", "market"},
    "GET /albums/{}": {"market"},
    "GET /albums/{}/tracks": {"market", "limit", "offset"},
    "GET /tracks": {"ids", "market"},
    "GET /tracks/{}": {"market"},
    "GET /artists": {"ids"},
    "GET /artists/{}/albums": {"market", "limit", "offset"},
    "GET /audio-features": {"ids"},
    "GET /search": {"q", "type", "market", "limit", "offset"},
    "GET /me/playlists": {"limit", "offset"},
    "PUT /me/library": {"uris"},
    "DELETE /me/library": {"uris"},
    "GET /playlists/{}": {"market", "fields"},
    "GET /playlists/{}/items": {"market", "fields", "limit", "offset"},
    "GET /playlists/{}/tracks": {"market", "fields", "limit", "offset"},
}
"""The query parameters that change an answer of the sandbox."""


def plain(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


@pytest.fixture(scope="module")
def operations(external):
    # Safe, and ten times faster than yaml.safe_load where the C library is there.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load((external / "spotify-open-api.yml").read_text(), Loader=loader)  # noqa: S506
    shared = document["components"]["parameters"]
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = [resolved(parameter, shared) for parameter in operation.get("parameters", [])]
            found[f"{method.upper()} {plain(path)}"] = {p["name"] for p in parameters if p["in"] == "query"}
    return found


def resolved(parameter, shared):
    return shared[parameter["$ref"].rsplit("/", 1)[1]] if "$ref" in parameter else parameter


@pytest.mark.parametrize("route", routes.WEB_API, ids=lambda route: f"{route[0]} {route[1]}")
def test_the_path_is_spotifys(operations, route):
    method, template, _ = route

    assert f"{method} {plain(template.removeprefix('/v1'))}" in operations


@pytest.mark.parametrize("operation", READ)
def test_the_parameters_are_spotifys(operations, operation):
    assert READ[operation] <= operations[operation]


def test_both_modes_answer_exactly_the_endpoints_that_the_matrix_gives_them(real, extended, development):
    from tests.sandbox import callers

    nobody = "0" * 21 + "1"
    for endpoint, by_mode in real("spotify_modes")["endpoints"].items():
        methods, path = endpoint.rsplit(" ", 1)
        for sandbox, mode in ((extended, "extended"), (development, "dev_2026")):
            caller = callers.user(sandbox, user="2")
            for method in methods.split("|"):
                response = caller.request(method, path.replace("{id}", nobody))
                removed = by_mode[mode].startswith("removed")
                if removed:
                    assert (response.status_code, response.json()["error"]["message"]) == (
                        403,
                        "Forbidden",
                    ), endpoint
                else:
                    assert response.status_code != 405, endpoint
                    assert "Service not found" not in response.text, endpoint
