"""The console's playlist pages: lists with reasons, copies, plans in words, stages by hand, pausing."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from playlists.admin import words
from playlists.models import HistoryEntry, ManagerPlan, Pause, Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import schedule
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
YES = {"_form_submitted": "on"}


def test_a_playlist_shows_its_newest_list_and_its_copies(admin_client, listed, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        page = admin_client.get(reverse("admin:playlists_playlist_change", args=[listed.pk]))

    assert len(page.context["entries"]) == 50
    assert "Refused." in page.text


def test_a_snapshot_tells_what_came_and_went(admin_client, listed, django_assert_max_num_queries):
    today = Snapshot.objects.get()
    before = Snapshot.objects.create(
        playlist=listed,
        date=today.date - dt.timedelta(days=1),
        state="built",
        size=1,
        created_at=timezone.now(),
    )
    same = today.entries.first()
    HistoryEntry.objects.create(
        snapshot=before, playlist=listed, track=same.track, spotify_track_id=same.spotify_track_id,
        position=1, batch_tag=str(before.date), added_at=timezone.now(),
    )  # fmt: skip

    with django_assert_max_num_queries(10):
        page = admin_client.get(reverse("admin:playlists_snapshot_change", args=[today.pk]))

    assert page.context["turnover"] == {"came": 49, "went": 0, "stayed": 1}
    assert len(page.context["entries"]) == 50


def test_building_by_hand_rings_for_that_playlist(
    admin_client, listed, redis_db, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(reverse("admin:playlists_playlist_build_now", args=[listed.pk]), YES)

    assert worlds.rung(redis_db, "default") == [("build_playlist_snapshot", {"playlist_id": listed.pk})]
    assert worlds.last_words() == "A worker builds today's list."


def test_after_building_by_hand_the_page_looks_for_the_list_by_itself_until_it_is_there(admin_client):
    playlist = worlds.playlist()
    url = reverse("admin:playlists_playlist_change", args=[playlist.pk])
    assert "hx-trigger" not in entries_panel(admin_client.get(url).text)

    answer = admin_client.post(reverse("admin:playlists_playlist_build_now", args=[playlist.pk]), YES)
    waiting = entries_panel(admin_client.get(answer["Location"]).text)
    Snapshot.objects.create(
        playlist=playlist, date=timezone.now().date(), state="held", reason="Too few tracks.", size=0,
        created_at=timezone.now(),
    )  # fmt: skip
    there = entries_panel(admin_client.get(answer["Location"]).text)

    assert 'hx-trigger="every 3s' in waiting
    assert "A worker builds today" in waiting
    assert "No list yet" not in waiting
    assert "hx-trigger" not in there
    assert "Too few tracks." in there


def entries_panel(page: str) -> str:
    return page[page.index('<section id="vibe-list"') :].partition("</section>")[0]


def test_a_failed_copy_is_synced_with_a_clean_slate(
    admin_client, listed, redis_db, django_capture_on_commit_callbacks
):
    copy = PlaylistCopy.objects.get()
    PlaylistCopy.objects.update(attempts=6, not_before=timezone.now() + dt.timedelta(hours=6))

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(reverse("admin:playlists_playlistcopy_sync_now", args=[copy.pk]), YES)

    copy.refresh_from_db()
    assert (copy.attempts, copy.not_before) == (0, None)
    assert worlds.rung(redis_db, "sync") == [("ensure_playlist_for_account", {"copy_id": copy.pk})]


def test_selected_copies_are_synced_after_a_question_with_counts(admin_client, listed):
    given = {"action": "sync_selected", "_selected_action": [PlaylistCopy.objects.get().pk]}
    url = reverse("admin:playlists_playlistcopy_changelist")

    assert "1 copy, 1 of them failed" in admin_client.post(url, given).text
    admin_client.post(url, given | {"confirmed": "yes"})

    assert worlds.last_words() == "Asked for a sync of 1 copy."


def test_all_copies_of_a_playlist_are_synced(admin_client, listed):
    admin_client.post(reverse("admin:playlists_playlist_sync_now", args=[listed.pk]), YES)

    assert worlds.last_words() == "1 copy waits for a worker."


def test_a_sync_of_a_playlist_without_copies_warns_and_says_what_to_do(admin_client, api):
    playlist = worlds.playlist()
    url = reverse("admin:playlists_playlist_sync_now", args=[playlist.pk])

    dialog = admin_client.get(url)
    page = admin_client.post(url, YES, follow=True)
    answer = api.post(f"/api/v1/playlists/{playlist.pk}/sync")

    (message,) = page.context["messages"]
    assert message.level_tag == "warning"
    assert message.message == (
        "This playlist has no copies yet: they follow at the next scale run. To have them now, run scale on "
        "the console's page of nights, then sync again."
    )
    assert message.message in html.unescape(dialog.text)
    assert (answer.status_code, answer.json()["queued"], answer.json()["why"]) == (202, 0, message.message)


def test_a_sync_of_a_playlist_without_a_list_says_to_build_it_first(admin_client):
    copy = worlds.placed(worlds.account())

    admin_client.post(reverse("admin:playlists_playlist_sync_now", args=[copy.playlist_id]), YES)

    assert worlds.last_words().startswith("This playlist has no list yet: build today's list first")


def test_a_sync_of_a_playlist_in_step_says_that_nothing_is_to_be_written(admin_client, listed):
    PlaylistCopy.objects.update(
        status="synced", synced_snapshot=Snapshot.objects.get(), last_synced_at=timezone.now(),
        spotify_playlist_id="1" * 22, error_message="", error_kind="",
    )  # fmt: skip

    page = admin_client.post(reverse("admin:playlists_playlist_sync_now", args=[listed.pk]), YES, follow=True)

    (message,) = page.context["messages"]
    assert (message.level_tag, message.message) == (
        "info", "Every copy carries the newest list already: nothing is to be written.",
    )  # fmt: skip


def test_an_archived_copy_is_left_alone(admin_client, listed):
    PlaylistCopy.objects.update(status="archived")
    url = reverse("admin:playlists_playlistcopy_sync_now", args=[PlaylistCopy.objects.get().pk])

    page = admin_client.post(url, YES, follow=True)

    assert "nothing to write to" in page.text
    assert not LogEntry.objects.exists()


def test_a_playlist_is_retired_and_never_deleted(admin_client, listed):
    url = reverse("admin:playlists_playlist_delete", args=[listed.pk])

    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert Playlist.objects.exists()


@pytest.mark.parametrize("stage", list(schedule.TASK_OF))
def test_a_stage_can_be_run_by_hand(admin_client, redis_db, django_capture_on_commit_callbacks, stage):
    url = reverse(f"admin:playlists_stagerun_run_{stage}")

    assert admin_client.get(url).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(url, YES)

    tasks = [name for queue in ("default", "ingest", "sync") for name, _ in worlds.rung(redis_db, queue)]
    assert tasks == [schedule.TASK_OF[stage].task]
    assert worlds.last_words() == f"Enqueued {stage}: a worker takes it up."


def test_a_catalogue_stage_run_by_hand_is_a_run_of_today(admin_client):
    admin_client.post(reverse("admin:playlists_stagerun_run_ingest"), YES)

    run = StageRun.objects.get()
    assert (run.stage, run.run_date, run.trigger) == ("ingest", timezone.now().date(), "by admin")


def test_the_question_before_a_stage_says_what_waits(admin_client, listed):
    page = admin_client.get(reverse("admin:playlists_stagerun_run_curate"))

    assert "0 active playlists have no list of today." in page.text


def test_pausing_needs_a_reason_and_keeps_who_and_until_when(admin_client):
    url = reverse("admin:playlists_pause_begin")

    assert admin_client.post(url, YES | {"reason": "", "hours": "4"}).status_code == 200
    admin_client.post(url, YES | {"reason": "Spotify has trouble.", "hours": "4"})

    pause = Pause.objects.get()
    assert (pause.paused_by, pause.reason) == ("admin", "Spotify has trouble.")
    assert pause.until - pause.paused_at == dt.timedelta(hours=4)
    assert "Spotify has trouble." in worlds.last_words()


def test_resuming_lifts_the_pause(admin_client):
    Pause.objects.create(reason="x", paused_by="x", paused_at=timezone.now())

    admin_client.post(reverse("admin:playlists_pause_resume"), YES)

    assert Pause.objects.get().lifted_by == "admin"
    assert worlds.last_words() == "Resumed: 1 pause lifted."


def test_a_plan_is_worked_out_as_a_proposal_that_changes_nothing(admin_client):
    worlds.tracks(60)
    worlds.policy()
    worlds.account()

    question = admin_client.get(reverse("admin:playlists_managerplan_propose"))
    assert "P* = ⌈T / (K × R)⌉" in question.text
    admin_client.post(reverse("admin:playlists_managerplan_propose"), YES)

    assert ManagerPlan.objects.get().status == "proposed"
    assert not Playlist.objects.exists()


def test_a_plan_is_applied_in_the_operators_name(admin_client):
    worlds.tracks(60)
    worlds.policy()
    worlds.account(max_playlists=1)

    admin_client.post(reverse("admin:playlists_managerplan_apply"), YES)

    plan = ManagerPlan.objects.get()
    assert (plan.status, plan.applied_by) == ("applied", "admin")
    assert Playlist.objects.count() == 1
    page = admin_client.get(reverse("admin:playlists_managerplan_change", args=[plan.pk]))
    assert words.formula(plan.stats) in page.text
    assert "Create #001" in page.text


def test_what_if_works_the_plan_out_and_writes_nothing(admin_client, django_assert_max_num_queries):
    worlds.tracks(60)
    worlds.policy()
    worlds.account(max_playlists=4)
    url = reverse("admin:playlists_managerplan_what_if")

    with django_assert_max_num_queries(16):
        page = admin_client.get(url, {"T": 10_000, "R": 7, "K": "", "accounts": 20})

    assert "⌈10,000 / (50 × 7)⌉ = 29" in page.text
    assert "28 is what the catalogue can rest" in page.text
    assert "greater than or equal to 1" in admin_client.get(url, {"R": 0}).text
    assert url in admin_client.get(reverse("admin:playlists_managerplan_changelist")).text
    assert not ManagerPlan.objects.exists()
    assert not Playlist.objects.exists()


def test_recent_usage_answers_searches_only(admin_client, listed):
    url = reverse("admin:playlists_recentusage_changelist")
    used = HistoryEntry.objects.first().spotify_track_id

    assert not admin_client.get(url).context["cl"].result_list
    assert len(admin_client.get(url, {"q": used}).context["cl"].result_list) == 1


# --- words


def test_the_formula_shows_its_numbers():
    assert words.formula({"T": 25_230, "K": 50, "R": 10, "p_target": 51}).endswith(
        "⌈25,230 / (50 × 10)⌉ = 51"
    )


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ({"action": "create", "global_index": 7, "theme_tag": "Jazz"}, "Create #007 “Jazz”"),
        ({"action": "retire", "global_index": 7, "playlist": "Jazz 7"}, "Retire #007 “Jazz 7”"),
        ({"action": "place", "global_index": 7, "account": "A"}, "Put #007 on A"),
        (
            {"action": "move", "global_index": 7, "from_account": "A", "to_account": "B"},
            "Move #007 from A to B",
        ),
        ({"action": "remove", "global_index": 7, "account": "A"}, "Take #007 off A"),
    ],
)
def test_a_step_of_a_plan_reads_as_a_sentence(step, text):
    assert words.action(step)["text"] == text


@pytest.mark.parametrize(("seconds", "text"), [(4.24, "4.2 s"), (600, "10 min"), (11_100, "3 h 5 min")])
def test_a_duration_reads_in_fitting_units(seconds, text):
    assert words.duration(seconds) == text
