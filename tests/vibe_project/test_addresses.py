"""Whatever stands in an address, every endpoint and page answers 200 to 499 and in the API a problem."""

import base64
import re
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.test import Client
from rest_framework.throttling import ScopedRateThrottle

from playlists.models import Playlist, PlaylistCopy
from playlists.rotation import snapshots
from tests.playlists import worlds
from tests.vibe_project import routes

pytestmark = pytest.mark.django_db
KEY = {"X-ADMIN-API-KEY": "test-admin-key"}
BYTES = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF",
    "%EF%BF%BF",
    "%D9%A3",
    "%20",
    "%0A",
    "1%0A",
    "%2e%2e",
    "%27%22%3C",
]
NUMBERS = ["-1", "0", "1e9", "9223372036854775808", "9" * 30, "9" * 5000]
NASTY = [*BYTES, *NUMBERS, "x" * 300, "2026-01-01", "0001-01-01", "9999-12-31"]
# The console's pages are slow and many: one of each kind.
NASTY_ON_THE_CONSOLE = ["%00", "9" * 30]
PAGES = {"/": ["vibe"], "/playlists/": ["q", "page"], "/accounts/connect/": ["account"]}
ROUTES = routes.everywhere()


@pytest.fixture
def visitor(monkeypatch, admin_client):
    """A signed-in operator with the key, whom nothing throttles and whose crashes are answers."""
    rates = dict.fromkeys(("submit-one", "generate", "public"), "9999/s")
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", rates)
    admin_client.raise_request_exception = False
    return admin_client


def fails(visitor, method, url):
    """What is wrong with the answer, empty where nothing is."""
    answer = visitor.generic(method, url, headers=KEY)
    is_problem = answer["Content-Type"].startswith("application/problem+json") if answer.content else False
    if answer.status_code >= 500:
        return f"{method} {url[:120]}: {answer.status_code}"
    if url.startswith("/api/") and answer.status_code >= 400 and not is_problem and method != "HEAD":
        return f"{method} {url[:120]}: {answer.status_code} {answer.get('Content-Type')}"
    return ""


def test_the_routes_are_found():
    assert len([route for route in ROUTES if route.is_api]) >= 25
    assert len(ROUTES) > 100


@pytest.mark.parametrize("route", [route for route in ROUTES if route.has_parameters], ids=str)
def test_no_part_of_a_path_is_a_failure(visitor, route):
    is_console = route.template.startswith("/admin/")
    values, methods = (NASTY_ON_THE_CONSOLE, ["GET"]) if is_console else (NASTY, ["GET", "POST"])

    found = [fails(visitor, method, route.at(one)) for one in values for method in methods]

    assert [one for one in found if one] == []


def asked() -> list:
    """(path, query parameter) of every page and of every endpoint of the OpenAPI document."""
    from drf_spectacular.generators import SchemaGenerator

    found = [(path, name) for path, names in PAGES.items() for name in names]
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for operation in methods.values():
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
            found += [(path, name) for name in [*names, "format", "nobody-reads-this"]]
    return [*found, ("/api/v1/schema/", "format"), ("/playlists/{playlist_id}/", "date")]


@pytest.mark.parametrize("path, name", asked())
def test_no_query_parameter_is_a_failure(visitor, everything, path, name):
    playlist = Playlist.objects.create(name="One", policy=everything, theme_tag="One", global_index=1)
    known = re.sub(r"\{account_id\}", "1", re.sub(r"\{\w+_id\}", playlist.public_id, path))

    assert [found for one in NASTY if (found := fails(visitor, "GET", f"{known}?{name}={one}"))] == []
    assert fails(visitor, "GET", f"{known}?{name}=1&{name}=1&{quote(name)}%00=1") == ""


def lists() -> list:
    """(model, parameter) of every list of the console: what it filters by, and Django's own."""
    found = []
    for model, model_admin in admin.site._registry.items():
        names = [one[0] if isinstance(one, tuple) else one for one in model_admin.list_filter]
        names = [name if isinstance(name, str) else getattr(name, "parameter_name", None) for name in names]
        names = [name for name in names if name] + ["q", "o", "p", "e", "id__exact", "pk__in", "_facets"]
        found += [pytest.param(model, sorted(set(names)), id=model.__name__)]
    return found


@pytest.mark.parametrize("model, names", lists())
def test_no_filter_of_the_console_is_a_failure(visitor, model, names):
    url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    tried = [(name, "%00") for name in names] + [(name, "9" * 30) for name in ("q", "p", "id__exact")]
    found = [fails(visitor, "GET", f"{url}?{name}={value}") for name, value in tried]

    assert [one for one in found if one] == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize(
    "path", ["", "v1", "v1/", "v2/manager/plan", "v1/manager/plan/more", "v1/schema", "v1/x\0", "v1/%41dmin"]
)
def test_an_unknown_address_of_the_api_is_a_404_whatever_the_method(path, method):
    answer = Client(enforce_csrf_checks=True).generic(
        method, f"/api/{quote(path)}", "{}", content_type="text/css"
    )

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


UNKNOWN_METHODS = [
    pytest.param(method, route, id=f"{method}-{route}")
    for route in routes.api()
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
    if not route.handles(method.lower())
]


@pytest.mark.parametrize("method, route", UNKNOWN_METHODS)
def test_a_method_that_an_endpoint_does_not_know_is_a_405(visitor, method, route):
    answer = visitor.generic(method, route.at("1"), headers=KEY)

    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"]


REDIRECTS = {"/api/v1/playlist/connect"}
BY_ACCEPT = {"/api/v1/admin/callback", "/api/v1/playlist/callback", "/api/v1/schema/", "/api/v1/docs/"}


@pytest.mark.parametrize("route", [one for one in routes.api() if one.handles("get")], ids=str)
def test_what_an_endpoint_cannot_write_is_a_406_and_a_redirect_is_for_all(visitor, sandbox, route):
    answer = visitor.get(route.at("1"), headers={**KEY, "Accept": "text/html"})

    if route.template in REDIRECTS:
        assert answer.status_code == 302
    elif route.template not in BY_ACCEPT:
        assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, "application/problem+json"),
        ("", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("image/png", "application/problem+json"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("text/html;q=0, */*", "application/problem+json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/admin/callback", "/api/v1/playlist/callback"])
def test_a_callback_is_a_page_for_whoever_likes_a_page_better(client, path, accept, kind):
    headers = {} if accept is None else {"Accept": accept}

    assert client.get(f"{path}?state=x", headers=headers)["Content-Type"] == kind


# --- cursors


@pytest.fixture
def directory(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    worlds.tracks(80)
    account = worlds.account(display_name="Station")
    for number in range(1, 4):
        one = worlds.playlist()
        PlaylistCopy.objects.create(
            playlist=one, account=account, status="synced", spotify_playlist_id=worlds.spotify_id(number),
            external_url=f"https://open.spotify.com/playlist/{number}", last_synced_at=worlds.NOW,
        )  # fmt: skip
    snapshots.build(worlds.TODAY, now=worlds.NOW)


def cursor_of(client, path):
    return re.search(r"cursor=([^&]+)", client.get(path, headers=KEY).json()["next"])[1]


def test_cursors_lead_through_a_list_and_back(client, directory):
    first = client.get("/api/v1/public/playlists?limit=1").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    assert len({one["results"][0]["id"] for one in (first, second, third)}) == 3
    assert third["next"] is None
    assert client.get(third["previous"]).json()["results"] == second["results"]


def test_a_cursor_shows_neither_its_list_nor_the_number_of_a_row(client, directory):
    sealed = cursor_of(client, "/api/v1/public/playlists?limit=1")
    again = cursor_of(client, "/api/v1/public/playlists?limit=1")
    opened = base64.urlsafe_b64decode(sealed.replace("%3D", "="))

    assert sealed != again  # encrypted, not only signed: equal rows look different
    assert b"playlists" not in opened


def test_a_cursor_opens_only_the_list_that_it_was_made_for(client, directory):
    sealed = cursor_of(client, "/api/v1/public/playlists?limit=1")

    assert client.get(f"/api/v1/public/playlists?limit=2&cursor={sealed}").status_code == 200
    for path in ("public/accounts", "playlists/templates"):
        answer = client.get(f"/api/v1/{path}?cursor={sealed}", headers=KEY)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "cursor"


@pytest.mark.parametrize("cursor", ["cD1hYmM=", "cD0x", "", "x", "%00", "%D9%A3", "gAAAA" + "A" * 120, "r=1"])
@pytest.mark.parametrize("path", ["public/playlists", "public/accounts", "playlists/templates"])
def test_a_cursor_that_is_not_ours_is_refused(client, path, cursor):
    answer = client.get(f"/api/v1/{path}?cursor={cursor}", headers=KEY)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_a_cursor_that_was_changed_is_refused(client, directory):
    sealed = cursor_of(client, "/api/v1/public/playlists?limit=1")
    changed = sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]

    assert client.get(f"/api/v1/public/playlists?cursor={changed}").status_code == 400


def test_a_cursor_is_bound_to_filters_and_order(rf):
    from rest_framework import exceptions
    from rest_framework.pagination import Cursor
    from rest_framework.request import Request

    from vibe_project import paging

    made = paging.IdCursorPagination()
    made.base_url, made.ordering = "http://testserver/list?kind=a&limit=3", ("id",)
    query = made.encode_cursor(Cursor(0, False, "7")).split("?")[1]

    assert made.decode_cursor(Request(rf.get(f"/list?{query}"))) == Cursor(0, False, "7")
    with pytest.raises(exceptions.ValidationError):
        made.decode_cursor(Request(rf.get(f"/list?{query.replace('kind=a', 'kind=b')}")))
    made.ordering = ("-id",)
    with pytest.raises(exceptions.ValidationError):
        made.decode_cursor(Request(rf.get(f"/list?{query}")))
