"""The console's second factor: nobody passes without it where it is asked for, and how it is set up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from base64 import b32decode

import pytest
from axes.models import AccessFailureLog
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.login import second_factor

pytestmark = pytest.mark.django_db
PAGE = "/admin/second-factor/"


@pytest.fixture
def required(settings):
    settings.CONSOLE_REQUIRE_OTP = True


@pytest.fixture
def ada(client):
    User.objects.create_superuser("ada", password="engine-number-one")
    log_in(client)
    return client


def log_in(client):
    return client.post("/admin/login/", {"username": "ada", "password": "engine-number-one"})


def code_of(secret: str, *, steps: int = 0) -> str:
    key = b32decode(secret.replace(" ", ""))
    return f"{totp(key, drift=steps):06}"


def secret_on(page) -> str:
    return re.search(r'id="secret">([A-Z2-7 ]+)<', page.text)[1]


def set_up(client) -> tuple[str, list[str]]:
    """(secret, recovery codes)."""
    secret = secret_on(client.get(PAGE))
    answer = client.post(PAGE, {"code": code_of(secret, steps=-1)})
    return secret, re.findall(r"^([a-z2-7]{8})$", answer.text.replace('codes">', 'codes">\n'), re.MULTILINE)


def addresses():
    for model in admin.site._registry:
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for name in ("index", "logins", "playlists_health", "playlists_managerplan_what_if", "search"):
        yield reverse(f"admin:{name}")
    yield from ("/admin/password_change/", "/admin/jsi18n/", "/admin/nothing-here/", "/accounts/connect/")


@pytest.mark.parametrize("address", sorted(addresses()))
def test_staff_without_it_get_no_page_but_its_own(ada, required, address):
    answer = ada.get(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith(PAGE)


def test_its_page_is_for_staff_alone(client, required):
    assert client.get(PAGE)["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("visitor"))
    assert client.get(PAGE)["Location"].startswith("/admin/login/")


def test_whoever_logs_in_is_led_to_its_page_and_can_log_out_from_there(ada, required):
    assert ada.get("/admin/login/")["Location"].startswith(PAGE)
    assert 'action="/admin/logout/"' in ada.get(PAGE).text

    ada.post("/admin/logout/")

    assert "_auth_user_id" not in ada.session


def test_the_key_is_shown_as_text_and_as_a_picture_drawn_here(ada, required):
    page = ada.get(PAGE)

    assert secret_on(page) == secret_on(ada.get(PAGE))
    assert 'src="data:image/svg+xml' in page.text
    assert "otpauth://totp/Vibe%3Aada?" in page.text
    assert "no-store" in page["Cache-Control"]


def test_a_right_code_sets_it_up_and_opens_the_console(ada, required):
    _, codes = set_up(ada)

    assert len(codes) == second_factor.RECOVERY_CODES
    assert ada.get("/admin/").status_code == 200
    assert TOTPDevice.objects.get().confirmed


def test_a_wrong_code_sets_nothing_up(ada, required):
    ada.get(PAGE)

    answer = ada.post(PAGE, {"code": "000000"})

    assert "not accepted" in answer.text
    assert not TOTPDevice.objects.get().confirmed
    assert ada.get("/admin/").status_code == 302


def test_each_login_asks_for_it_again(ada, required):
    secret, _ = set_up(ada)
    ada.post("/admin/logout/")
    log_in(ada)
    assert ada.get("/admin/catalog/track/")["Location"] == f"{PAGE}?next=%2Fadmin%2Fcatalog%2Ftrack%2F"

    answer = ada.post(PAGE, {"code": code_of(secret), "next": "/admin/catalog/track/"})

    assert answer["Location"] == "/admin/catalog/track/"
    assert ada.get("/admin/catalog/track/").status_code == 200


def test_a_code_works_once(ada, required):
    secret, _ = set_up(ada)
    code = code_of(secret)
    for _ in "12":
        ada.post("/admin/logout/")
        log_in(ada)
        answer = ada.post(PAGE, {"code": code})

    assert "not accepted" in answer.text


def test_a_recovery_code_works_once_in_place_of_the_phone(ada, required):
    _, codes = set_up(ada)
    answers = []
    for _ in "12":
        ada.post("/admin/logout/")
        log_in(ada)
        answers.append(ada.post(PAGE, {"code": f" {codes[0].upper()} "}).status_code)

    assert answers == [302, 200]
    assert StaticToken.objects.count() == second_factor.RECOVERY_CODES - 1


def test_guessing_codes_is_slowed_down_and_kept(ada, required):
    secret, _ = set_up(ada)
    ada.post("/admin/logout/")
    log_in(ada)
    for number in range(3):
        ada.post(PAGE, {"code": f"00000{number}"})

    answer = ada.post(PAGE, {"code": code_of(secret)})

    assert "not accepted" in answer.text  # right, but too soon after the wrong ones
    assert AccessFailureLog.objects.filter(username="ada", path_info=PAGE).count() == 4


def test_whoever_has_set_one_up_is_asked_even_where_it_is_not_required(ada):
    assert ada.get("/admin/").status_code == 200
    set_up(ada)
    ada.post("/admin/logout/")

    log_in(ada)

    assert ada.get("/admin/")["Location"].startswith(PAGE)


def test_it_cannot_be_replaced_without_being_shown(ada, required):
    secret, _ = set_up(ada)
    ada.post("/admin/logout/")
    log_in(ada)

    answer = ada.post(PAGE, {"wish": "phone"})

    assert "QR code" not in answer.text
    assert "QR code" not in ada.get(PAGE).text
    assert secret not in answer.text


def test_a_verified_session_changes_the_phone_and_the_old_one_ends(ada, required):
    set_up(ada)
    before = TOTPDevice.objects.get().pk
    secret = secret_on(ada.post(PAGE, {"wish": "phone"}))
    assert ada.get("/admin/").status_code == 200

    ada.post(PAGE, {"code": code_of(secret)})

    assert TOTPDevice.objects.get().pk != before
    assert ada.get("/admin/").status_code == 200


def test_new_recovery_codes_end_the_old_ones(ada, required):
    _, codes = set_up(ada)

    ada.post(PAGE, {"wish": "codes"})

    assert StaticToken.objects.count() == second_factor.RECOVERY_CODES
    assert not StaticToken.objects.filter(token__in=codes).exists()


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "evil", PAGE])
def test_it_leads_back_to_this_site_only(ada, required, wanted):
    secret, _ = set_up(ada)
    ada.post("/admin/logout/")
    log_in(ada)

    assert ada.post(PAGE, {"code": code_of(secret), "next": wanted})["Location"] == "/admin/"


def test_no_code_and_no_key_is_in_the_admins_own_pages(admin_client, django_user_model):
    user = django_user_model.objects.create_user("bob", is_staff=True)
    device = TOTPDevice.objects.create(user=user)

    page = admin_client.get(reverse("admin:auth_user_change", args=[user.pk]))

    assert device.key not in page.text
    assert TOTPDevice not in admin.site._registry


@pytest.mark.parametrize(("debug", "required"), [("true", "False"), ("false", "True")])
def test_it_is_required_wherever_debug_is_off_and_nothing_else_was_said(debug, required):
    env = {**os.environ, "DEBUG": debug, "DJANGO_SETTINGS_MODULE": "vibe_project.settings"}
    del env["CONSOLE_REQUIRE_OTP"]
    asked = "from django.conf import settings; print(settings.CONSOLE_REQUIRE_OTP)"

    done = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == required
