"""One event a line, as text or JSON: short tracebacks without locals, one id for all that a request says."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import threading
import warnings

import pytest
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import path

from tests.vibe_project import logged
from vibe_project import access_log, logs, tracebacks

FORMATS = ("text", "json")
both_formats = pytest.mark.parametrize("format", FORMATS)
log = logging.getLogger("tests.logs")


def fail(depth: int = 30) -> None:
    """Deep below, with a cause, and secrets in the locals of every frame."""
    password_here = "canary-in-a-local"
    if depth:
        fail(depth - 1)
    try:
        raise KeyError(f"password={password_here}")
    except KeyError as error:
        raise ValueError(f"two\nlines, Bearer {password_here}") from error


def raised(action) -> Exception:
    with pytest.raises(ValueError, match="two") as caught:
        action()
    return caught.value


def broken(request) -> None:
    fail()


urlpatterns = [path("api/v1/admin/callback", broken), path("api/v1/playlist/callback", broken)]
handler500 = "django.views.defaults.server_error"


# --- one event, one line


@both_formats
def test_an_event_is_one_line_whatever_is_in_it(format):
    with logged.written(format) as heard:
        log.warning("name %s", "a\r\nforged line\x1b[31m\u2028red")
        structlog.get_logger("tests").info("two\nlines", detail="three\nmore\nlines")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", stacklevel=1)

    assert len(heard.lines) == 3
    assert "\x1b" not in heard.text
    assert "forged line" in heard.text


def test_json_is_one_object_a_line_with_who_when_and_what():
    with logged.written("json") as heard:
        structlog.get_logger("playlists.tasks").info("sync", account=3, token="abc")

    (event,) = heard.events()
    assert dt.datetime.fromisoformat(str(event.pop("timestamp"))).tzinfo is not None
    assert event == {
        "event": "sync", "account": 3, "token": "***", "level": "info", "logger": "playlists.tasks",
    }  # fmt: skip


def test_an_unknown_format_is_refused_with_what_to_write():
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be text or json, not 'xml'"):
        logs.configure({"format": "xml"})


def test_the_handlers_that_others_bring_along_are_ours():
    names = ("django", "django.server", "celery.task", "multiprocessing", "tornado")
    for name in names:
        logging.getLogger(name).addHandler(logging.StreamHandler())

    with logged.written("text") as heard:
        for name in names:
            logging.getLogger(name).error("Bearer canarycanary by %s", name)

    assert len(heard.lines) == len(names)
    assert "canarycanary" not in heard.text


def test_a_line_that_cannot_be_written_says_so_without_its_arguments():
    with logged.written("text") as heard, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "__stderr__", heard)
        log.info("%s and %s", "canary")

    assert heard.text.startswith("a line of tests.logs (test_logs.py:")
    assert "canary" not in heard.text


@pytest.mark.django_db
def test_the_databases_statements_are_not_logged_with_their_values(settings):
    settings.DEBUG = True
    with logged.written("text", level="DEBUG") as heard:
        list(User.objects.filter(username="canary"))

    assert "canary" not in heard.text


# --- tracebacks


@both_formats
def test_a_traceback_is_short_and_holds_no_local_variable(format):
    error = raised(fail)
    with logged.written(format) as heard:
        log.error("it broke", exc_info=error)

    assert "canary-in-a-local" not in heard.text
    assert "password_here" not in heard.text
    assert "ValueError: two lines, Bearer ***" in heard.text
    assert "caused by KeyError: 'password=***' at tests/vibe_project/test_logs.py:" in heard.text
    assert (3 <= len(heard.lines) <= 10) if format == "text" else (len(heard.events()) == 1)


def test_our_own_frames_come_before_the_librarys_last_ones():
    def in_a_library():
        subprocess.run("sed", check="no", timeout="x", encoding=3)

    with pytest.raises(Exception) as caught:  # noqa: PT011 - any error from below our own code
        in_a_library()

    places = tracebacks.frames(caught.value)
    assert places[0].startswith("tests/vibe_project/test_logs.py:")
    assert places[-1].startswith("python3")
    assert len(places) <= tracebacks.OUR_FRAMES + tracebacks.LAST_FRAMES


def test_a_circle_of_causes_ends():
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__cause__ = second, first

    assert tracebacks.causes(first) == ["caused by ValueError: 2"]


def test_a_cause_that_was_hidden_on_purpose_stays_hidden():
    shown = ValueError("shown")
    shown.__context__, shown.__suppress_context__ = KeyError("hidden"), True

    assert tracebacks.causes(shown) == []


def test_half_a_secret_at_the_cut_is_masked_too():
    error = ValueError("x" * (tracebacks.MOST_CHARACTERS - 60) + " password=" + "secret" * 20)

    assert "secret" not in tracebacks.headline(error)


def test_the_same_traceback_is_written_once_and_then_a_line_an_event():
    with logged.written("text") as heard:
        for _ in range(1000):
            log.error("the database is away", exc_info=raised(fail))

    assert heard.text.count("test_logs.py:") < 10
    assert heard.text.count("ValueError: two lines") == 1000
    assert len(heard.lines) < 1010


def test_a_minute_later_it_is_written_again():
    clock = iter([0.0, 59.0, 60.0])
    repeats = tracebacks.Repeats(timer=lambda: next(clock))

    assert [repeats.is_new(["a.py:1 f"]) for _ in range(3)] == [True, False, True]


# --- what nobody caught


def test_an_error_that_nobody_caught_in_a_thread_is_masked():
    with logged.written("json") as heard:
        thread = threading.Thread(target=fail, name="gemini")
        thread.start()
        thread.join()

    (event,) = heard.events()
    assert event["event"] == "gemini stopped by an error"
    assert "canary" not in heard.text


@pytest.mark.parametrize("format, rich", [("text", True), ("json", False)], ids=["text", "json without rich"])
def test_a_command_that_breaks_says_so_in_a_few_masked_lines(format, rich):
    code = (
        ("" if rich else "import sys; sys.modules['rich'] = None\n")
        # What django.setup() does about logs; loading the apps takes longer than all else here.
        + "from django.conf import settings\n"
        + "from django.utils.log import configure_logging\n"
        + "configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)\n"
        + "def begin(canary_local): raise ValueError('Bearer canarycanary')\n"
        + "try: begin('canary')\n"
        + "except ValueError as error: raise RuntimeError('postgres://vibe:canarycanary@db/x') from error"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**child_settings(), "LOG_FORMAT": format},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "RuntimeError: postgres://vibe:***@db/x" in done.stderr
    assert "canary" not in done.stderr
    assert len(done.stderr.splitlines()) <= (10 if format == "text" else 1)


def child_settings() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "vibe_project.settings"}


# --- requests


@both_formats
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/api/v1/admin/callback", "/api/v1/playlist/callback"])
def test_an_unhandled_error_in_a_callback_is_ten_lines_without_its_query(client, format, address):
    client.raise_request_exception = False
    with logged.written(format) as heard:
        answer = client.get(address, {"code": "canary-code", "state": "canary-state"})

    assert answer.status_code == 500
    assert f"Internal Server Error: {address}" in heard.text
    assert "canary" not in heard.text
    assert answer["X-Request-ID"] in heard.text
    assert (5 <= len(heard.lines) <= 10) if format == "text" else (len(heard.events()) == 1)


@pytest.mark.django_db
@both_formats
def test_what_a_stranger_can_bring_about_is_one_line(client, settings, format):
    settings.ALLOWED_HOSTS = ["vibe.example"]
    client.raise_request_exception = False
    with logged.written(format) as heard:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 400

    (line,) = heard.lines
    assert "evil.example" in line
    assert "warning" in line


@pytest.mark.django_db
@both_formats
def test_a_forbidden_console_page_is_one_line(client, format):
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    with logged.written(format) as heard:
        assert client.get("/admin/auth/user/").status_code == 403

    (line,) = heard.lines
    assert "Forbidden (Permission denied): /admin/auth/user/" in line


@pytest.mark.django_db
def test_a_form_without_its_token_is_one_line_without_the_addresss_query():
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    with logged.written("text") as heard:
        answer = strict.post(
            "/admin/login/", secure=True, headers={"referer": "https://x.example/callback?code=canary"}
        )

    assert answer.status_code == 403
    assert len(heard.lines) == 1
    assert "Forbidden" in heard.text
    assert "canary" not in heard.text


@pytest.mark.django_db
def test_an_address_that_is_not_there_is_left_to_the_access_log(client):
    with logged.written("text") as heard:
        assert client.get("/nowhere").status_code == 404

    assert heard.lines == []


@pytest.mark.django_db
def test_a_problem_names_the_request_that_the_log_names(client):
    with logged.written("json"):
        answer = client.get("/api/v1/admin/accounts")
        bound = structlog.contextvars.get_contextvars()["request_id"]
        other = client.get("/api/v1/nowhere")

    assert answer.json()["request_id"] == answer["X-Request-ID"] == bound
    assert other.json()["request_id"] == other["X-Request-ID"] != bound


# --- the web server


def accessed(address: str) -> None:
    """One request to a server whose application refuses it."""

    def application(environ, start_response):
        start_response("400 Bad Request", [])
        return [b"x" * 182]

    request = RequestFactory().get(address, headers={"referer": f"http://127.0.0.1{address}"})
    answer = access_log.logged(application)({**request.environ, "REMOTE_ADDR": "10.0.0.1"}, lambda *_: None)
    for _ in answer:
        structlog.contextvars.bind_contextvars(request_id="abc")


def test_the_access_log_says_what_was_asked_for_without_the_query(settings):
    settings.LOGGING = {"format": "json"}
    with logged.written("json") as heard:
        accessed("/api/v1/admin/callback?code=canary&state=canary")

    (event,) = heard.events()
    assert "canary" not in heard.text
    assert event["event"] == "GET /api/v1/admin/callback"
    assert (event["status"], event["bytes"]) == (400, 182)
    assert (event["ip"], event["request_id"]) == ("10.0.0.1", "abc")


def test_after_the_access_line_the_thread_speaks_for_no_request(settings):
    settings.LOGGING = {"format": "json"}
    with logged.written("json") as heard:
        accessed("/")
        logging.getLogger("waitress").warning("something of no request")

    assert [event.get("request_id") for event in heard.events()] == ["abc", None]
