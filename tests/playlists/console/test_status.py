"""Where everything stands is told truthfully: what is blocked, why and until when."""

import datetime as dt
import json

import pytest
from django.core.management import call_command

from accounts.models import Account, Circuit
from catalog.models import AlbumSource
from playlists.console import status
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


def test_the_command_prints_one_json_document(account, capsys):
    call_command("status", json=True)

    assert json.loads(capsys.readouterr().out)["accounts"] == {"active": 1}


def test_standing_costs_few_queries(account, django_assert_max_num_queries):
    with django_assert_max_num_queries(18):
        status.at(NOW)
