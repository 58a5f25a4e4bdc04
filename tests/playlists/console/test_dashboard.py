"""The console's front page: true figures in few queries, banners for what needs a person, first steps."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Alarm, CallCount, Circuit
from catalog.models import AlbumSource
from playlists.console import banners, dashboard
from playlists.models import ManagerPlan, Pause, PlaylistCopy, Snapshot, StageRun
from tests.playlists import worlds

pytestmark = pytest.mark.django_db


def read():
    return dashboard.read(timezone.now())


def texts():
    return [banner.text for banner in read()["banners"]]


def tile(label):
    return next(one for one in read()["tiles"] if one.label.startswith(label))


@pytest.fixture
def connected():
    """An account whose login is in order, and a schedule whose times lie ahead or are done."""
    return worlds.account("Jazz 1", refresh_token="r", reauth_due_at=timezone.now() + dt.timedelta(days=100))


def test_the_front_page_opens_with_few_queries(admin_client, connected, django_assert_max_num_queries):
    call_command("seed_schedule")
    with django_assert_max_num_queries(12):
        page = admin_client.get("/admin/")

    assert page.status_code == 200
    assert "All times are UTC" in page.text


def test_the_front_page_is_as_cheap_for_somebody_with_roles(client, connected, django_assert_max_num_queries):
    user = User.objects.create_user("op", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="playlists"))
    client.force_login(user)

    with django_assert_max_num_queries(12):
        assert client.get("/admin/").status_code == 200


def test_nothing_needs_a_person_when_all_is_well(connected):
    assert texts() == []


def test_a_pause_is_told_with_who_why_and_until_when(connected):
    until = timezone.now() + dt.timedelta(hours=2)
    Pause.objects.create(reason="Looking.", paused_by="ann", paused_at=timezone.now(), until=until)

    assert texts() == [f"The network is paused by ann until {until:%Y-%m-%d %H:%M} UTC: Looking."]


def test_a_pause_that_is_over_is_not_told(connected):
    now = timezone.now()
    Pause.objects.create(reason="x", paused_by="ann", paused_at=now, until=now - dt.timedelta(hours=1))
    Pause.objects.create(reason="x", paused_by="ann", paused_at=now, lifted_at=now)

    assert texts() == []


def test_an_open_circuit_is_told_and_one_whose_time_is_over_is_not(connected):
    later = timezone.now() + dt.timedelta(minutes=9, seconds=30)
    Circuit.objects.create(app="a", bucket="albums", state="open", reason="429", open_until=later)
    Circuit.objects.create(
        app="a", bucket="me", state="open", open_until=timezone.now() - dt.timedelta(minutes=1)
    )

    assert texts() == ["The circuit “albums” is open and closes in 9 min: 429"]


def test_an_open_alarm_is_told(connected):
    Alarm.objects.create(kind="k", text="Off.", raised_at=timezone.now(), last_seen_at=timezone.now())

    assert texts() == ["Off."]


def test_an_account_to_connect_again_is_named(connected):
    Account.objects.update(status="needs_reauth")

    assert texts() == ["To be connected again: Jazz 1. Spotify no longer accepts the login."]


@pytest.mark.parametrize(("days", "tone"), [(29, "warning"), (13, "warning"), (2, "danger"), (-1, "danger")])
def test_a_consent_that_soon_ends_says_what_is_at_stake_and_links_to_the_login(connected, days, tone):
    due = timezone.now() + dt.timedelta(days=days)
    Account.objects.update(reauth_due_at=due)

    (banner,) = read()["banners"]
    assert banner.tone == tone
    assert banner.text.startswith("0 playlists of Jazz 1 st")
    assert f"{due.day} {due:%B}" in banner.text
    assert banner.url == reverse("admin:accounts_account_change", args=[Account.objects.get().pk])


def test_a_consent_with_months_left_is_no_warning(connected):
    Account.objects.update(reauth_due_at=timezone.now() + dt.timedelta(days=31))

    assert read()["banners"] == []


def test_a_missing_key_is_named_by_its_variable(connected, settings):
    settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_TOKEN_KEYS = "", []

    assert banners.missing_keys()[0].text.startswith("Not set: SPOTIFY_CLIENT_ID, SPOTIFY_TOKEN_KEY.")


def test_a_stage_that_failed_tonight_is_told(connected):
    now = timezone.now()
    StageRun.objects.create(
        stage="curate",
        run_date=now.date(),
        state="incomplete",
        scheduled_at=now,
        finished_at=now,
        error="No tracks.",
    )

    assert texts() == ["Curate: No tracks."]


def test_links_are_counted_by_their_state():
    for number, status in enumerate(["queued", "queued", "failed"]):
        AlbumSource.objects.create(
            url="x", spotify_album_id=worlds.spotify_id(number), status=status, created_at=timezone.now(),
            failure_reason="x" if status == "failed" else "",
            failed_at=timezone.now() if status == "failed" else None,
        )  # fmt: skip

    found = tile("Album links waiting")

    assert found.value == "2"
    assert [note[0] for note in found.notes] == ["0 ingested", "1 failed"]
    assert found.notes[1][2] == "danger"


def test_few_tracks_are_counted_and_not_estimated():
    worlds.tracks(3)

    assert (tile("Tracks").label, tile("Tracks").value) == ("Tracks", "3")


def test_many_tracks_are_estimated_and_called_so():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET reltuples = 601000 WHERE oid = 'tracks'::regclass")

    assert (tile("Tracks").label, tile("Tracks").value) == ("Tracks (estimated)", "≈ 601,000")


def test_todays_lists_and_copies_are_counted(connected):
    playlist = worlds.playlist()
    today = timezone.now().date()
    Snapshot.objects.create(
        playlist=playlist, date=today, state="held", reason="x", created_at=timezone.now()
    )
    PlaylistCopy.objects.create(playlist=playlist, account=connected, status="error", error_message="x")

    assert [note[0] for note in tile("Active playlists").notes] == ["0 lists built today", "1 held"]
    assert tile("Copies in step").value == "0 of 1"


def test_an_account_shows_its_copies_of_its_cap_and_todays_calls(connected):
    Account.objects.update(max_playlists=7)
    PlaylistCopy.objects.create(playlist=worlds.playlist(), account=connected)
    now = timezone.now()
    for hours, calls in ((0, 5), (48, 100)):
        moment = now - dt.timedelta(hours=hours)
        CallCount.objects.create(hour=moment, endpoint="x", account=connected, calls=calls, throttled=1)

    (row,) = read()["accounts"]

    assert (row["used"], row["cap"], row["calls"], row["limited"]) == (1, 7, 5, 1)


def test_accounts_in_need_come_first(connected):
    worlds.account("Zulu", status="needs_reauth")

    assert [row["name"] for row in read()["accounts"]] == ["Zulu", "Jazz 1"]


def test_the_latest_plan_is_shown_with_its_figures_and_changes():
    now = timezone.now()
    ManagerPlan.objects.create(
        run_date=now.date(), stats={"T": 1200, "K": 50, "R": 10, "p_target": 3}, digest="x", created_at=now,
        actions=[{"action": "create"}, {"action": "create"}, {"action": "place"}], reasons=["Because."],
    )  # fmt: skip

    plan = read()["plan"]

    assert plan["figures"][0] == ("T usable tracks", 1200)
    assert plan["changes"] == [("create", 2), ("place", 1)]


def test_a_new_installation_is_shown_its_first_steps(settings):
    settings.SPOTIFY_CLIENT_ID = ""

    steps = read()["first_steps"]

    assert [step["title"] for step in steps] == [
        "Spotify's key", "An account", "Albums", "A policy", "The schedule",
    ]  # fmt: skip
    assert not steps[0]["done"]


def test_the_first_steps_go_when_all_are_done(connected):
    call_command("seed_schedule")
    worlds.policy()
    AlbumSource.objects.create(url="x", spotify_album_id=worlds.spotify_id(1), created_at=timezone.now())

    assert read()["first_steps"] == []


def test_no_token_is_on_the_front_page(admin_client):
    worlds.account("Jazz 1", access_token="CANARY", refresh_token="CANARY")

    assert "CANARY" not in admin_client.get("/admin/").text


def test_the_page_asks_again_only_while_work_goes_on(admin_client):
    assert "hx-trigger" not in admin_client.get("/admin/").text.split('id="vibe-live"')[1].split(">")[0]

    StageRun.objects.create(stage="sync", run_date=timezone.now().date(), scheduled_at=timezone.now())

    assert "every 10s" in admin_client.get("/admin/").text
