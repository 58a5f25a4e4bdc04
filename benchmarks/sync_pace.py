"""How the night's sync is paced: `.venv/bin/python -m benchmarks.sync_pace [--playlists 343] [--calls 60]`.

Claim: with two copies of every playlist and a Spotify that admits N calls in any rolling 30 seconds, a night
makes two calls per changed copy and one look per fifty copies, meets no 429, takes at most 5 % longer than
calls / rate, and the same night again makes none. The forecast printed before says the same, and so does the
night simulated (benchmarks/simulated_night.py), which is also asked for 2,858 playlists.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import datetime as dt
import sys
import time
import urllib.parse
from typing import Any

from benchmarks import gateway_pacing, simulated_night

LENGTH = 10
COPIES = 2
ON_ONE_ACCOUNT = 49
WRITERS = 4


def main(options: argparse.Namespace) -> int:
    copies = options.playlists * COPIES
    accounts = max(COPIES, -(-copies // ON_ONE_ACCOUNT))
    with gateway_pacing.stage(options.calls, users=accounts) as (sandbox, _):
        from django.conf import settings
        from django.utils import timezone

        from playlists.nightly import schedule
        from playlists.sync import drain, forecast

        settings.TRACKS_PER_PLAYLIST = LENGTH
        owners = [connected(number) for number in range(accounts)]
        network(sandbox, owners, options.playlists)
        now = timezone.now()
        foreseen = forecast.of_the_night(now, ends=schedule.next_plan(now))
        print(f"forecast: {foreseen.sentence()}")
        sizes = (options.playlists, 2858)
        simulated = [simulated_night.simulate(size, options.calls, workers=WRITERS) for size in sizes]
        sandbox.calls.clear()

        today = timezone.now().date()
        seconds = night(owners, today)
        calls, minimum = api_calls(sandbox), copies * 2
        throttled = sum(call.status == 429 for call in calls)
        looks = sum(call.method == "GET" for call in calls)
        bound = len(calls) * 30 / options.calls
        print(
            f"{copies} copies, {accounts} accounts: {len(calls)} calls (minimum {minimum}, and {looks} looks)"
        )
        print(f"{throttled} x 429, {drain.due(timezone.now()).count()} copies left")
        sandbox.calls.clear()
        night(owners, today)
        again = len(api_calls(sandbox))
        print(f"the same night again: {again} calls")
        print(f"{seconds:,.0f} s; times calls / rate: {seconds / bound:.3f}")
        good = len(calls) - looks <= minimum and not throttled and not again and seconds <= 1.05 * bound
        return 0 if good and all(simulated) else 1


def connected(number: int) -> Any:
    """An account logged in at the sandbox, which approves at once."""
    import requests
    from django.utils import timezone

    from accounts.login import onboarding

    now = timezone.now()
    url, _ = onboarding.begin(label=f"Bench {number}", begun_by="bench", now=now)
    answer = requests.get(url, allow_redirects=False, timeout=10)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(answer.headers["Location"]).query)
    return onboarding.finish(
        code=query["code"][0], state=query["state"][0], begun_by="bench", now=timezone.now()
    )


def network(sandbox: Any, owners: list[Any], count: int) -> None:
    """Playlists synced yesterday with a new list today; their copies stand in the sandbox already."""
    from django.utils import timezone

    from curation.models import CurationPolicy
    from playlists.models import Playlist, PlaylistCopy
    from playlists.rotation import naming

    now, today = timezone.now(), timezone.now().date()
    policy, tracks = CurationPolicy.objects.get(), known_tracks(sandbox, now)
    made = Playlist.objects.bulk_create(
        Playlist(
            name=f"Bench {index}", policy=policy, theme_tag="Bench", global_index=index, replication_factor=2
        )
        for index in range(1, count + 1)
    )
    copies = []
    for number, playlist in enumerate(made):
        before = listed(playlist, today - dt.timedelta(days=1), tracks, number, now)
        listed(playlist, today, tracks, number + 7, now)
        for copy in range(COPIES):
            owner = owners[(number * COPIES + copy) % len(owners)]
            name = naming.name(theme_tag="Bench", global_index=playlist.global_index, date=before.date)
            there = sandbox.world.library.create(
                owner.spotify_user_id, name=name, description="", public=True, collaborative=False
            )
            copies.append(
                PlaylistCopy(
                    playlist=playlist, account=owner, spotify_playlist_id=there.spotify_id,
                    status="synced", external_url=there.spotify_id, synced_snapshot=before,
                    items_hash=before.digest,
                    last_synced_at=now - dt.timedelta(days=1),
                )
            )  # fmt: skip
    PlaylistCopy.objects.bulk_create(copies)


def known_tracks(sandbox: Any, now: dt.datetime) -> list[Any]:
    from catalog.models import Album, Track

    album = Album.objects.create(
        spotify_id="0" * 22,
        name="Bench",
        artist="Bench",
        album_type="album",
        total_tracks=300,
        fetched_at=now,
    )
    return Track.objects.bulk_create(
        Track(
            spotify_id=track.spotify_id, album=album, name="Bench", artist="Bench",
            artist_ids=["0" * 22], explicit=False, duration_ms=1000, recording_key=track.spotify_id,
            added_at=now,
        )
        for track in sandbox.world.tracks[:300]
    )  # fmt: skip


def listed(playlist: Any, date: dt.date, tracks: list[Any], start: int, now: dt.datetime) -> Any:
    from playlists.models import HistoryEntry, Snapshot
    from playlists.rotation import rendering

    chosen = [tracks[(start * LENGTH + place) % len(tracks)] for place in range(LENGTH)]
    made = Snapshot.objects.create(
        playlist=playlist, date=date, state="built", size=LENGTH, created_at=now,
        digest=rendering.digest([track.spotify_id for track in chosen]),
    )  # fmt: skip
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            snapshot=made, playlist=playlist, track=track, spotify_track_id=track.spotify_id, position=place,
            batch_tag=date.isoformat(), added_at=now,
        )
        for place, track in enumerate(chosen, start=1)
    )  # fmt: skip
    return made


def night(owners: list[Any], date: dt.date) -> float:
    """Seconds until every copy is up to date, with some writers that each take an account at a time."""
    started = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda owner: work_through(owner.pk, date), owners))
    return time.perf_counter() - started


def work_through(account_id: int, date: dt.date) -> None:
    from django.db import connection
    from django.utils import timezone

    from playlists.nightly import canary
    from playlists.sync import drain

    while True:
        drained = drain.account(account_id, clock=timezone.now, date=date, allowance=canary.check)
        if drained.until is None:
            break
        time.sleep(max(0.05, (drained.until - timezone.now()).total_seconds()))
    connection.close()


def api_calls(sandbox: Any) -> list[Any]:
    return [call for call in sandbox.calls if call.path.startswith("/v1/")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--playlists", type=int, default=343)
    parser.add_argument("--calls", type=int, default=60)
    sys.exit(main(parser.parse_args()))
