"""The system checks refuse what would fail at night."""

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
