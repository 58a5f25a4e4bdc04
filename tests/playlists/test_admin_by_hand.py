"""The console by hand: days brought back, copies adopted and made again, the canaries' question answered."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from playlists.admin import copies
from playlists.models import HistoryEntry, Pause, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import canary, runs
from playlists.rotation import snapshots, timeline
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
YES = {"_form_submitted": "on"}


# --- the time machine


@pytest.fixture
def three_days(settings):
    """A playlist with lists of ten on three days, the last of them today, and a copy."""
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    worlds.tracks(60)
    row, now = worlds.playlist(), timezone.now()
    for back in (2, 1, 0):
        snapshots.build(now.date() - dt.timedelta(days=back), now=now)
    PlaylistCopy.objects.create(playlist=row, account=worlds.account())
    return row


def days_page(client, playlist, **asked):
    return client.get(reverse("admin:playlists_playlist_days", args=[playlist.pk]), asked)


def test_any_day_is_shown_beside_the_day_before(admin_client, three_days, django_assert_max_num_queries):
    yesterday = timezone.now().date() - dt.timedelta(days=1)

    with django_assert_max_num_queries(11):
        page = days_page(admin_client, three_days, day=yesterday)

    assert page.context["shown"].date == yesterday
    assert [row["change"] for row in page.context["entries"]] == ["came"] * 10
    assert len(page.context["went"]) == 10
    assert "Bring this list back" in page.text


def test_what_moved_between_two_days_says_from_where(admin_client, three_days):
    now = timezone.now()
    tomorrow = now.date() + dt.timedelta(days=1)
    yesterday = now.date() - dt.timedelta(days=1)
    again = timeline.restore(three_days, yesterday, on=tomorrow, by="x", reason="x", now=now)
    for place, shown in ((1, 99), (2, 1), (99, 2)):
        HistoryEntry.objects.filter(snapshot=again, position=place).update(position=shown)

    page = days_page(admin_client, three_days, day=tomorrow, against=yesterday)

    assert [row["change"] for row in page.context["entries"][:3]] == ["moved from 2", "moved from 1", ""]


def test_where_a_track_has_been_is_found_by_its_link(admin_client, three_days):
    used = HistoryEntry.objects.first().spotify_track_id

    page = days_page(admin_client, three_days, track=f"https://open.spotify.com/track/{used}?si=1")

    (use,) = page.context["uses"]
    assert use["playlist"] == three_days
    assert "No track of the catalogue has this id" in days_page(admin_client, three_days, track="x").text


def test_a_track_that_is_not_in_the_list_is_told_its_rule(admin_client, three_days):
    rested_less = HistoryEntry.objects.order_by("batch_tag", "pk").first().spotify_track_id

    page = days_page(admin_client, three_days, track=rested_less)

    assert "rest" in page.context["why"]
    assert page.context["why"] in html.unescape(page.text)


def test_a_playlist_without_a_list_says_what_comes_next(admin_client):
    page = days_page(admin_client, worlds.playlist())

    assert "The next curate run builds the first list." in page.text


def test_a_stranger_sees_no_days(client, three_days):
    assert days_page(client, three_days).status_code == 302


def test_a_day_is_brought_back_with_a_reason_after_saying_what_changes(admin_client, three_days):
    old = Snapshot.objects.order_by("date").first()
    url = reverse("admin:playlists_snapshot_restore", args=[old.pk])

    assert "10 tracks come and 10 go" in admin_client.get(url).text
    assert admin_client.post(url, YES | {"reason": ""}).status_code == 200
    assert Snapshot.objects.count() == 3
    admin_client.post(url, YES | {"reason": "People liked it."})

    made = Snapshot.objects.get(restored_from=old.date)
    assert made.date == timezone.now().date()
    assert "admin brought" in made.reason
    assert worlds.last_words().endswith("Because: People liked it.")


def test_what_can_not_be_brought_back_is_said_in_words(admin_client, three_days):
    up = Snapshot.objects.order_by("date").last()
    url = reverse("admin:playlists_snapshot_restore", args=[up.pk])

    page = admin_client.post(url, YES | {"reason": "x"}, follow=True)

    assert "nothing would change" in page.text
    assert Snapshot.objects.count() == 3


# --- copies by hand


@pytest.mark.parametrize("name", list(copies.BY_HAND))
def test_a_copy_is_dealt_with_by_hand_with_a_reason(
    admin_client, listed, redis_db, django_capture_on_commit_callbacks, name
):
    copy = PlaylistCopy.objects.get()
    PlaylistCopy.objects.update(spotify_playlist_id="there", error_kind="drift")
    url = reverse(f"admin:playlists_playlistcopy_{name}", args=[copy.pk])

    assert "1 copy. " in admin_client.get(url).text
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(url, YES | {"reason": "Asked for."})

    copy.refresh_from_db()
    assert (copy.status, copy.error_kind) == ("pending", "")
    assert worlds.rung(redis_db, "sync") == [("ensure_playlist_for_account", {"copy_id": copy.pk})]
    assert worlds.last_words().endswith("Because: Asked for.")


def test_what_can_not_be_done_to_a_copy_is_said_and_not_recorded(admin_client, listed):
    url = reverse("admin:playlists_playlistcopy_detach", args=[PlaylistCopy.objects.get().pk])

    page = admin_client.post(url, YES | {"reason": "x"}, follow=True)

    assert "the next push makes one" in page.text
    assert not LogEntry.objects.exists()


def test_many_copies_are_dealt_with_at_once_and_each_refusal_is_told(admin_client, listed):
    gone = PlaylistCopy.objects.create(playlist=listed, account=worlds.account(), status="archived")
    copy = PlaylistCopy.objects.exclude(pk=gone.pk).get()
    PlaylistCopy.objects.filter(pk=copy.pk).update(spotify_playlist_id="there")
    given = {"action": "recreate_selected", "_selected_action": [copy.pk, gone.pk]}
    url = reverse("admin:playlists_playlistcopy_changelist")

    assert "2 copies, each: Another playlist is made" in admin_client.post(url, given).text
    page = admin_client.post(url, given | {"confirmed": "yes"}, follow=True)

    assert "1 × The copy is made again" in page.text
    assert "1 × This copy is archived" in page.text
    assert worlds.last_words() == "Make again: 2 copies."


# --- what the guard asks


@pytest.fixture
def asked(listed, settings):
    """A sync that stopped because its first copy failed."""
    settings.SYNC_CANARY_ABOVE = 0
    now = timezone.now()
    PlaylistCopy.objects.update(status="pending", error_message="")
    run = runs.begin("sync", now.date(), trigger="test", now=now)
    runs.note(run, **canary.before(now))
    PlaylistCopy.objects.update(status="error", error_kind="refused", error_message="Refused.")
    assert canary.check(now) == -1
    return Pause.objects.get()


def test_the_front_page_leads_to_the_question_and_its_figures(admin_client, asked):
    url = reverse("admin:playlists_pause_change", args=[asked.pk])
    front = admin_client.get("/admin/").text

    page = admin_client.get(url).text

    assert url in front
    assert "Answer" in front
    assert "What is asked" in page
    assert "refused: Refused." in page


def test_the_operator_lets_the_sync_go_on(admin_client, asked):
    url = reverse("admin:playlists_pause_go_on", args=[asked.pk])

    assert "1 copy is still to be written" in admin_client.get(url).text
    admin_client.post(url, YES)

    asked.refresh_from_db()
    assert asked.lifted_by == "admin"
    assert worlds.last_words() == "The sync goes on."
    assert "Nothing is asked here any more" in admin_client.post(url, YES, follow=True).text


def test_the_operator_stops_the_sync(admin_client, asked):
    url = reverse("admin:playlists_pause_stop", args=[asked.pk])

    assert admin_client.post(url, YES | {"reason": ""}).status_code == 200
    admin_client.post(url, YES | {"reason": "Wrong policy."})

    assert StageRun.objects.get(stage="sync").error == "Stopped by admin: Wrong policy."
    assert Pause.objects.latest("pk").paused_by == "admin"
    assert "stays paused: Wrong policy." in worlds.last_words()
