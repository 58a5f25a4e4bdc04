"""What tracks sound like follows from their genre, so that policies and vibes find what they look for."""

from __future__ import annotations

import collections
import datetime as dt
import statistics

import pytest

from sandbox import sound
from sandbox.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue(seed=1, albums=500, today=dt.date(2026, 11, 22))


@pytest.fixture(scope="module")
def tracks(catalogue):
    return [
        track for n in range(500) if catalogue.exists(n) for track in catalogue.tracks(catalogue.album(n))
    ]


@pytest.fixture(scope="module")
def mean(catalogue, tracks):
    """mean("metal", "energy"): over the tracks whose artist is of that genre."""
    values = collections.defaultdict(list)
    for track in tracks:
        genre = catalogue.artist(track.artists[0]).genre.name
        for name, value in sound.features(catalogue, track).items():
            values[genre, name].append(value)
    return lambda genre, name: statistics.mean(values[genre, name])


def test_metal_is_loud_and_fast_and_ambient_is_neither(mean):
    assert mean("metal", "energy") > 0.85
    assert mean("metal", "loudness") > -7
    assert mean("metal", "tempo") > 135
    assert mean("ambient", "energy") < 0.25
    assert mean("ambient", "loudness") < -17
    assert mean("ambient", "acousticness") > 0.7
    assert mean("ambient", "instrumentalness") > 0.7


def test_house_is_for_dancing_hip_hop_is_spoken_reggae_is_happy(mean):
    assert mean("house", "danceability") > mean("classical", "danceability") + 0.3
    assert mean("hip hop", "speechiness") > 2 * mean("pop", "speechiness")
    assert mean("reggae", "valence") > mean("metal", "valence") + 0.2
    assert 120 < mean("house", "tempo") < 128
    assert mean("drum and bass", "tempo") > 165


def test_values_stay_in_spotifys_ranges(catalogue, tracks):
    for track in tracks[:2000]:
        values = sound.features(catalogue, track)
        shares = {
            name: value for name, value in values.items() if name.endswith("ness") and name != "loudness"
        }

        assert all(0 <= value <= 1 for value in shares.values())
        assert -60 <= values["loudness"] <= 1
        assert 40 <= values["tempo"] <= 220
        assert values["key"] in range(12)
        assert values["mode"] in (0, 1)


def test_the_same_recording_sounds_the_same_wherever_it_appears(catalogue, tracks):
    again = next(track for track in tracks if track.recording != track.number)
    first = catalogue.track_numbered(again.recording)

    assert sound.features(catalogue, again) == sound.features(catalogue, first)


def test_the_covered_share_is_as_asked_and_always_the_same_tracks(catalogue, tracks):
    covered = [sound.known(catalogue, track, 0.75) for track in tracks]

    assert 0.72 < statistics.mean(covered) < 0.78
    assert covered == [sound.known(catalogue, track, 0.75) for track in tracks]
    assert not any(sound.known(catalogue, track, 0.0) for track in tracks)
    assert all(sound.known(catalogue, track, 1.0) for track in tracks)


def test_there_is_music_to_sleep_by_and_music_to_run_to(catalogue, tracks):
    heard = [sound.features(catalogue, track) for track in tracks]
    sleep = [
        v for v in heard if v["acousticness"] >= 0.6 and v["instrumentalness"] >= 0.5 and v["loudness"] <= -12
    ]
    run = [v for v in heard if 150 <= v["tempo"] <= 180]

    assert len(sleep) > 0.02 * len(tracks)
    assert len(run) > 0.05 * len(tracks)
