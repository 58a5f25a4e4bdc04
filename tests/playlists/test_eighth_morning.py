"""Seven days in a row, then all that can happen to a network in one night: the eighth morning is right."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Account
from catalog.models import Block
from curation.models import CurationPolicy
from playlists import day
from playlists.models import Audit, HistoryEntry, Placement, Snapshot
from tests.playlists import worlds

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.sandbox(albums=45, users=6),
    pytest.mark.e2e,
]
DAY = dt.timedelta(days=1)
NOTHING = {"schema": "vibe.policy/1", "where": {"field": "title", "op": "eq", "value": "no such song"}}


@pytest.fixture(autouse=True)
def small(settings):
    settings.TRACKS_PER_PLAYLIST, settings.MIN_REPEAT_GAP_DAYS = 10, 3
    settings.FLOOR_TOTAL_PLAYLISTS, settings.REBALANCE_MOVE_LIMIT_PER_ACCOUNT = 1, 50


def run(date):
    return day.run(date, now=timezone.now(), sleep=lambda seconds: None, stages=("scale", "curate", "sync"))


def list_of(snapshot):
    return list(snapshot.entries.order_by("position").values_list("spotify_track_id", flat=True))


def there(sandbox, placement):
    return sandbox.world.library.playlists[placement.spotify_playlist_id]


def test_the_eighth_morning_is_right_and_says_what_happened(sandbox):
    CurationPolicy.objects.update(is_active=False)
    names = [track.spotify_id for track in sandbox.world.tracks]
    worlds.tracks(len(names), ids=names, artists=60)
    worlds.policy()
    doomed = worlds.playlist(rules=worlds.policy("Doomed", is_active=False), theme_tag="Doomed")
    accounts = [worlds.connected(f"Service {number}") for number in range(3)]
    today = timezone.now().date()
    for number in range(7):
        run(today + number * DAY)
    assert Placement.objects.exclude(status="synced").count() == 0

    revoked, edited_on, unfollowed_on = accounts
    sandbox.world.revoke(revoked.spotify_user_id)
    sandbox.world.expire_access(revoked.spotify_user_id)
    on = Placement.objects.exclude(playlist=doomed)
    edited, unfollowed = on.filter(account=edited_on)[0], on.filter(account=unfollowed_on)[0]
    there(sandbox, edited).entries.pop()
    there(sandbox, edited).name = "mine"
    there(sandbox, unfollowed).followed = False
    worlds.policy("Doomed", NOTHING)
    rested = HistoryEntry.objects.filter(batch_tag__lte=str(today + 4 * DAY)).exclude(playlist=doomed)
    dead = rested.latest("batch_tag").spotify_track_id
    sandbox.world.kill(dead)

    run(today + 7 * DAY)  # meets the revoked login, and says so
    added = worlds.connected("Newcomer")
    report = run(today + 8 * DAY)  # plans without the one account and with the other

    revoked.refresh_from_db()
    assert revoked.status == Account.Status.NEEDS_REAUTH
    assert Snapshot.objects.get(playlist=doomed, date=today + 8 * DAY).state == "held"
    wanted = Placement.objects.wanted().live().select_related("playlist")
    assert not wanted.filter(account=revoked).exists()
    assert wanted.filter(account=added).exists()
    for placement in wanted:
        newest = Snapshot.objects.built().filter(playlist=placement.playlist).newest_first()[0]
        assert placement.status == "synced", placement.error_message
        assert there(sandbox, placement).followed
        assert there(sandbox, placement).track_ids == list_of(newest)
        assert there(sandbox, placement).name.endswith(str(newest.date))
    unfollowed.refresh_from_db()
    assert len(unfollowed.former_ids) == 1
    kinds = {finding["kind"] for audit in Audit.objects.all() for finding in audit.findings}
    assert kinds == {"renamed", "missing"}
    assert all(dead not in playlist.track_ids for playlist in sandbox.world.playlists)
    assert [block.spotify_id for block in Block.objects.filter(kind="track")] in ([], [dead])
    words = " ".join(step.sentence for step in report.steps)
    assert "1 held" in words
