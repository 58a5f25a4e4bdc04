"""ReccoBeats: 1 to 40 ids, rows in their own order, most recordings known, some fields missing."""

from __future__ import annotations

import pytest
import requests

from sandbox import server
from tests.sandbox import callers

AGENT = {"User-Agent": "vibe/1"}


@pytest.fixture
def ask(sandbox):
    def get(ids, path="audio-features", headers=AGENT):
        return requests.get(f"{sandbox.reccobeats_url}/{path}", {"ids": ids}, headers=headers, timeout=5)

    return get


def found(response):
    return [row["href"].rsplit("/", 1)[1] for row in response.json()["content"]]


def test_most_ids_are_found_and_the_rest_silently_left_out(sandbox, ask):
    wanted = callers.some_tracks(sandbox, 40)
    rows = found(ask(",".join(wanted)))

    assert 20 < len(rows) < 40
    assert set(rows) < set(wanted)
    assert rows != [track for track in wanted if track in rows]


def test_ids_may_be_repeated_parameters(sandbox, ask):
    wanted = callers.some_tracks(sandbox, 10)

    assert found(ask(wanted)) == found(ask(",".join(wanted)))


@pytest.mark.parametrize("count", [0, 41])
def test_none_or_more_than_forty_are_refused(sandbox, ask, count):
    response = ask(",".join(callers.some_tracks(sandbox, count)) if count else "")

    assert response.status_code == 400
    assert "size must be between 1 and 40" in response.text


def test_only_unknown_ids_give_an_empty_list(ask):
    assert ask("0" * 21 + "1").json() == {"content": []}


def test_an_isrc_is_an_id_too(sandbox, ask):
    row = ask(",".join(callers.some_tracks(sandbox, 40))).json()["content"][0]

    assert ask(row["isrc"]).json()["content"][0]["isrc"] == row["isrc"]


@pytest.mark.parametrize("agent", ["", "python-requests/2.32.3", "Python-urllib/3.11"])
def test_the_default_agents_of_python_are_turned_away(sandbox, ask, agent):
    assert ask(callers.some_tracks(sandbox, 1)[0], headers={"User-Agent": agent}).status_code == 403


def test_some_rows_lack_fields():
    with server.serve(albums=60, coverage=1.0) as sandbox:
        wanted = callers.some_tracks(sandbox, 400)
        url = f"{sandbox.reccobeats_url}/audio-features"
        rows = [
            row
            for at in range(0, 400, 40)
            for row in requests.get(
                url, {"ids": ",".join(wanted[at : at + 40])}, headers=AGENT, timeout=5
            ).json()["content"]
        ]

    assert len(rows) == 400
    assert 0 < sum("valence" not in row or "danceability" not in row for row in rows) < 60
    assert all("time_signature" not in row and "energy" in row for row in rows)


def test_tracks_come_with_a_popularity(sandbox, ask):
    row = ask(",".join(callers.some_tracks(sandbox, 10)), path="track").json()["content"][0]

    assert 0 <= row["popularity"] <= 100
    assert {"trackTitle", "artists", "durationMs", "isrc", "href", "availableCountries"} <= row.keys()
