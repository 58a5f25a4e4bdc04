"""Seven days in a row, then all that can happen to a network in one night: the eighth morning is right."""

from __future__ import annotations

import contextlib
import datetime as dt
import html

import pytest
from django.core import management
from django.urls import reverse

from accounts.models import Account
from catalog.models import Block
from playlists.console import status
from playlists.models import HistoryEntry, PlaylistCopy, Snapshot, StageRun
from tests.playlists import worlds

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox(albums=45, users=6),
    pytest.mark.e2e,
]
DAY = dt.timedelta(days=1)
FIRST = dt.datetime(2026, 11, 19, 2, 0, tzinfo=dt.UTC)
NOTHING = {"schema": "vibe.policy/1", "where": {"field": "title", "op": "eq", "value": "no such song"}}


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    settings.FLOOR_TOTAL_PLAYLISTS, settings.REBALANCE_MOVE_LIMIT_PER_ACCOUNT = 1, 50


@pytest.fixture
def at(time_machine):
    """Moves the clock to a time of the so-manieth day, on which it goes on ticking."""

    def move(number, clock="02:00"):
        hours, minutes = clock.split(":")
        moment = FIRST.replace(hour=int(hours), minute=int(minutes)) + (number - 1) * DAY
        time_machine.move_to(moment)
        return moment.date()

    return move


def run_day(date, stages="scale,curate,sync"):
    """The command's exit code."""
    try:
        management.call_command("run_day", date=str(date), stages=stages, json=True)
    except SystemExit as left:
        return left.code
    return 0


def list_of(snapshot):
    return HistoryEntry.objects.of(snapshot).spotify_ids()


def there(sandbox, copy):
    return sandbox.world.library.playlists[copy.spotify_playlist_id]


def a_network(sandbox):
    """Three accounts, a policy for nearly all, and one playlist with a policy of its own."""
    names = [track.spotify_id for track in sandbox.world.tracks]
    worlds.tracks(len(names), ids=names, artists=60)
    worlds.policy()
    doomed = worlds.playlist(rules=worlds.policy("Doomed", is_active=False), theme_tag="Doomed")
    return doomed, [worlds.connected(f"Service {number}") for number in range(3)]


def test_the_eighth_morning_is_right_and_the_nights_page_says_what_happened(
    sandbox, at, admin_client, everything, capsys
):
    everything.is_active = False
    everything.save()
    at(1, "01:00")
    doomed, (revoked, edited_on, unfollowed_on) = a_network(sandbox)
    for number in range(1, 8):
        assert run_day(at(number)) in (0, 3)  # P* may be one list more than the tracks can rest
    assert PlaylistCopy.objects.exclude(status="synced").count() == 0

    at(7, "20:00")
    on = PlaylistCopy.objects.exclude(playlist=doomed).select_related("playlist")
    edited, unfollowed = on.filter(account=edited_on)[0], on.filter(account=unfollowed_on)[0]
    sandbox.world.revoke(revoked.spotify_user_id)
    added = worlds.connected("Newcomer")
    there(sandbox, edited).entries.pop()
    there(sandbox, edited).name = "mine"
    there(sandbox, unfollowed).followed = False
    worlds.policy("Doomed", NOTHING)

    at(8, "01:30")
    with contextlib.suppress(SystemExit):
        management.call_command("refresh_tokens")
    assert run_day(at(8), "scale,curate") == 3  # the impossible list is held
    stays = on.filter(is_wanted=True, account=edited_on).exclude(pk=edited.pk)[0]
    dead = list_of(Snapshot.objects.get(playlist=stays.playlist, date=at(8, "04:05")))[3]
    sandbox.world.kill(dead)
    today = at(8, "04:10")
    assert run_day(today, "sync") == 0

    assert Account.objects.get(pk=revoked.pk).status == Account.Status.NEEDS_REAUTH
    assert Snapshot.objects.get(playlist=doomed, date=today).state == "held"
    assert list(Block.objects.filter(kind="track").values_list("spotify_id", flat=True)) == [dead]
    wanted = PlaylistCopy.objects.wanted().live().select_related("playlist")
    assert not wanted.filter(account=revoked).exists()
    assert wanted.filter(account=added).exists()
    for copy in wanted:
        newest = Snapshot.objects.built().filter(playlist=copy.playlist).newest_first()[0]
        assert copy.status == "synced", copy.error_message
        assert there(sandbox, copy).followed
        assert there(sandbox, copy).track_ids == list_of(newest)
        assert there(sandbox, copy).name.endswith(str(newest.date))
        assert dead not in list_of(newest)
    unfollowed.refresh_from_db()
    assert len(unfollowed.former_ids) == 1

    run = StageRun.objects.get(stage="sync", run_date=today)
    page = html.unescape(admin_client.get(reverse("admin:playlists_stagerun_change", args=[run.pk])).text)
    told = [
        "The account Service 0 needs a new login since 2026-11-26 01:30 UTC: its copies moved elsewhere.",
        f"{doomed} keeps the list it had: ",
        f"{edited.playlist} was renamed or given another description by hand: its own name comes back.",
        f"{edited.playlist} had 9 tracks instead of 10: somebody edited it.",
        f"{unfollowed.playlist} was unfollowed or deleted on Spotify: a new copy is made.",
        "Spotify no longer takes “Song ",
        f"has its place in {stays.playlist}.",
        "The account Newcomer is new and carries ",
    ]
    assert [words for words in told if words not in page] == []
    happened = status.at(FIRST + 7 * DAY)["happened"]
    assert all(any(words in sentence for sentence in happened) for words in told)
    capsys.readouterr()
    management.call_command("status")
    assert all(words in capsys.readouterr().out for words in told[:1])
