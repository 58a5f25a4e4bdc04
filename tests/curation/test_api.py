"""The generator's endpoints: what they answer, what they refuse, and who may save to whose Spotify."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.cache import cache

from accounts.login import listeners
from accounts.models import Listener
from curation.models import Vibe
from curation.policy import language
from sandbox import gemini as played
from tests.curation.stocked import CALM, LOUD, stock

pytestmark = pytest.mark.django_db
GENERATE, CREATE = "/api/v1/playlist/generate", "/api/v1/playlist/create"


@pytest.fixture
def jazz() -> None:
    stock(1, 12, genres=["jazz"], features=CALM)


def post(client: Any, body: Any, **extra: Any) -> Any:
    return client.post(GENERATE, body, format="json", **extra)


def test_a_sentence_becomes_a_playlist(anonymous_api: Any, jazz: None, settings: Any) -> None:
    answer = post(anonymous_api, {"vibe": "calm jazz, no vocals"})

    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"id", "title", "summary", "interpreter", "policy", "notes", "songs", "share_url"}
    assert len(body["songs"]) == 10
    assert {"title", "artist", "spotify_id", "external_url", "reason"} <= set(body["songs"][0])
    assert body["share_url"] == f"{settings.PUBLIC_BASE_URL}/v/{body['id']}"
    assert body["interpreter"] == "offline"
    language.parse(body["policy"])


def test_count_and_explicit_are_honoured(anonymous_api: Any) -> None:
    stock(1, 8, genres=["pop"], features=LOUD)
    stock(101, 8, genres=["pop"], features=LOUD, explicit=True)

    songs = post(anonymous_api, {"vibe": "party pop", "count": 5, "explicit": False}).json()["songs"]

    assert len(songs) == 5
    assert not any(song["explicit"] for song in songs)


BAD: list[Any] = [
    {},
    {"vibe": ""},
    {"vibe": "   "},
    {"vibe": "?!"},
    {"vibe": "x" * 301},
    {"vibe": None},
    {"vibe": ["jazz"]},
    {"vibe": {"a": 1}},
    {"vibe": "jazz", "count": 0},
    {"vibe": "jazz", "count": 51},
    {"vibe": "jazz", "count": "many"},
    {"vibe": "jazz", "count": 1.5},
    {"vibe": "jazz", "explicit": "perhaps"},
    ["jazz"],
    "jazz",
    None,
]


@pytest.mark.parametrize("body", BAD, ids=str)
def test_bad_bodies_are_refused_in_words(anonymous_api: Any, jazz: None, body: Any) -> None:
    answer = post(anonymous_api, body)

    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert not Vibe.objects.exists()


def test_an_empty_catalogue_is_try_later(anonymous_api: Any) -> None:
    answer = post(anonymous_api, {"vibe": "jazz"})

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "no music" in answer.json()["detail"]


@pytest.mark.sandbox(albums=3)
@pytest.mark.parametrize(
    "fault",
    [
        {"do": "drip", "seconds": 0.5, "key": "headers"},
        {"do": "hold", "name": "stuck"},
        {"do": "cut"},
        {"do": "truncate"},
        {"do": "html"},
        {"do": "empty"},
        {"do": "flood", "at": 2_000_000},
        {"do": "status", "status": 429, "body": played.QUOTA},
        {"do": "status", "status": 503, "body": played.OVERLOADED},
        {"do": "status", "status": 200, "body": played.BLOCKED},
        {"do": "status", "status": 200, "body": played.MAX_TOKENS},
        {"do": "status", "status": 200, "body": {"candidates": "none"}},
    ],
    ids=lambda fault: f"{fault['do']} {fault.get('status', '')}".strip(),
)
def test_with_gemini_failing_in_any_way_the_answer_is_a_playlist_within_twenty_seconds(
    anonymous_api: Any, jazz: None, sandbox: Any, settings: Any, fault: dict[str, Any]
) -> None:
    settings.GEMINI_API_KEY = "test-key"
    sandbox.faults.add(path="/gemini/", times=0, **fault)

    began = time.monotonic()
    answer = post(anonymous_api, {"vibe": "calm jazz"})

    assert answer.status_code == 201
    assert (answer.json()["interpreter"], len(answer.json()["songs"])) == ("offline", 10)
    assert any("offline interpreter" in note for note in answer.json()["notes"])
    assert time.monotonic() - began < 20  # the contract's figure, not a claim of speed


def test_other_methods_are_405(anonymous_api: Any) -> None:
    assert anonymous_api.get(GENERATE).status_code == 405
    assert anonymous_api.get(CREATE).status_code == 405


def test_more_than_the_allowed_pace_is_429(anonymous_api: Any, jazz: None, monkeypatch: Any) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "generate", "2/min")

    answers = [post(anonymous_api, {"vibe": "jazz"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_the_endpoint_takes_a_fixed_number_of_queries(
    anonymous_api: Any, jazz: None, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        post(anonymous_api, {"vibe": "calm jazz"})


# --- the same key is the same vibe


def test_the_same_key_gives_the_first_answer_again(anonymous_api: Any, jazz: None) -> None:
    first, second = (post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"}) for _ in "12")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Vibe.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(anonymous_api: Any, jazz: None) -> None:
    post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"})

    assert post(anonymous_api, {"vibe": "folk"}, headers={"Idempotency-Key": "k1"}).status_code == 422


def test_a_key_whose_first_request_still_runs_is_a_conflict(anonymous_api: Any, jazz: None) -> None:
    post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"})
    (name,) = [key.decode().removeprefix(":1:") for key in cache._cache.get_client().keys("*idempotency*")]
    digest = str(cache.get(name)).partition(":")[0]
    cache.set(name, f"{digest}:")

    assert post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"}).status_code == 409


def test_a_failed_first_request_frees_its_key(anonymous_api: Any) -> None:
    assert post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"}).status_code == 503
    stock(1, 12, genres=["jazz"], features=CALM)

    assert post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": "k1"}).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_must_be_short_and_printable(anonymous_api: Any, jazz: None, key: str) -> None:
    assert post(anonymous_api, {"vibe": "jazz"}, headers={"Idempotency-Key": key}).status_code == 400


# --- saving to a listener's own Spotify


@pytest.fixture
def vibe(anonymous_api: Any, jazz: None) -> Vibe:
    return Vibe.objects.get(public_id=post(anonymous_api, {"vibe": "calm jazz"}).json()["id"])


@pytest.fixture
def signed_in(client: Any, sandbox: Any) -> Any:
    """A browser whose listener went through the sandbox's login."""
    begun = client.get("/api/v1/playlist/connect?next=/")
    import requests

    approved = requests.get(begun["Location"], allow_redirects=False, timeout=5)
    client.get(approved.headers["Location"].partition("testserver")[2] or _path(approved.headers["Location"]))
    assert client.session.get(listeners.SESSION_KEY)
    return client


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def create(client: Any, body: Any, **headers: str) -> Any:
    return client.post(CREATE, body, content_type="application/json", headers=headers)


def test_saving_without_a_sign_in_is_401(client: Any, vibe: Vibe) -> None:
    answer = create(client, {"id": vibe.public_id})

    assert answer.status_code == 401
    assert "connect" in answer.json()["detail"]


def sung_by(sandbox: Any, vibe: Vibe) -> None:
    """Give the vibe's songs ids that the sandbox's Spotify knows."""
    known = [track.spotify_id for track in sandbox.world.tracks[: len(vibe.songs)]]
    vibe.songs = [
        {**song, "spotify_id": spotify_id} for song, spotify_id in zip(vibe.songs, known, strict=True)
    ]
    vibe.save()


def test_a_signed_in_listener_saves_a_vibe_once(signed_in: Any, sandbox: Any, vibe: Vibe) -> None:
    sung_by(sandbox, vibe)

    first, second = (create(signed_in, {"id": vibe.public_id}) for _ in "12")

    assert first.status_code == 200, first.json()
    assert first.json() == second.json()
    assert first.json()["tracks_added"] == 10
    assert sum(call.method == "POST" and call.path.endswith("/playlists") for call in sandbox.calls) == 1


def test_a_dead_track_is_left_out_of_the_saved_playlist(signed_in: Any, sandbox: Any, vibe: Vibe) -> None:
    sung_by(sandbox, vibe)
    sandbox.world.kill(vibe.songs[3]["spotify_id"])

    assert create(signed_in, {"id": vibe.public_id}).json()["tracks_added"] == 9


def test_a_playlist_that_may_have_been_made_is_found_instead_of_made_again(
    signed_in: Any, sandbox: Any, vibe: Vibe
) -> None:
    sung_by(sandbox, vibe)
    sandbox.faults.add("cut", method="POST", path="/me/playlists", when="after")

    assert create(signed_in, {"id": vibe.public_id}).status_code == 200
    assert len(sandbox.world.playlists) == 1


def test_an_unknown_vibe_is_404(signed_in: Any) -> None:
    assert create(signed_in, {"id": "nothing"}).status_code == 404


def test_a_listener_who_is_gone_is_signed_out(signed_in: Any, vibe: Vibe) -> None:
    Listener.objects.all().delete()

    assert create(signed_in, {"id": vibe.public_id}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_another_sites_page_cannot_save_with_the_cookie(
    client: Any, vibe: Vibe, headers: dict[str, str]
) -> None:
    answer = create(client, {"id": vibe.public_id}, **headers)

    assert answer.status_code == 403
    assert "own pages" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}, {}], ids=str
)
def test_our_own_page_and_plain_clients_get_as_far_as_the_sign_in(
    client: Any, vibe: Vibe, headers: dict[str, str]
) -> None:
    assert create(client, {"id": vibe.public_id}, **headers).status_code == 401


def test_spotify_failing_is_said_without_a_trace_of_tokens(signed_in: Any, sandbox: Any, vibe: Vibe) -> None:
    sandbox.faults.add("status", method="POST", path="playlists", status=403, body={"error": {"status": 403}})

    answer = create(signed_in, {"id": vibe.public_id})

    assert answer.status_code in {403, 502}
    assert "token" not in answer.content.decode().lower()
