"""The shapes that Vibe leans on, in our own words: what is checked where the real bodies are not at hand."""

from __future__ import annotations

import json
import pathlib

import pytest
import requests

from sandbox import odd
from tests.contract import shape
from tests.sandbox import callers

SHAPES = pathlib.Path(__file__).parent / "shapes"
PRIVATE = f"{callers.WRITE} user-read-private"


def written(name, mode):
    """(places and their types, places that may lack); development mode drops the `extended_only` ones."""
    document = json.loads((SHAPES / f"{name}.json").read_text())
    places = {place: set(types.split("|")) for place, types in document["places"].items()}
    dropped = tuple(document.get("extended_only", [])) if mode == "development" else ()
    kept = {place: types for place, types in places.items() if not place.startswith(dropped)}
    return kept, document.get("sometimes", [])


def bodies(sandbox):
    """One body of each kind."""
    caller, catalogue = callers.user(sandbox, PRIVATE), sandbox.world.catalogue
    tracks, album = callers.some_tracks(sandbox, 40), catalogue.album_id(odd.VARIOUS)
    playlist = caller.post("/me/playlists", json={"name": "Shape", "description": "d"}).json()["id"]
    caller.put(f"/playlists/{playlist}/items", json={"uris": callers.uris(tracks[:3])})
    agent = {"User-Agent": "vibe-contract-test"}
    reccobeats = requests.get(
        f"{sandbox.reccobeats_url}/audio-features", {"ids": tracks}, headers=agent, timeout=5
    )
    return {
        "album": caller.get(f"/albums/{album}").json(),
        "album_in_a_market": caller.get(f"/albums/{album}?market=US").json(),
        "album_tracks": caller.get(f"/albums/{album}/tracks?limit=50").json(),
        "track": caller.get(f"/tracks/{tracks[0]}").json(),
        "me": caller.get("/me").json(),
        "my_playlists": caller.get("/me/playlists").json(),
        "playlist": caller.get(f"/playlists/{playlist}").json(),
        "playlist_items": caller.get(f"/playlists/{playlist}/items").json(),
        "replaced": caller.put(f"/playlists/{playlist}/items", json={"uris": []}).json(),
        "error": caller.get(f"/albums/{'0' * 21}1").json(),
        "tokens": callers.tokens(sandbox),
        "reccobeats_features": reccobeats.json(),
    }


@pytest.fixture(scope="module")
def made(extended, development):
    return {"extended": bodies(extended), "development": bodies(development)}


@pytest.mark.parametrize("mode", ["extended", "development"])
@pytest.mark.parametrize("name", sorted(path.stem for path in SHAPES.glob("*.json")))
def test_the_body_has_the_written_shape(made, name, mode):
    places, sometimes = written(name, mode)

    assert shape.differences(shape.of(made[mode][name]), places, absent=sometimes) == []


def test_every_kind_of_body_has_its_shape_written_down(made):
    assert sorted(made["extended"]) == sorted(path.stem for path in SHAPES.glob("*.json"))
