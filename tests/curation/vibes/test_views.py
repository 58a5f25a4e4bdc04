"""The public pages: they work without JavaScript, say what is wrong, and escape whatever people write."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.login import listeners
from accounts.models import Listener
from catalog.models import AlbumSource
from curation.models import Vibe
from curation.vibes import generator
from tests.curation.stocked import CALM, stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def jazz() -> None:
    stock(1, 12, genres=["jazz"], features=CALM)


def make(client: Any, text: str = "calm jazz", **more: Any) -> Any:
    return client.post("/", {"vibe": text, **more})


def page(client: Any, text: str = "calm jazz", **more: Any) -> str:
    return client.get(make(client, text, **more)["Location"]).content.decode()


def test_the_start_page_costs_no_query(client: Any, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/")

    assert answer.status_code == 200
    assert "not affiliated with Spotify" in answer.content.decode()


def test_posting_a_sentence_leads_to_its_page(client: Any, jazz: None) -> None:
    answer = make(client)

    assert answer.status_code == 303
    assert re.fullmatch(r"/v/[0-9A-Za-z]{22}", answer["Location"])


def test_a_vibes_page_shows_all_of_it_in_one_query(
    client: Any, jazz: None, django_assert_num_queries: Any
) -> None:
    address = make(client, "calm jazz, no vocals")["Location"]

    with django_assert_num_queries(1):
        html = client.get(address).content.decode()

    assert html.count('class="song"') == 10
    assert "Interpreted by the offline interpreter" in html
    assert "https://open.spotify.com/track/" in html
    assert 'property="og:title"' in html
    assert "33 min" in html


def test_the_choices_reach_the_generator(client: Any) -> None:
    stock(1, 25, genres=["jazz"], year=1985, features=CALM)
    stock(101, 25, genres=["jazz"], year=2005, features=CALM, explicit=True)

    vibe = Vibe.objects.get(
        public_id=make(client, "jazz", count="20", era="1980s", no_explicit="on")["Location"][3:]
    )

    assert len(vibe.songs) == 20
    assert {song["release_year"] for song in vibe.songs} == {1985}


def test_a_word_added_on_the_result_page_makes_another_vibe(client: Any, jazz: None) -> None:
    vibe = Vibe.objects.get(public_id=make(client, "jazz", more="no vocals")["Location"][3:])

    assert vibe.text == "jazz, no vocals"


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write a few words"), ("?!", "Write a few words"), ("x" * 301, "300 is the most")]
)
def test_a_bad_sentence_is_422_described_and_kept(client: Any, jazz: None, text: str, said: str) -> None:
    answer = make(client, text)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="vibe-hint vibe-error"' in html
    assert text in html


@pytest.mark.parametrize("more", [{"count": "7"}, {"era": "stone age"}, {"energy": "x"}], ids=str)
def test_choices_that_are_not_offered_are_refused(client: Any, jazz: None, more: dict[str, str]) -> None:
    assert make(client, **more).status_code == 422


def test_an_empty_catalogue_says_what_to_do(client: Any) -> None:
    answer = make(client)

    assert answer.status_code == 503
    assert "There is no music here yet" in answer.content.decode()


def test_too_many_tries_say_when_to_come_back_and_keep_the_sentence(
    client: Any, jazz: None, monkeypatch: Any
) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "generate", "1/min")
    make(client)

    answer = make(client, "my own words")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "my own words" in answer.content.decode()


NASTY = [
    "<script>alert(1)</script> jazz",
    '"><img src=x onerror=alert(1)> jazz',
    "{{ settings.SECRET_KEY }} {% debug %} jazz",
    "jazz שלום \u202e ‮evil",
    "🎷🎷🎷 jazz & <b>bold</b>",
    "</textarea><script>jazz",
]


@pytest.mark.parametrize("text", NASTY)
def test_whatever_is_written_is_shown_as_text(client: Any, jazz: None, text: str) -> None:
    html = page(client, text)

    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<b>bold" not in html
    assert "\u202e" not in html


@pytest.mark.parametrize("text", NASTY)
def test_a_refused_sentence_is_shown_as_text_too(client: Any, jazz: None, text: str) -> None:
    html = make(client, text, count="7").content.decode()

    assert "<script>alert" not in html
    assert "<img src=x" not in html


def test_titles_from_the_catalogue_are_shown_as_text(client: Any) -> None:
    stock(1, 3, genres=["jazz"], name="<script>alert(1)</script>", artist_names=["<b>x</b>"])

    html = page(client, "jazz")

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    assert "<b>x" not in html


def test_an_unknown_vibe_is_404_with_a_way_on(client: Any) -> None:
    answer = client.get("/v/" + "x" * 22)

    assert answer.status_code == 404
    assert "Make a vibe" in answer.content.decode()


def test_a_vibe_page_without_a_sign_in_leads_to_spotify_and_back(client: Any, jazz: None) -> None:
    address = make(client)["Location"]

    assert f'href="/api/v1/playlist/connect?next={address}"' in client.get(address).content.decode()
    assert client.post(f"{address}/save")["Location"] == f"/api/v1/playlist/connect?next={address}"


def test_a_signed_in_listener_has_a_button_that_saves(client: Any, jazz: None, sandbox: Any) -> None:
    address = make(client)["Location"]
    listener = Listener.objects.create(spotify_user_id="nobody", access_token="x")
    session = client.session
    session[listeners.SESSION_KEY] = listener.pk
    session.save()

    html = client.get(address).content.decode()
    saved = client.post(f"{address}/save")

    assert f'action="{address}/save"' in html
    assert saved["Location"] == address


def test_saving_needs_the_forms_token(jazz: None) -> None:
    strict = Client(enforce_csrf_checks=True)

    refused = strict.post("/", {"vibe": "jazz"})

    assert refused.status_code == 403
    assert "reload the page" in refused.content.decode()
    assert strict.post("/albums", {"url": "x"}).status_code == 403


# --- one album


def test_one_album_link_is_queued_behind_the_operators(client: Any) -> None:
    answer = client.post("/albums", {"url": "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"})

    source = AlbumSource.objects.get()
    assert answer.status_code == 303
    assert source.priority < 0
    assert source.batch.submitted_by == "public"
    assert "The album is queued" in client.get("/").content.decode()


def test_a_known_album_is_said_to_be_known(client: Any) -> None:
    for _ in "12":
        client.post("/albums", {"url": "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"})

    assert "already known" in client.get("/").content.decode()


def test_a_failed_album_is_said_to_have_failed_and_why(client: Any) -> None:
    link = "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"
    client.post("/albums", {"url": link})
    AlbumSource.objects.update(
        status="failed", failed_at=timezone.now(), failure_reason="Spotify does not know this album."
    )

    client.post("/albums", {"url": link})

    page = client.get("/").content.decode()
    assert "It failed before: Spotify does not know this album." in page
    assert "already known" not in page


def test_the_text_that_spotify_shares_is_taken_like_the_link_in_it(client: Any) -> None:
    link = "https://open.spotify.com/album/4aawyAB9vmqN3uQ7FjRGTy"

    answer = client.post("/albums", {"url": f"Listen to Their Album on Spotify: {link}?si=1"})

    assert answer.status_code == 303
    assert AlbumSource.objects.get().url == f"{link}?si=1"


@pytest.mark.parametrize(
    "link",
    ["", "hello", "https://open.spotify.com/track/4aawyAB9vmqN3uQ7FjRGTy", "https://evil.example/album/1"],
)
def test_what_is_no_album_link_is_422_with_the_reason(client: Any, link: str) -> None:
    answer = client.post("/albums", {"url": link})

    assert answer.status_code == 422
    assert 'id="url-error"' in answer.content.decode()
    assert not AlbumSource.objects.exists()


def test_looking_at_the_address_of_the_album_form_leads_to_it(client: Any) -> None:
    assert client.get("/albums")["Location"] == "/#albums"


def test_album_links_are_throttled(client: Any, monkeypatch: Any) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "submit-one", "1/min")
    client.post("/albums", {"url": "x"})

    assert client.post("/albums", {"url": "x"}).status_code == 429


def test_the_error_pages_stand_alone() -> None:
    from django.template.loader import render_to_string

    for name in ("403", "404", "500"):
        assert "Vibe" in render_to_string(f"{name}.html")


# --- taking a wish out


def test_each_wish_has_a_button_that_makes_it_again_without(client: Any, jazz: None) -> None:
    first = make(client, "calm jazz")["Location"]
    assert 'name="wish" value="rule:calm"' in client.get(first).content.decode()

    answer = client.post(f"{first}/without", {"wish": "rule:calm"})

    assert answer.status_code == 303
    assert answer["Location"] != first
    again = client.get(answer["Location"]).content.decode()
    assert 'value="rule:calm"' not in again
    assert "Left out on request: calm." in again
    assert 'value="rule:calm"' in client.get(first).content.decode()


@pytest.mark.parametrize("wish", ["", "rule:loud", "<script>", "\x00", "x" * 10_000])
def test_a_wish_that_is_not_there_leads_back_with_a_word(client: Any, jazz: None, wish: str) -> None:
    first = make(client, "calm jazz")["Location"]

    answer = client.post(f"{first}/without", {"wish": wish}, follow=True)

    assert answer.redirect_chain == [(first, 303)]
    assert "not part of this vibe" in answer.content.decode()
    assert Vibe.objects.count() == 1


def test_taking_a_wish_out_needs_the_forms_token(jazz: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    vibe = generator.generate("calm jazz", now=timezone.now())

    assert strict.post(f"/v/{vibe.public_id}/without", {"wish": "rule:calm"}).status_code == 403
    assert Vibe.objects.count() == 1


def test_taking_a_wish_out_is_a_post_about_a_known_vibe(client: Any, jazz: None) -> None:
    first = make(client, "calm jazz")["Location"]

    assert client.get(f"{first}/without").status_code == 405
    assert client.post("/v/0000000000000000000000/without", {"wish": "rule:calm"}).status_code == 404


def test_wishes_are_taken_out_within_the_pace_of_making(client: Any, jazz: None, monkeypatch: Any) -> None:
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setitem(ScopedRateThrottle.THROTTLE_RATES, "generate", "1/min")
    first = make(client, "calm jazz")["Location"]

    answer = client.post(f"{first}/without", {"wish": "rule:calm"}, follow=True)

    assert "Try again in" in answer.content.decode()
