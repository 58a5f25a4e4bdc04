"""Small catalogues for the generator's tests: albums of one track each, alike but for their artists."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.curation import catalogue

LOUD = {
    "energy": 0.9,
    "valence": 0.7,
    "danceability": 0.8,
    "instrumentalness": 0.0,
    "tempo": 128.0,
    "acousticness": 0.1,
}
CALM = {
    "energy": 0.2,
    "valence": 0.3,
    "danceability": 0.3,
    "instrumentalness": 0.9,
    "tempo": 80.0,
    "acousticness": 0.9,
}


def stock(first: int, tracks: int, *, genres: list[str], year: int = 2020, **values: Any) -> None:
    """Tracks with the numbers `first`, `first` + 1, ..., each by an artist of its own."""
    for number in range(first, first + tracks):
        album = catalogue.album(
            number,
            genres=genres,
            release_date=str(year),
            release_date_precision="year",
            released_on=dt.date(year, 1, 1),
        )
        names = {"artist": f"Artist {number}", "artist_names": [f"Artist {number}"]}
        catalogue.track(number, album, **{**names, **values}).save()
