"""The system checks refuse what would fail at night."""

import os
import subprocess
import sys

import pytest

from vibe_project import checks


def ids(found):
    return [message.id for message in found]


def test_a_schedule_in_settings_is_refused(settings):
    settings.CELERY_BEAT_SCHEDULE = {"x": {}}

    assert ids(checks.schedule_lives_in_the_database()) == ["vibe.E001"]


def test_the_shipped_settings_pass():
    assert ids(checks.schedule_lives_in_the_database()) == []
    assert ids(checks.all_clocks_are_utc()) == []
    assert ids(checks.choices_are_known()) == []
    assert ids(checks.token_keys_are_usable()) == []


@pytest.mark.parametrize("name", ["TIME_ZONE", "CELERY_TIMEZONE"])
def test_another_zone_than_utc_is_refused(settings, name):
    setattr(settings, name, "Europe/Berlin")

    assert ids(checks.all_clocks_are_utc()) == ["vibe.E002"]


def test_an_empty_key_ring_is_refused(settings):
    settings.SPOTIFY_TOKEN_KEYS = []

    assert ids(checks.token_keys_are_usable()) == ["vibe.E003"]


def test_a_key_that_is_no_fernet_key_is_refused_without_being_shown(settings):
    settings.SPOTIFY_TOKEN_KEYS = ["hunter2"]

    found = list(checks.token_keys_are_usable())

    assert ids(found) == ["vibe.E004"]
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SPOTIFY_APP_MODE", "legacy", "vibe.E005"),
        ("AUDIO_FEATURES_SOURCE", "magic", "vibe.E006"),
        ("TRACKS_PER_PLAYLIST", 101, "vibe.E007"),
        ("MIN_REPEAT_GAP_DAYS", 0, "vibe.E008"),
        ("SPOTIFY_DAILY_CALLS", {"catalog": 400}, "vibe.E009"),
        ("GENRE_SOURCES", ["wikidata", "lastfm"], "vibe.E010"),
        ("OPERATOR_CONTACT", "call me\r\nX-Evil: 1", "vibe.E011"),
        ("OPERATOR_CONTACT", "somebody", "vibe.E011"),
        ("STRANGERS_SHARE", 10, "vibe.E012"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings, name, value, code):
    setattr(settings, name, value)

    assert ids(checks.choices_are_known()) == [code]


@pytest.mark.parametrize("contact", ["", "ops@example.org", "https://example.org/contact"])
def test_a_contact_is_a_mail_address_or_a_page_or_nothing(settings, contact):
    settings.OPERATOR_CONTACT = contact

    assert ids(checks.choices_are_known()) == []


def test_missing_keys_are_warned_of_at_deployment(settings):
    settings.ADMIN_API_KEY = settings.SPOTIFY_CLIENT_ID = ""
    settings.SPOTIFY_CLIENT_SECRET = "something"

    assert ids(checks.keys_are_set()) == ["vibe.W001", "vibe.W001"]


GOOD = "kT3nV9xQ2mLr7sWzB5yHd8cJf4gPa6eU"


@pytest.mark.parametrize("name", ["SECRET_KEY", "ADMIN_API_KEY"])
@pytest.mark.parametrize(
    "key",
    ["k", "short-but-mixed-9Xq", "a" * 64, "0123456789" * 5, "change-me-" * 6, "django-insecure-" + GOOD],
)
def test_a_key_that_can_be_guessed_is_warned_of_at_deployment_and_not_shown(settings, name, key):
    settings.SECRET_KEY = settings.ADMIN_API_KEY = GOOD
    setattr(settings, name, key)

    found = list(checks.keys_are_hard_to_guess())

    assert ids(found) == ["vibe.W004"]
    assert key not in found[0].msg.replace(name, "").replace("A key", "")


def test_each_of_several_api_keys_must_be_hard_to_guess(settings):
    settings.SECRET_KEY, settings.ADMIN_API_KEY = GOOD, f"{GOOD}, k"
    assert ids(checks.keys_are_hard_to_guess()) == ["vibe.W004"]

    settings.ADMIN_API_KEY = f"{GOOD},{GOOD[::-1]}"
    assert ids(checks.keys_are_hard_to_guess()) == []


@pytest.mark.parametrize(
    ("url", "proxies", "warned"),
    [
        ("https://vibe.example", 0, True),
        ("https://vibe.example", 1, False),
        ("http://127.0.0.1:8000", 0, False),
    ],
)
def test_https_without_a_proxy_is_warned_of_at_every_start(settings, url, proxies, warned):
    settings.PUBLIC_BASE_URL, settings.NUM_PROXIES = url, proxies

    assert ids(checks.https_comes_through_a_proxy()) == (["vibe.W003"] if warned else [])


def manage(*arguments, **environment):
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "vibe_project.settings", **environment}
    env.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set by the run's browser tests; no deployment sets it
    command = [sys.executable, "-m", "django", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_deployment_with_an_api_key_of_one_letter_does_not_pass():
    site = {"PUBLIC_BASE_URL": "https://vibe.example", "NUM_PROXIES": "1", "SECRET_KEY": GOOD * 2}

    weak = manage("check", "--deploy", "--fail-level", "WARNING", **site, ADMIN_API_KEY="k")
    good = manage("check", "--deploy", "--fail-level", "WARNING", **site, ADMIN_API_KEY=GOOD)

    assert weak.returncode == 1
    assert "vibe.W004" in weak.stderr
    assert good.returncode == 0, good.stderr


@pytest.mark.parametrize(("proxies", "redirects"), [("0", False), ("1", True)])
def test_https_redirects_only_where_a_proxy_can_say_that_it_is_there_already(proxies, redirects):
    site = {"PUBLIC_BASE_URL": "https://vibe.example", "NUM_PROXIES": proxies}
    asked = "from django.conf import settings; print(settings.SECURE_SSL_REDIRECT)"

    assert manage("shell", "-v0", "-c", asked, **site).stdout.strip() == str(redirects)
