"""The made-up catalogue: the same for the same seed, of a believable make-up, lean and quick."""

from __future__ import annotations

import collections
import datetime as dt
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tracemalloc

import pytest

from sandbox import draws, ids
from sandbox.catalogue import FRESH_DAYS, Catalogue
from sandbox.genres import GENRES

TODAY = dt.date(2026, 11, 22)
ROOT = pathlib.Path(__file__).resolve().parents[2]


def catalogue(seed=1, albums=600, today=TODAY):
    return Catalogue(seed=seed, albums=albums, today=today)


def everything(made):
    return [(made.album(n), made.tracks(made.album(n))) for n in range(made.size) if made.exists(n)]


@pytest.fixture(scope="module")
def made():
    return everything(catalogue())


def test_the_same_seed_makes_the_same_catalogue():
    assert everything(catalogue(albums=120)) == everything(catalogue(albums=120))


def test_another_process_with_another_hash_seed_makes_the_same_catalogue():
    code = (
        "import sys, json, datetime as dt\n"
        "from sandbox.catalogue import Catalogue\n"
        "c = Catalogue(seed=1, albums=60, today=dt.date(2026, 11, 22))\n"
        "made = [c.tracks(c.album(n)) for n in range(60) if c.exists(n)]\n"
        "print(json.dumps([[t.spotify_id, t.name, t.isrc] for tracks in made for t in tracks]))"
    )
    env = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT)}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    ).stdout

    ours = [[t.spotify_id, t.name, t.isrc] for _, tracks in everything(catalogue(albums=60)) for t in tracks]
    assert json.loads(printed) == ours


def test_another_seed_makes_another_catalogue():
    assert catalogue(seed=1).album(7).spotify_id != catalogue(seed=2).album(7).spotify_id
    assert catalogue(seed=1).album(7).name != catalogue(seed=2).album(7).name


def test_a_track_made_alone_is_the_track_made_with_its_album():
    whole = everything(catalogue(albums=120))[80][1]
    alone = catalogue(albums=120).find_track(whole[0].spotify_id)

    assert alone == whole[0]


def test_ids_are_unique(made):
    tracks = [track.spotify_id for _, tracks in made for track in tracks]

    assert len(set(tracks)) == len(tracks)
    assert len({album.spotify_id for album, _ in made}) == len(made)


def test_albums_have_about_eleven_tracks_on_average(made):
    assert 10 <= statistics.mean(len(tracks) for _, tracks in made) <= 12


def test_albums_singles_and_compilations_are_all_there(made):
    kinds = collections.Counter(album.kind for album, _ in made)

    assert kinds["album"] > kinds["single"] > kinds["compilation"] > 20


def test_a_few_artists_have_very_many_albums():
    by_artist = collections.Counter(draws.artists_by_album(10_000, catalogue().dice(9, 1)))
    counts = sorted(by_artist.values(), reverse=True)

    assert counts[0] > 20
    assert statistics.median(counts) == 1


def test_every_genre_is_there_and_some_albums_have_none(made):
    named = {name for album, _ in made for name in album.genres}

    assert {genre.name for genre in GENRES} <= named
    assert 0.02 < sum(not album.genres for album, _ in made) / len(made) < 0.15


def test_dates_run_from_the_sixties_to_today_with_fresh_releases(made):
    years = [album.year for album, _ in made]
    newest = [
        a
        for a, _ in made
        if a.precision == "day" and (TODAY - dt.date.fromisoformat(a.release_date)).days < FRESH_DAYS
    ]

    assert min(years) < 1970
    assert max(album.release_date for album, _ in made) <= str(TODAY)
    assert 0.02 < len(newest) / len(made) < 0.12


def test_today_moves_only_the_fresh_releases():
    now, later = catalogue(albums=120), catalogue(albums=120, today=dt.date(2027, 3, 1))

    assert [album.name for album, _ in everything(now)] == [album.name for album, _ in everything(later)]
    assert max(album.release_date for album, _ in everything(later)) > "2027"


def test_popularity_is_mostly_low_and_sometimes_high(made):
    values = sorted(track.popularity for _, tracks in made for track in tracks)

    assert 10 < statistics.median(values) < 45
    assert values[0] >= 0
    assert 60 < values[int(len(values) * 0.995)] <= 100


def test_some_tracks_are_explicit_live_remixed_remastered_or_karaoke(made):
    tracks = [track for _, tracks in made for track in tracks]

    assert 0.05 < sum(track.explicit for track in tracks) / len(tracks) < 0.25
    for word in (" - Live", "Remix", "Remaster", "(Karaoke Version)", "(feat. "):
        assert any(word in track.name for track in tracks), word


def test_a_compilation_carries_earlier_recordings_again_under_other_ids(made):
    by_code = collections.defaultdict(list)
    for _, tracks in made:
        for track in tracks:
            by_code[track.isrc].append(track)
    again = [tracks for tracks in by_code.values() if len(tracks) > 1]

    assert len(again) > 20
    assert all(len({track.spotify_id for track in tracks}) == len(tracks) for tracks in again)
    assert all(len({(track.name, track.artists) for track in tracks}) == 1 for tracks in again)


def test_no_song_is_twice_on_one_album(made):
    for album, tracks in made:
        assert len({track.recording for track in tracks}) == len(tracks), album.name


def test_a_recording_is_found_by_its_code(made):
    track = made[80][1][0]
    found = catalogue().find_isrc(track.isrc)

    assert found is not None
    assert found.isrc == track.isrc


def test_things_that_are_not_in_this_catalogue_are_not_found():
    small = catalogue(albums=20)

    assert small.find_album(ids.encode(ids.ALBUM, 20, seed=1)) is None
    assert small.find_track(ids.encode(ids.TRACK, 20 * 1024, seed=1)) is None
    assert small.find_track(ids.encode(ids.TRACK, 3 * 1024 + 900, seed=1)) is None
    assert small.find_artist(ids.encode(ids.ARTIST, 9999, seed=1)) is None


def test_ten_thousand_albums_take_little_memory_before_they_are_asked_for():
    tracemalloc.start()
    try:
        kept = catalogue(albums=10_000)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert kept.size == 10_000
    assert used < 8 * 2**20
