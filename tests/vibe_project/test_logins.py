"""The console's page of logins: who, when, from where, and how it went."""

from __future__ import annotations

import pytest
from axes.models import AccessFailureLog
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vibe_project import logins

pytestmark = pytest.mark.django_db
PAGE = "/admin/logins/"


def tried(name, password, address="192.0.2.7"):
    Client(REMOTE_ADDR=address).post("/admin/login/", {"username": name, "password": password})


def test_good_and_failed_logins_stand_there_newest_first(admin_client):
    User.objects.create_superuser("ada", password="engine-number-one")
    tried("ada", "wrong")
    tried("ada", "engine-number-one")
    tried("<b>eve</b>", "wrong", "192.0.2.8")

    shown = [(row.name, row.address, row.outcome) for row in admin_client.get(PAGE).context["rows"]]

    assert shown[:3] == [
        ("<b>eve</b>", "192.0.2.8", "password wrong"),
        ("ada", "192.0.2.7", "password right"),
        ("ada", "192.0.2.7", "password wrong"),
    ]
    assert "<b>eve" not in admin_client.get(PAGE).text


def test_the_try_that_locks_says_so(admin_client):
    for _ in range(5):
        tried("ada", "wrong")

    assert admin_client.get(PAGE).context["rows"][0].outcome == "password wrong, locked from here on"


def test_one_name_can_be_picked_and_older_rows_are_a_page_on(admin_client, django_assert_max_num_queries):
    now = timezone.now()
    AccessFailureLog.objects.bulk_create(
        AccessFailureLog(username="ada" if number % 2 else "bob", ip_address=None, attempt_time=now)
        for number in range(2 * logins.ROWS + 10)
    )
    with django_assert_max_num_queries(6):
        first = admin_client.get(PAGE, {"name": "ada"})

    older = admin_client.get(PAGE, {"name": "ada", "before": first.context["older"]})

    assert {row.name for row in first.context["rows"]} == {"ada"}
    assert len(first.context["rows"]) == logins.ROWS
    assert 0 <= len(older.context["rows"]) <= 5
    for odd in ("yesterday", "2026-01-01"):
        assert admin_client.get(PAGE, {"name": odd, "before": odd}).status_code == 200


def test_it_is_in_the_sidebar(admin_client):
    assert f'href="{reverse("admin:logins")}"' in admin_client.get("/admin/").text
