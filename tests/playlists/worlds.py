"""Small worlds for the tests: tracks, a policy, playlists, accounts with a real login at the sandbox."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import urllib.parse
from typing import Any

import requests
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.login import onboarding
from accounts.models import Account
from catalog.models import Album, Track
from curation.models import CurationPolicy
from curation.policy import revisions
from playlists.models import Playlist, PlaylistCopy

NOW = dt.datetime(2026, 11, 25, 4, 10, tzinfo=dt.UTC)
TODAY = NOW.date()
ANYTHING: dict[str, Any] = {"schema": "vibe.policy/1", "limits": {"per_artist": 5, "per_album": 50}}
_numbers = itertools.count(1)
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def spotify_id(number: int) -> str:
    rng = random.Random(number)
    return "1" + "".join(rng.choice(_LETTERS) for _ in range(21))


def tracks(count: int, *, ids: list[str] | None = None, artists: int = 40) -> list[Track]:
    """Usable tracks of one album by many artists; `ids` are ones that the sandbox knows."""
    number = next(_numbers)
    album = Album.objects.create(
        spotify_id=spotify_id(number), name=f"Album {number}", artist="Various", album_type="album",
        total_tracks=count, release_date="2020", release_date_precision="year", fetched_at=NOW,
    )  # fmt: skip
    names = ids or [spotify_id(next(_numbers)) for _ in range(count)]
    return Track.objects.bulk_create(
        Track(
            spotify_id=name, album=album, name=f"Song {index}", artist=f"Artist {index % artists}",
            artist_ids=[spotify_id(10_000_000 + index % artists)], artist_names=[f"Artist {index % artists}"],
            explicit=False, duration_ms=200_000, recording_key=f"recording {name}", added_at=NOW,
        )
        for index, name in enumerate(names[:count])
    )  # fmt: skip


def policy(name: str = "Anything", body: dict[str, Any] | None = None, **fields: Any) -> CurationPolicy:
    return revisions.save(name, body or ANYTHING, author="test", now=NOW, **fields)


def playlist(*, rules: CurationPolicy | None = None, **fields: Any) -> Playlist:
    index = fields.pop("global_index", 1 + Playlist.objects.count())
    rules = rules or CurationPolicy.objects.filter(name="Anything").first() or policy()
    defaults = {"name": f"Playlist {index}", "theme_tag": "Calm", "policy": rules, "global_index": index}
    return Playlist.objects.create(**defaults | fields)


def account(label: str = "", **fields: Any) -> Account:
    """A row alone, with no login behind it."""
    label = label or f"Account {next(_numbers)}"
    return Account.objects.create(label=label, spotify_user_id=f"user-{next(_numbers)}", **fields)


def connected(label: str = "Service") -> Account:
    """An account that really logged in at the sandbox."""
    now = timezone.now()
    url, _ = onboarding.begin(label=label, begun_by="test", now=now)
    answer = requests.get(url, allow_redirects=False, timeout=10)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
    return onboarding.finish(code=query["code"][0], state=query["state"][0], begun_by="test", now=now)


def placed(owner: Account, **fields: Any) -> PlaylistCopy:
    return PlaylistCopy.objects.create(playlist=playlist(**fields), account=owner)


def rung(redis_db: Any, queue: str) -> list[tuple[str, dict[str, Any]]]:
    """(task, arguments) of the messages that wait in a queue."""
    return [
        (message["headers"]["task"], json.loads(message["headers"]["kwargsrepr"].replace("'", '"')))
        for message in map(json.loads, redis_db.lrange(queue, 0, -1))
    ]


def last_words() -> str:
    """What the console wrote down last."""
    return LogEntry.objects.latest("pk").change_message
