"""Where everything stands is told truthfully: what is blocked, why and until when."""

import datetime as dt
import json

import pytest
from django.core.management import call_command

from accounts.models import Account, Circuit
from catalog.genres import artist_rows
from catalog.genres.provider import Absent, Found
from catalog.models import AlbumSource, Artist
from curation.policy import revisions
from playlists.console import dashboard, status
from playlists.models import Pause

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 4, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=3)


@pytest.fixture
def account():
    return Account.objects.create(spotify_user_id="one", label="One")


def test_nothing_is_blocked_when_an_account_is_connected(account):
    assert status.at(NOW)["blocked"] == []


def test_a_network_without_accounts_says_so():
    assert "No active account" in status.at(NOW)["blocked"][0]["why"]


def test_a_pause_is_shown_with_its_reason_its_author_and_its_end(account):
    Pause.objects.create(reason="label dispute", paused_by="ada", paused_at=NOW, until=LATER)

    assert status.at(NOW)["blocked"] == [
        {
            "what": "network",
            "why": "Paused by ada: label dispute",
            "until": LATER.isoformat(),
        }
    ]


def test_a_pause_that_ended_blocks_nothing(account):
    Pause.objects.create(reason="over", paused_by="ada", paused_at=NOW, until=NOW)

    assert status.at(NOW)["blocked"] == []


def test_an_open_circuit_is_shown_until_it_ends(account):
    Circuit.objects.create(
        app="a",
        bucket="catalog",
        state="open",
        reason="QUOTA_EXCEEDED",
        open_until=LATER,
    )

    assert status.at(NOW)["blocked"] == [
        {"what": "spotify catalog", "why": "QUOTA_EXCEEDED", "until": LATER.isoformat()}
    ]
    assert status.at(LATER)["blocked"] == []


def test_a_genre_source_that_rests_is_not_called_spotify(account):
    Circuit.objects.create(
        app="open data", bucket="wikidata", state="open", reason="Wikidata bans us.", open_until=LATER
    )

    assert [block["what"] for block in status.at(NOW)["blocked"]] == ["wikidata"]


def test_an_account_that_needs_a_login_needs_a_person(account):
    Account.objects.create(spotify_user_id="two", label="Two", status="needs_reauth")

    assert status.at(NOW)["blocked"][0]["until"] is None


def test_queues_are_counted_by_status(account):
    AlbumSource.objects.create(url="u", spotify_album_id="a" * 22, created_at=NOW)

    facts = status.at(LATER)["album_sources"]

    assert facts == {"queued": 1, "oldest_queued": NOW.isoformat()}


@pytest.fixture
def unlabelled(account):
    """Three artists of whom one has genres, and two policies that ask for one."""
    for number in range(3):
        Artist.objects.create(spotify_id=f"{number:022d}")
    artist_rows.record("wikidata", {f"{0:022d}": Found(("rock",)), f"{1:022d}": Absent()}, now=NOW)
    rock = {"field": "genre", "op": "eq", "value": "rock"}
    for name in ("one", "two"):
        body = {"schema": "vibe.policy/1", "where": {"all": [{"not": rock}]}}
        revisions.save(name, body, author="ada", now=NOW)


def test_what_keeps_genres_from_being_asked_is_said_with_what_it_costs(unlabelled, capsys):
    call_command("status")

    words = capsys.readouterr().out
    assert "1 of 3 artists has a genre" not in words
    assert "1 of 3 artists have a genre: 2 policies ask for one." in words
    assert "OPERATOR_CONTACT is not set" in words
    assert "genres: found for 1 of 3 artists, absent for 1, 1 not asked yet" in words


def test_with_a_contact_nothing_is_missing(unlabelled, settings):
    settings.OPERATOR_CONTACT = "ops@example.org"

    assert status.at(NOW)["genres"]["missing"] == []


def test_features_and_genres_are_counted_beside_each_other(unlabelled):
    known = status.at(NOW)["coverage"]

    assert known["genres"] == {
        "total": 3, "found": 1, "absent": 1, "not_asked": 1, "by_source": {"wikidata": 1},
    }  # fmt: skip
    assert known["features"]["total"] == 0


def test_the_front_page_warns_of_it_and_counts_artists(unlabelled):
    page = dashboard.read(NOW)

    tile = next(one for one in page["tiles"] if one.label == "Artists with genres")
    assert tile.value == "1 of 3"
    assert [note[0] for note in tile.notes] == [
        "1 from wikidata", "1 have none to be found", "1 not asked about yet",
    ]  # fmt: skip
    assert any("2 policies ask for one." in banner.text for banner in page["banners"])


def test_the_command_prints_one_json_document(account, capsys):
    call_command("status", json=True)

    assert json.loads(capsys.readouterr().out)["accounts"] == {"active": 1}


def test_standing_costs_few_queries(account, django_assert_max_num_queries):
    with django_assert_max_num_queries(21):
        status.at(NOW)
