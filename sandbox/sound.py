"""How each recording sounds: audio features from genre, album and luck, and whether they are known."""

import math
from random import Random

from sandbox.catalogue import Catalogue
from sandbox.records import TRACKS_PER_ALBUM, Track

_SOUND, _COVERED = 7, 8

Features = dict[str, float | int]


def features(catalogue: Catalogue, track: Track) -> Features:
    """The eleven audio features of a track's recording, in Spotify's units, plus time_signature."""
    album_number, _ = divmod(track.recording, TRACKS_PER_ALBUM)
    genre = catalogue.artist(track.artists[0]).genre
    rng = Random((catalogue.seed << 80) | (_SOUND << 72) | track.recording)
    mood = catalogue.album(album_number).mood
    lift = 0.07 * mood + rng.gauss(0, 0.09)
    live, bare = " - Live" in track.name, track.name.endswith(("- Acoustic", "- Demo"))
    energy = _share(genre.energy + lift - (0.25 if bare else 0))
    sung = 0.0 if genre.instrumentalness < 0.3 else 0.25
    instrumental = track.name.endswith("- Instrumental") or "(Karaoke Version)" in track.name
    return {
        "acousticness": _share(genre.acousticness - 0.9 * lift + rng.gauss(0, 0.08) + (0.45 if bare else 0)),
        "danceability": _share(genre.danceability + rng.gauss(0, 0.08) - (0.08 if live else 0)),
        "energy": energy,
        "instrumentalness": _share(
            0.9 if instrumental else genre.instrumentalness + sung * rng.gauss(0, 0.8), 5
        ),
        "key": rng.randrange(12),
        "liveness": _share(rng.betavariate(6, 2) if live else 0.06 + rng.expovariate(9)),
        "loudness": round(
            min(0.2, max(-42.0, genre.loudness + 14 * (energy - genre.energy) + rng.gauss(0, 1.2))), 3
        ),
        "mode": int(rng.random() < (0.45 if genre.valence < 0.35 else 0.64)),
        "speechiness": _share(genre.speechiness * math.exp(rng.gauss(0, 0.35))),
        "tempo": round(min(215.0, max(48.0, rng.gauss(*genre.tempo))), 3),
        "valence": _share(genre.valence + 0.05 * mood + rng.gauss(0, 0.13)),
        "time_signature": 3 if rng.random() < 0.07 else 4,
    }


def known(catalogue: Catalogue, track: Track, coverage: float) -> bool:
    """Whether the features service knows this recording: the same share, the same tracks, every time."""
    return Random((catalogue.seed << 80) | (_COVERED << 72) | track.recording).random() < coverage


def _share(value: float, digits: int = 4) -> float:
    return round(min(0.995, max(0.0 if digits > 4 else 0.002, value)), digits)
