"""The three policies that must work, from the doctor over the explained build to the month ahead."""

from __future__ import annotations

import datetime as dt
import io
import random

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.models import Album, Track
from curation.models import CurationPolicy
from curation.policy import revisions
from playlists.models import Snapshot
from tests.curation import catalogue
from tests.playlists import worlds

pytestmark = pytest.mark.django_db
GENRES = ("pop", "indie pop", "rock", "jazz", "ambient", "techno")


@pytest.fixture(autouse=True)
def library(settings):
    """600 albums of three tracks by 200 artists, as old and as new, as loud and as quiet as they come."""
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    CurationPolicy.objects.update(is_active=False)
    rng, today = random.Random(7), timezone.now().date()
    albums, tracks = [], []
    for number in range(600):
        released = today - dt.timedelta(days=int(rng.random() ** 3 * 20_000))
        albums.append(
            Album(
                spotify_id=catalogue.spotify_id("al", number), name=f"Album {number}", artist="Artist",
                genres=[rng.choice(GENRES)], release_date=released.isoformat(), released_on=released,
                release_date_precision="day", album_type="album", total_tracks=3, fetched_at=worlds.NOW,
            )
        )  # fmt: skip
    Album.objects.bulk_create(albums)
    for number in range(1_800):
        tracks.append(_track(number, albums[number // 3], rng))
    Track.objects.bulk_create(tracks)


def _track(number, album, rng):
    quiet = rng.random()
    features = {
        "tempo": rng.uniform(60, 190), "energy": 1 - quiet, "danceability": rng.random(),
        "valence": rng.random(),
        "acousticness": quiet, "instrumentalness": quiet * rng.random() ** 0.3, "loudness": -4 - 20 * quiet,
        "speechiness": 0.05, "liveness": 0.1, "key": 1, "mode": 1,
    }  # fmt: skip
    artist = catalogue.spotify_id("ar", number // 9)
    return catalogue.track(
        number, album, artist_ids=[artist], artist_names=[f"Artist {number // 9}"],
        popularity=rng.randrange(90), features=features if number % 5 else None,
    )  # fmt: skip


def given(name):
    """The example saved, with one playlist that follows it; its document."""
    example = next(one for one in revisions.examples() if one["name"] == name)
    row = revisions.save(
        name, example["policy"], author="ada", now=worlds.NOW, theme_tag=example["theme_tag"]
    )
    worlds.playlist(rules=row, name=name)


def said(*arguments):
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as stop:
        return out.getvalue() + f"exit {stop.code}"
    return out.getvalue()


def test_new_release_friday_is_new_songs_on_a_clock_and_says_when_its_shares_give_way():
    given("New-Release Friday")

    doctor = said("policy_doctor", "New-Release Friday")
    built = said("build_snapshot", "New-Release Friday", "--explain")
    month = said("simulate", "--days", "8")

    assert "tracks match, by" in doctor
    assert "1,800  in the catalogue" in built
    assert "10  chosen for 10 places" in built
    assert "length in seconds is 100 to 330" in built
    assert "from the pool “new”" in built
    assert "New-Release Friday" in month


def test_an_evening_run_is_full_all_month():
    given("Evening Run")

    doctor = said("policy_doctor", "Evening Run")
    built = said("build_snapshot", "Evening Run", "--explain")
    month = said("simulate", "--days", "8")

    assert "nothing to change" in doctor
    assert "tempo is 150 to 180" in built
    assert "fills 100 % of 80 places" in month
    assert "No list gives way and none is held." in month


def test_the_sleep_policy_is_told_short_before_anything_is_built_and_then_gives_way(settings):
    settings.TRACKS_PER_PLAYLIST = 6
    given("Deep-Catalogue Sleep")

    doctor = said("policy_doctor", "Deep-Catalogue Sleep")

    assert not Snapshot.objects.exists()
    assert "1 playlist of 6 that rests 30 days needs 180: the longest rest that can be kept is" in doctor
    assert "days of rest, or widen “" in doctor
    assert "until then it stays full by giving way (a rest of 14 days instead)" in doctor
    assert doctor.endswith("exit 3")

    built = said("build_snapshot", "Deep-Catalogue Sleep", "--explain")
    month = said("simulate", "--days", "30")

    assert "popularity is 5 to 55 or unknown" in built
    assert "Deep-Catalogue Sleep gives way from" in month
    assert "rotation.repeat_gap_days in" in month


def test_a_sleep_policy_that_no_step_can_fill_holds_and_is_told_so():
    Track.objects.filter(pk__gt=Track.objects.order_by("pk")[300].pk).delete()
    given("Deep-Catalogue Sleep")

    doctor = said("policy_doctor", "Deep-Catalogue Sleep")
    month = said("simulate", "--days", "20")

    assert "its relax steps do not make up for it" in doctor
    assert "Deep-Catalogue Sleep keeps an older list up" in month


def test_a_held_list_is_explained_by_what_each_rule_keeps_out():
    Track.objects.filter(pk__gt=Track.objects.order_by("pk")[20].pk).delete()
    given("Deep-Catalogue Sleep")

    built = said("build_snapshot", "Deep-Catalogue Sleep", "--explain")

    assert "Held: Only" in built
    assert "Kept out by each rule (and by that rule alone):" in built
    assert "acousticness is at least 0.6" in built
    assert built.endswith("exit 3")
