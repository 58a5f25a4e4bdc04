"""Every address of the contract: who may open it, what refuses look like, and a schema that is valid."""

import pytest

pytestmark = pytest.mark.django_db

GUARDED = [
    ("get", "/api/v1/admin/connect"),
    ("get", "/api/v1/admin/accounts"),
    ("post", "/api/v1/admin/accounts/1/deactivate"),
    ("post", "/api/v1/admin/accounts/1/activate"),
    ("post", "/api/v1/ingest/albums/validate"),
    ("post", "/api/v1/ingest/albums/submit"),
    ("get", "/api/v1/ingest/status"),
    ("get", "/api/v1/playlists/templates"),
    ("post", "/api/v1/playlists/templates"),
    ("post", "/api/v1/playlists/sync"),
    ("post", "/api/v1/playlists/1/sync"),
    ("get", "/api/v1/manager/plan"),
    ("get", "/api/v1/manager/health"),
    ("post", "/api/v1/manager/execute"),
]
OPEN = [
    "/api/v1/public/playlists",
    "/api/v1/public/accounts",
    "/api/v1/schema/",
    "/api/v1/docs/",
    "/",
    "/playlists/",
]
WRONG_METHODS = [
    ("delete", "/api/v1/admin/accounts"),
    ("get", "/api/v1/ingest/albums/submit"),
    ("get", "/api/v1/ingest/albums/submit-one"),
    ("get", "/api/v1/playlist/generate"),
    ("post", "/api/v1/public/playlists"),
    ("get", "/api/v1/manager/execute"),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_guarded_address_answers_401_without_the_key(anonymous_api, method, path):
    answer = getattr(anonymous_api, method)(path)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert "WWW-Authenticate" in answer


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_guarded_address_answers_403_with_a_wrong_key(anonymous_api, method, path):
    answer = getattr(anonymous_api, method)(path, headers={"X-ADMIN-API-KEY": "wrong"})

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_guarded_address_is_closed_to_a_signed_in_operator_without_the_key(admin_client, method, path):
    assert getattr(admin_client, method)(path).status_code == 401


@pytest.mark.parametrize("path", OPEN)
def test_an_open_address_answers_anybody(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(("method", "path"), WRONG_METHODS)
def test_a_wrong_method_answers_405_as_a_problem(api, method, path):
    answer = getattr(api, method)(path)

    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/v1/admin/accounts/999999/deactivate"),
        ("post", "/api/v1/playlists/999999/sync"),
        ("get", "/api/v1/public/playlists/nothing-here"),
        ("get", "/api/v1/public/accounts/nothing-here/playlists"),
    ],
)
def test_an_unknown_id_answers_404_as_a_problem(api, method, path):
    answer = getattr(api, method)(path)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


POSTED = [path for method, path in GUARDED if method == "post" and "/1/" not in path]


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b'{"urls": "\\u0000"}', b"\xff"])
@pytest.mark.parametrize("path", POSTED)
def test_a_body_that_is_not_json_is_refused_as_a_problem(api, path, body):
    answer = api.generic("POST", path, body, content_type="application/json")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"3", b'"text"', b'{"urls": 3, "name": [], "dry_run": []}'])
@pytest.mark.parametrize("path", [path for path in POSTED if path != "/api/v1/playlists/sync"])
def test_a_body_of_the_wrong_shape_is_refused_as_a_problem(api, path, body):
    answer = api.generic("POST", path, body, content_type="application/json")

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_the_schema_is_valid_openapi(client):
    from openapi_spec_validator import validate

    validate(client.get("/api/v1/schema/?format=json").json())


def test_the_schema_is_made_without_a_warning(capsys):
    from django.core.management import call_command

    call_command("spectacular", "--fail-on-warn", "--file", "/dev/null")

    assert "Warning" not in capsys.readouterr().err


def test_cors_opens_the_public_api_to_a_listed_origin_and_never_the_admin_routes(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://friend.example"]
    origin = {"Origin": "https://friend.example"}

    public = client.get("/api/v1/public/playlists", headers=origin)
    guarded = client.get("/api/v1/admin/accounts", headers=origin)

    assert public["Access-Control-Allow-Origin"] == "https://friend.example"
    assert "Access-Control-Allow-Origin" not in guarded


def test_cors_lets_a_listed_origin_send_a_key_of_its_own_and_no_admin_key(client, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://friend.example"]
    asks = {"Origin": "https://friend.example", "Access-Control-Request-Method": "POST"}

    allowed = client.options("/api/v1/playlist/generate", headers=asks)["Access-Control-Allow-Headers"]

    assert {"content-type", "idempotency-key"} <= set(allowed.split(", "))
    assert "x-admin-api-key" not in allowed


@pytest.mark.parametrize(
    "origin",
    ["null", "https://friend.example.evil", "https://friend.example:444", "HTTPS://x"],
)
def test_cors_is_closed_to_any_other_origin(client, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = ["https://friend.example"]

    answer = client.get("/api/v1/public/playlists", headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer


def test_every_page_carries_the_security_headers(client):
    answer = client.get("/")

    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_every_cookie_is_http_only_and_same_site(client, django_user_model):
    django_user_model.objects.create_superuser("ada", password="engine-number-one")

    client.get("/admin/login/")
    client.post("/admin/login/", {"username": "ada", "password": "engine-number-one"})

    assert {"sessionid", "csrftoken"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] in {"Lax", "Strict"}
