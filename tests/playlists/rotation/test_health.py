"""Rotation health over real rows: counted in a few statements, shown on the console, answered by the API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import User

from curation.models import CurationPolicy
from playlists.models import HistoryEntry, Snapshot
from playlists.rotation import health, latest_health
from tests.playlists import worlds
from tests.playlists.worlds import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 2, 3
    CurationPolicy.objects.update(is_active=False)


def made(of, tracks, *, days_ago=0, pool="rest", relaxations=(), state="built", **reasons):
    """A day's list of these tracks."""
    date = TODAY - dt.timedelta(days=days_ago)
    kept = Snapshot.objects.create(
        playlist=of, date=date, state=state, size=len(tracks), reason="" if state == "built" else "Too few.",
        relaxations=[{"path": path, "to": None, "words": ""} for path in relaxations], created_at=NOW,
    )  # fmt: skip
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            snapshot=kept, playlist=of, track=track, spotify_track_id=track.spotify_id, position=place,
            batch_tag=date.isoformat(), reasons={"pool": pool, **reasons}, added_at=NOW,
        )
        for place, track in enumerate(tracks, 1)
    )  # fmt: skip


def read(name=None):
    found = health.report(TODAY)
    return found["network"] if name is None else next(p for p in found["policies"] if p["policy"] == name)


def test_the_gap_obtained_is_the_days_between_two_uses_anywhere_in_the_network():
    tracks = worlds.tracks(10)
    here = worlds.playlist(rules=worlds.policy("Here"))
    there = worlds.playlist(rules=worlds.policy("There"))
    made(here, tracks[:2], days_ago=9)
    made(there, tracks[:2], days_ago=4)
    made(here, tracks[:1], days_ago=0)

    assert read()["gap"]["obtained"] == {"min": 4, "median": 5, "p95": 5, "pairs": 3}
    assert read("There")["gap"]["obtained"]["min"] == 5
    assert read("Here")["gap"]["obtained"] == {"min": 4, "median": 4, "p95": 4, "pairs": 1}


def test_a_policy_that_rests_by_playlist_is_measured_by_playlist():
    tracks = worlds.tracks(4)
    narrow = worlds.policy("Narrow", worlds.ANYTHING | {"rotation": {"scope": "playlist"}})
    one, two = worlds.playlist(rules=narrow), worlds.playlist(rules=narrow)
    made(one, tracks[:1], days_ago=8)
    made(two, tracks[:1], days_ago=7)
    made(one, tracks[:1], days_ago=0)

    assert read("Narrow")["gap"]["obtained"]["min"] == 8
    assert read()["gap"]["obtained"]["min"] == 1


def test_a_pin_does_not_count_as_a_track_that_came_back_early():
    tracks = worlds.tracks(4)
    made(worlds.playlist(), tracks[:1], days_ago=1, pinned=1)
    made(worlds.playlist(), tracks[:1], days_ago=0, pinned=1)

    assert read()["gap"]["obtained"]["pairs"] == 0


def test_configured_and_sustainable_gap_stand_beside_it():
    worlds.tracks(20)
    rules = worlds.policy("Slow", worlds.ANYTHING | {"rotation": {"repeat_gap_days": 6}})
    worlds.playlist(rules=rules)
    worlds.playlist(rules=rules)

    gap = read("Slow")["gap"]

    assert (gap["configured"], gap["sustainable"]) == (6, 5)
    assert read("Slow")["sentence"].startswith("Asks for 6 days of rest, but 20 tracks for 4 places a day")


def test_coverage_counts_the_matching_tracks_that_the_policys_own_lists_used():
    tracks = worlds.tracks(10)
    own, other = worlds.playlist(rules=worlds.policy("Own")), worlds.playlist(rules=worlds.policy("Other"))
    made(own, tracks[:2], days_ago=0)
    made(own, tracks[1:4], days_ago=20)
    made(other, tracks[4:9], days_ago=60)

    assert read("Own")["coverage"] == {"7": 0.2, "30": 0.4, "90": 0.4}
    assert read()["coverage"] == {"7": 0.2, "30": 0.4, "90": 0.9}


def test_a_track_that_no_longer_matches_is_no_coverage():
    tracks = worlds.tracks(10)
    short = worlds.policy(
        "Short", worlds.ANYTHING | {"where": {"field": "duration_s", "op": "lt", "value": 100}}
    )
    made(worlds.playlist(rules=short), tracks[:4])
    type(tracks[0]).objects.filter(pk=tracks[0].pk).update(duration_ms=90_000)

    assert read("Short")["tracks_matched"] == 1
    assert read("Short")["coverage"]["7"] == 1.0


def test_never_used_and_overdue_tracks_are_told_apart_even_beyond_the_window():
    tracks = worlds.tracks(10)
    mine = worlds.playlist()
    made(mine, tracks[:2], days_ago=400)
    made(mine, tracks[2:4], days_ago=11)
    made(mine, tracks[4:6], days_ago=10)

    assert read()["overdue_after_days"] == 10
    assert read()["overdue"] == 4
    assert read()["never_used"] == 4


def test_blend_shares_stand_beside_their_goals():
    tracks = worlds.tracks(10)
    pool = {"name": "new", "share": 0.5, "where": {"field": "duration_s", "op": "gt", "value": 1}}
    mine = worlds.playlist(rules=worlds.policy("Blended", worlds.ANYTHING | {"blend": [pool]}))
    made(mine, tracks[:3], pool="new")
    made(mine, tracks[3:4], days_ago=3)

    assert read("Blended")["blend"]["new"] == {"goal": 0.5, "actual": 0.75}


def test_relaxed_places_and_lists_are_counted_by_rule():
    tracks = worlds.tracks(10)
    mine = worlds.playlist()
    made(mine, tracks[:3], relaxations=["limits.per_artist"], relaxed=["at most 3 per artist"])
    made(mine, tracks[3:4], days_ago=4)
    made(mine, [], days_ago=5, state="held")

    found = read("Anything")

    assert found["hard_rule_pass_rate"] == 0.25
    assert found["relaxed"] == {"limits.per_artist": {"lists": 1, "pass_rate": 0.5}}
    assert (found["lists"], found["held"]) == (2, 1)


def test_the_top_artists_share_is_that_of_the_fifty_with_most_places():
    many = worlds.tracks(60, artists=60)
    made(worlds.playlist(), many)

    assert read()["top_50_artists_share"] == round(50 / 60, 4)
    assert read("Anything")["top_50_artists_share"] == round(50 / 60, 4)


def test_a_policy_that_does_not_parse_is_left_out():
    CurationPolicy.objects.create(name="Broken", body={"schema": "vibe.policy/9"}, digest="x")

    assert health.report(TODAY)["policies"] == []


def test_more_policies_ask_no_more_questions(django_assert_num_queries):
    worlds.tracks(10)
    for number in range(3):
        made(worlds.playlist(rules=worlds.policy(f"Policy {number}")), worlds.tracks(2))

    with django_assert_num_queries(
        12
    ):  # six in a transaction of their own, one of them with its time limited
        health.report(TODAY)


# --- its faces


def test_the_api_tells_it_to_operators(client, settings):
    made(worlds.playlist(), worlds.tracks(4))

    assert client.get("/api/v1/manager/health").status_code == 401
    answer = client.get("/api/v1/manager/health", headers={"X-ADMIN-API-KEY": settings.ADMIN_API_KEY})

    assert answer.status_code == 200
    assert answer.json()["network"]["tracks_matched"] == 4
    assert answer.json()["policies"][0]["policy"] == "Anything"


def test_the_console_shows_it(admin_client):
    made(worlds.playlist(), worlds.tracks(4))

    page = admin_client.get("/admin/playlists/managerplan/health/")
    figures = admin_client.get("/admin/playlists/managerplan/health/figures/")

    assert "/admin/playlists/managerplan/health/figures/" in page.text
    assert "Anything" in figures.text
    assert "Never used" in figures.text


def test_the_figures_open_with_few_queries(admin_client, django_assert_max_num_queries):
    made(worlds.playlist(), worlds.tracks(4))

    for most in (15, 4):  # once counted, it is only shown
        with django_assert_max_num_queries(most):
            admin_client.get("/admin/playlists/managerplan/health/figures/")


@pytest.mark.parametrize("path", ["", "figures/"])
def test_those_who_may_not_see_plans_may_not_see_it(client, path):
    client.force_login(User.objects.create_user("guest", is_staff=True))

    assert client.get(f"/admin/playlists/managerplan/health/{path}").status_code == 403


def test_it_is_counted_once_until_something_it_tells_of_changes(db, time_machine):
    playlist, later = worlds.playlist(), worlds.NOW + dt.timedelta(hours=1)
    made(playlist, worlds.tracks(4))
    first = latest_health.counted(worlds.NOW)

    kept = latest_health.counted(later)
    playlist.status = "paused"
    playlist.save()
    anew = latest_health.counted(later)

    assert (kept.report, kept.at) == (first.report, worlds.NOW)
    assert anew.at == later
    assert anew.report["network"]["playlists"] == first.report["network"]["playlists"] - 1


def test_without_redis_it_is_counted_every_time(db, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:9/0"}}
    later = worlds.NOW + dt.timedelta(hours=1)

    assert latest_health.counted(worlds.NOW).at == worlds.NOW
    assert latest_health.counted(later).at == later


def test_an_empty_installation_says_what_to_do(admin_client):
    assert "add or activate one" in admin_client.get("/admin/playlists/managerplan/health/figures/").text
