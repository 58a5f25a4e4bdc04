"""The time machine over the API: guarded, in words where it can not be, and dry where that is asked."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from playlists.models import HistoryEntry, Snapshot
from playlists.rotation import snapshots
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def playlist(settings):
    """A playlist with a list of ten yesterday and another one today."""
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 2
    worlds.tracks(40)
    made, now = worlds.playlist(), timezone.now()
    for back in (1, 0):
        snapshots.build(now.date() - back * DAY, now=now)
    return made


def yesterday():
    return timezone.now().date() - DAY


@pytest.mark.parametrize(
    "method, path",
    [("get", "playlists/1/timeline"), ("post", "playlists/1/restore"), ("get", "tracks/x/whereabouts")],
)
def test_the_time_machine_wants_the_key(anonymous_api, method, path):
    assert getattr(anonymous_api, method)(f"/api/v1/{path}").status_code == 401


def test_a_day_comes_with_what_changed_since_another(api, playlist, django_assert_max_num_queries):
    url = f"/api/v1/playlists/{playlist.public_id}/timeline"

    with django_assert_max_num_queries(6):
        body = api.get(url).json()

    assert (body["date"], body["against"]) == (str(yesterday() + DAY), str(yesterday()))
    assert [row["position"] for row in body["tracks"]] == list(range(1, 11))
    assert (len(body["came"]), len(body["went"]), body["moved"], body["stayed"]) == (10, 10, [], [])
    assert api.get(url, {"date": str(yesterday())}).json()["against"] is None
    assert api.get(url, {"date": str(yesterday() - DAY)}).status_code == 404
    assert api.get(url, {"date": "soon"}).status_code == 400


def test_a_day_is_brought_back_and_a_dry_run_only_says_what_that_does(api, playlist):
    url = f"/api/v1/playlists/{playlist.pk}/restore"
    wish = {"from_date": str(yesterday()), "reason": "It was better."}

    dry = api.post(url, wish | {"dry_run": True}, format="json")
    assert dry.status_code == 200
    assert "10 tracks come and 10 go" in dry.json()["sentence"]
    assert Snapshot.objects.count() == 2

    assert api.post(url, wish, format="json").status_code == 201
    made = Snapshot.objects.get(restored_from=yesterday())
    assert made.reason == f"api-key brought the list of {yesterday()} back: It was better."


def test_what_can_not_be_brought_back_is_a_conflict_in_words(api, playlist):
    url = f"/api/v1/playlists/{playlist.pk}/restore"
    today = str(yesterday() + DAY)

    answer = api.post(url, {"from_date": today, "reason": "x"}, format="json")

    assert answer.status_code == 409
    assert "nothing would change" in answer.json()["detail"]
    assert api.post(url, {"from_date": today}, format="json").status_code in {400, 422}


def test_a_track_tells_where_it_has_been(api, playlist):
    used = HistoryEntry.objects.get(batch_tag=str(yesterday()), position=3).spotify_track_id

    body = api.get(f"/api/v1/tracks/{used}/whereabouts").json()

    assert body["uses"] == [
        {"date": str(yesterday()), "playlist": playlist.public_id, "name": playlist.name, "position": 3}
    ]
    assert api.get("/api/v1/tracks/unknown/whereabouts").status_code == 404
