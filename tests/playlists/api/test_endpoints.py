"""The playlists' endpoints: guarded where they change things, cached and counted where everybody reads."""

from __future__ import annotations

import datetime as dt

import pytest

from curation.models import CurationPolicy
from playlists.api import directory
from playlists.models import ManagerPlan, Playlist, PlaylistCopy
from playlists.rotation import snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
NOW, TODAY = worlds.NOW, worlds.TODAY
TEMPLATE = {"name": "Night drive", "theme_tag": "Drive", "policy": worlds.ANYTHING, "replication_factor": 2}


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2


@pytest.fixture
def listed():
    """Three playlists with lists, each with a copy that is up."""
    worlds.tracks(80)
    account = worlds.account(display_name="Station")
    made = [worlds.playlist() for _ in range(3)]
    snapshots.build(TODAY, now=NOW)
    for one in made:
        PlaylistCopy.objects.create(
            playlist=one, account=account, status="synced", spotify_playlist_id=worlds.spotify_id(one.pk),
            external_url=f"https://open.spotify.com/playlist/{one.pk}", last_synced_at=NOW,
        )  # fmt: skip
    return made


@pytest.mark.parametrize(
    "method, path",
    [
        ("get", "playlists/templates"),
        ("post", "playlists/templates"),
        ("post", "playlists/sync"),
        ("post", "playlists/1/sync"),
        ("get", "manager/plan"),
        ("post", "manager/execute"),
    ],
)
def test_operators_endpoints_want_the_key(anonymous_api, method, path):
    assert getattr(anonymous_api, method)(f"/api/v1/{path}").status_code == 401
    wrong = {"X-ADMIN-API-KEY": "wrong"}
    assert getattr(anonymous_api, method)(f"/api/v1/{path}", headers=wrong).status_code == 403


def test_a_template_is_a_policy_and_a_playlist(api):
    answer = api.post("/api/v1/playlists/templates", TEMPLATE, format="json")

    assert answer.status_code == 201
    made = Playlist.objects.get()
    assert (made.name, made.theme_tag, made.replication_factor, made.is_managed) == (
        "Night drive",
        "Drive",
        2,
        False,
    )
    assert answer.json()["id"] == made.public_id
    assert made.policy == CurationPolicy.objects.get(name="Night drive")
    assert not PlaylistCopy.objects.exists()
    assert api.get("/api/v1/playlists/templates").json()["results"][0]["policy"]["schema"] == "vibe.policy/1"


def test_the_same_template_again_changes_it(api):
    api.post("/api/v1/playlists/templates", TEMPLATE, format="json")

    again = api.post("/api/v1/playlists/templates", TEMPLATE | {"theme_tag": "Road"}, format="json")

    assert again.status_code == 200
    assert Playlist.objects.get().theme_tag == "Road"


@pytest.mark.parametrize(
    "change, path",
    [
        ({"policy": {"schema": "vibe.policy/1", "wher": {}}}, "policy.wher"),
        (
            {"policy": {"schema": "vibe.policy/1", "where": {"field": "mood", "op": "eq", "value": 1}}},
            "policy.where",
        ),
        ({"policy": "soft"}, "policy"),
        ({"policy": None}, "policy"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"theme_tag": "x" * 74}, "theme_tag"),
        ({"replication_factor": 0}, "replication_factor"),
        ({"replication_factor": "many"}, "replication_factor"),
    ],
)
def test_a_bad_template_is_refused_with_the_path_to_the_mistake(api, change, path):
    answer = api.post("/api/v1/playlists/templates", TEMPLATE | change, format="json")

    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert any(error["path"].startswith(path) for error in answer.json()["errors"])
    assert not Playlist.objects.exists()
    assert not CurationPolicy.objects.filter(name="Night drive").exists()


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(api, body):
    assert api.post("/api/v1/playlists/templates", body, format="json").status_code in {400, 422}
    assert api.post("/api/v1/manager/execute", body, format="json").status_code in {200, 400, 422}


def test_the_plan_before_any_is_the_one_that_would_be_made(api):
    answer = api.get("/api/v1/manager/plan")

    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["status"]) == (None, "proposed")


def test_execute_applies_and_a_dry_run_does_not(api):
    worlds.tracks(80)
    worlds.policy()
    worlds.account()

    dry = api.post("/api/v1/manager/execute", {"dry_run": True}, format="json")
    assert dry.status_code == 200
    assert not ManagerPlan.objects.exists()

    wet = api.post("/api/v1/manager/execute", {}, format="json")
    assert wet.status_code == 200
    assert wet.json()["status"] == "applied"
    assert api.get("/api/v1/manager/plan").json()["id"] == ManagerPlan.objects.get().pk
    assert wet.json()["stats"].keys() == dry.json()["stats"].keys()


def test_sync_rings_for_what_is_due(api, listed, django_capture_on_commit_callbacks):
    one = api.post(f"/api/v1/playlists/{listed[0].public_id}/sync")
    every = api.post("/api/v1/playlists/sync")

    assert (one.status_code, one.json()["queued"]) == (202, 1)
    assert (every.status_code, every.json()["queued"]) == (202, 3)
    assert api.post("/api/v1/playlists/999999/sync").status_code == 404
    assert api.post("/api/v1/playlists/nobody/sync").status_code == 404


def test_the_directory_lists_names_links_and_last_sync(anonymous_api, listed, django_assert_num_queries):
    with django_assert_num_queries(2):
        answer = anonymous_api.get("/api/v1/public/playlists")

    first = answer.json()["results"][0]
    assert first["id"] == listed[0].public_id
    assert first["title"] == "Vibe • Calm • #001 • 2026-11-25"
    assert first["links"][0]["external_url"].startswith("https://open.spotify.com/playlist/")
    assert first["last_synced_at"]
    assert anonymous_api.get(f"/api/v1/public/playlists/{first['id']}").json() == first


def test_the_directory_is_paged_by_cursor(anonymous_api, listed):
    first = anonymous_api.get("/api/v1/public/playlists?limit=2").json()
    second = anonymous_api.get(first["next"]).json()

    assert [len(first["results"]), len(second["results"])] == [2, 1]
    assert second["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=%FF", "page=2", "limits=3"])
def test_wrong_parameters_are_refused(anonymous_api, listed, query):
    answer = anonymous_api.get(f"/api/v1/public/playlists?{query}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_days_tracks_are_one_query_with_an_etag(anonymous_api, listed, django_assert_num_queries):
    path = f"/api/v1/public/playlists/{listed[0].public_id}/tracks"
    with django_assert_num_queries(1):
        answer = anonymous_api.get(path)

    assert len(answer.json()["tracks"]) == 10
    assert answer.json()["date"] == TODAY.isoformat()
    with django_assert_num_queries(1):
        again = anonymous_api.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_tracks_of_another_day_are_kept(anonymous_api, listed):
    snapshots.build(TODAY + dt.timedelta(days=1), now=NOW)
    path = f"/api/v1/public/playlists/{listed[0].public_id}/tracks"

    newest = anonymous_api.get(path).json()
    earlier = anonymous_api.get(f"{path}?date={TODAY}").json()

    assert newest["date"] == "2026-11-26"
    assert earlier["date"] == "2026-11-25"
    assert anonymous_api.get(f"{path}?date=2020-01-01").status_code == 404
    assert anonymous_api.get(f"{path}?date=someday").status_code == 400
    assert anonymous_api.get(f"{path}?day={TODAY}").status_code == 400


def test_accounts_have_opaque_ids_and_their_copies(anonymous_api, listed, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = anonymous_api.get("/api/v1/public/accounts").json()["results"]

    account = PlaylistCopy.objects.first().account
    assert found[0]["name"] == "Station"
    assert found[0]["playlists"] == 3
    assert found[0]["id"] == directory.account_id(account)
    assert not found[0]["id"].isdigit()
    copies = anonymous_api.get(f"/api/v1/public/accounts/{found[0]['id']}/playlists").json()["results"]
    assert [one["id"] for one in copies] == [one.public_id for one in listed]
    assert anonymous_api.get("/api/v1/public/accounts/1/playlists").status_code == 404


def test_row_numbers_and_retired_playlists_are_not_found(anonymous_api, listed):
    Playlist.objects.filter(pk=listed[1].pk).update(status="retired")

    assert anonymous_api.get(f"/api/v1/public/playlists/{listed[0].pk}").status_code == 404
    assert anonymous_api.get(f"/api/v1/public/playlists/{listed[1].public_id}").status_code == 404
    assert anonymous_api.get(f"/api/v1/public/playlists/{listed[1].public_id}/tracks").status_code == 404


def test_wrong_methods_are_problems(api):
    answer = api.delete("/api/v1/playlists/sync")

    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/problem+json"
