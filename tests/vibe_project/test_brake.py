"""The console's login: how often it may be tried, what a try costs, and what is kept of it."""

from __future__ import annotations

import datetime as dt

import pytest
from axes.models import AccessFailureLog
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from vibe_project import brake, hashing
from vibe_project import settings as shipped

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
RIGHT, WRONG = "engine-number-one", "engine-number-two"


@pytest.fixture
def ada(db):
    return User.objects.create_superuser("ada", password=RIGHT)


def tried(client, *, name="ada", password=WRONG, times=1, **request):
    for _ in range(times):
        answer = client.post(LOGIN, {"username": name, "password": password}, **request)
    return answer


def test_the_sixth_try_is_refused_even_with_the_right_password(client, ada):
    tried(client, times=5)

    answer = tried(client, password=RIGHT)

    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert "Too many failed tries" in answer.text
    assert "_auth_user_id" not in client.session


def test_a_quarter_of_an_hour_later_the_right_password_is_taken(client, ada, time_machine):
    tried(client, times=6)

    time_machine.move_to(timezone.now() + dt.timedelta(minutes=16))

    assert tried(client, password=RIGHT).status_code == 302


def test_others_can_log_in_meanwhile(client, ada):
    User.objects.create_superuser("bob", password=RIGHT)
    tried(client, times=6)

    assert tried(client, name="bob", password=RIGHT).status_code == 302
    assert tried(Client(), password=RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_locked_try_is_refused_before_any_password_is_hashed(client, ada, monkeypatch):
    tried(client, times=5)
    hashed = []
    monkeypatch.setattr(hashers, "check_password", lambda *args: hashed.append(args))
    monkeypatch.setattr(User, "set_password", lambda *args: hashed.append(args))

    tried(client, times=20)

    assert hashed == []


def test_a_forged_forwarded_address_gains_nothing(client, ada, settings):
    for number in range(5):
        tried(client, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")

    assert tried(client, password=RIGHT, HTTP_X_FORWARDED_FOR="198.51.100.77").status_code == 429


def test_behind_a_proxy_the_visitors_address_counts(client, ada, monkeypatch):
    from rest_framework.settings import api_settings

    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1, raising=False)
    tried(client, times=6, HTTP_X_FORWARDED_FOR="forged, 198.51.100.1")

    assert tried(client, HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 429
    assert tried(client, password=RIGHT, HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 302
    assert tried(client, HTTP_X_FORWARDED_FOR="no address").status_code == 200


def test_an_address_that_tries_many_names_is_stopped_too(client, ada, monkeypatch):
    monkeypatch.setattr(brake, "MOST_FAILURES_OF_AN_ADDRESS", 8)
    for number in range(8):
        tried(client, name=f"somebody-{number}")

    assert tried(client, password=RIGHT).status_code == 429
    assert tried(Client(), password=RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_the_brake_holds_without_redis(client, ada, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    tried(client, times=5)

    assert tried(client, password=RIGHT).status_code == 429


def test_no_password_is_kept_of_a_failed_try(client, ada):
    tried(client, times=2)

    kept = str(list(AccessFailureLog.objects.values()))
    from axes.models import AccessAttempt

    assert WRONG not in kept + str(list(AccessAttempt.objects.values()))


# --- passwords


def test_a_new_password_has_twelve_characters_at_least(ada):
    from django.contrib.auth.password_validation import validate_password

    with pytest.raises(ValidationError, match="at least 12"):
        validate_password("Xk2-pq8-vv3")
    validate_password("Xk2-pq8-vv3z")


def test_passwords_are_hashed_cheaply_enough_for_five_tries_a_second():
    first = shipped.PASSWORD_HASHERS[0]
    hasher = hashing.Argon2()

    encoded = hasher.encode("engine-number-one", hasher.salt())

    assert first == "vibe_project.hashing.Argon2"
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in encoded
    assert hasher.verify("engine-number-one", encoded)


def test_a_password_of_old_is_hashed_anew_at_the_next_login(client, settings):
    settings.PASSWORD_HASHERS = shipped.PASSWORD_HASHERS
    old = hashers.make_password(RIGHT, hasher="pbkdf2_sha256")
    User.objects.create(username="ada", password=old, is_staff=True, is_superuser=True)

    assert tried(client, password=RIGHT).status_code == 302
    assert User.objects.get().password.startswith("argon2$")
