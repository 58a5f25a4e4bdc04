"""The demo: sandbox accounts, album links, and one whole day sent through the real workers and watched."""

from __future__ import annotations

import datetime as dt
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, F
from django.utils import timezone

from accounts import plurals
from accounts.login import onboarding
from accounts.models import Account
from catalog.intake import batches, submissions
from catalog.models import AlbumSource, Track
from curation.policy import revisions
from playlists.console import status
from playlists.models import HistoryEntry, ManagerPlan, Playlist, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import progress, stages
from vibe_project import cost

STALLED_AFTER_SECONDS = 180
POLL_SECONDS = 0.5


class DemoFailed(Exception):
    """The day can not go on; says where it stopped."""


# --- before the day


def connect_accounts(count: int, *, now: dt.datetime) -> list[Account]:
    """Walk the real OAuth login `count` times; the sandbox approves at once, each time as somebody else."""
    return [connect(f"Demo {number}", now=now) for number in range(1, count + 1)]


def connect(label: str, *, now: dt.datetime) -> Account:
    url, _ = onboarding.begin(label=label, begun_by="demo", now=now)
    answer = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect_of(url)).query)
    return onboarding.finish(code=answer["code"][0], state=answer["state"][0], begun_by="demo", now=now)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def redirect_of(url: str) -> str:
    """Where the sandbox's login page sends the browser; there is none to follow it."""
    try:
        urllib.request.build_opener(_Stay).open(url, timeout=10)
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code == 302:
                return str(answer.headers["Location"])
    raise DemoFailed("The sandbox's login did not redirect back.")


def sandbox(path: str) -> bytes:
    root = urllib.parse.urlsplit(settings.SPOTIFY_API_URL)._replace(path="", query="").geturl()
    # The address is ours: the command has refused any but 127.0.0.1.
    with urllib.request.urlopen(f"{root}/_sandbox/{path}", timeout=30) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


def submit(albums: int, *, now: dt.datetime) -> dict[str, int]:
    """Queue the sandbox's links, as many at once as one submission may hold; what became of the lines."""
    lines = sandbox(f"links?count={albums}&odd=1").decode().splitlines()
    parts = [lines[at : at + submissions.MAX_LINES] for at in range(0, len(lines), submissions.MAX_LINES)]
    receipts = [batches.enqueue("\n".join(part), by="demo", label="Demo", now=now) for part in parts]
    return {
        "submitted": sum(receipt.lines for receipt in receipts),
        "queued": sum(receipt.queued for receipt in receipts),
        "duplicates": sum(receipt.duplicates for receipt in receipts),
        "invalid": sum(len(receipt.invalid) for receipt in receipts),
    }


def load_policies(*, now: dt.datetime) -> int:
    return len(revisions.load_examples(author="demo", now=now))


# --- the day


# In the order in which an empty catalogue needs them: nothing can be planned before there are tracks.
STAGES = (stages.INGEST, stages.ENRICH, stages.SCALE, stages.CURATE, stages.SYNC)


def run(stage: str, *, today: dt.date) -> Iterator[tuple[int, int]]:
    """Have a worker run a stage, then yield (ended, total) until it is over; standing still for three minutes
    is failing."""
    began = StageRun(stage=stage, run_date=today, scheduled_at=timezone.now())
    stages.enqueue_stage(stage, by="the demo", now=began.scheduled_at)
    last, since = (-1, -1), time.monotonic()
    while True:
        counted = progress.of(began, timezone.now())
        now_at = (counted.ended, counted.total)
        yield now_at
        if counted.is_over:
            return
        if now_at != last:
            last, since = now_at, time.monotonic()
        elif time.monotonic() - since > STALLED_AFTER_SECONDS:
            at = f"{now_at[0]} of {now_at[1]}, waiting for {counted.waits_for}"
            raise DemoFailed(f"{stage} stood still at {at}; see the worker's log.")
        time.sleep(POLL_SECONDS)


# --- what happened


def summary(links: dict[str, int], *, today: dt.date) -> dict[str, Any]:
    """The day in figures, read from the rows and from the sandbox, not from what anybody reported."""
    plan = ManagerPlan.objects.filter(run_date=today).latest("created_at")
    traffic = json.loads(sandbox("stats"))
    return {
        "links": links,
        "albums": status.by_status(AlbumSource.objects.all()),
        "failures": status.by_status(
            AlbumSource.objects.filter(status=AlbumSource.Status.FAILED), field="failure_reason"
        ),
        "tracks": {
            "stored": Track.objects.count(),
            "usable": Track.objects.usable().count(),
            "features found": Track.objects.filter(audio_features__isnull=False).count(),
            "features absent": Track.objects.filter(features_absent_at__isnull=False).count(),
        },
        "plan": {
            key: plan.stats[key]
            for key in (
                "T",
                "K",
                "R",
                "p_target",
                "p_safe",
                "p_planned",
                "obtained_gap_days",
            )
        },
        "playlists": Playlist.objects.active().count(),
        "snapshots": snapshots(today),
        "copies": status.by_status(PlaylistCopy.objects.all()),
        "spotify": {"calls": traffic["calls"], "429s": traffic["throttled"]},
        "ingest calls": ingest_calls(traffic["by_endpoint"]),
    }


def ingest_calls(by_endpoint: dict[str, int]) -> dict[str, Any]:
    """Calls about albums and tracks beside the fewest that these albums can be had for."""
    made, fewest = cost.catalogue_calls(by_endpoint), cost.fewest_calls()
    return {"made": made, "minimum": fewest, "ratio": cost.ratio(made, fewest)}


def snapshots(today: dt.date) -> dict[str, int]:
    built = Snapshot.objects.filter(date=today, state=Snapshot.State.BUILT)
    distinct = built.annotate(distinct=Count("entries__track", distinct=True))
    return {
        "built": built.count(),
        "held": Snapshot.objects.filter(date=today, state=Snapshot.State.HELD).count(),
        f"of exactly {settings.TRACKS_PER_PLAYLIST} distinct tracks": distinct.filter(
            distinct=settings.TRACKS_PER_PLAYLIST, size=F("distinct")
        ).count(),
    }


def faults(*, today: dt.date) -> list[str]:
    """Everything that is not as it should be after the day; empty when all of it worked."""
    counts, now = snapshots(today), timezone.now()
    copies = progress.of(StageRun(stage=stages.SYNC, run_date=today, scheduled_at=now), now)
    found = []
    sources = AlbumSource.objects
    if sources.unfinished().exists() or not sources.filter(status="ingested").exists():
        found.append("Not every album link came to an end.")
    if (
        not counts["built"]
        or counts["built"] != counts[f"of exactly {settings.TRACKS_PER_PLAYLIST} distinct tracks"]
    ):
        found.append("A list is not of exactly the right length.")
    if counts["held"]:
        found.append(f"{plurals.counted(counts['held'], 'playlist')} could not be filled.")
    if copies.done < copies.total or not copies.total:
        wanted = f"{plurals.counted(copies.total, 'copy')} {plurals.verb(copies.total, 'is', 'are')}"
        found.append(f"Only {copies.done} of {wanted} on Spotify.")
    return found + differences(today)


def differences(today: dt.date) -> list[str]:
    """Copies whose list on the sandbox is not the one in the rows."""
    live = {row["id"]: row for row in json.loads(sandbox("playlists"))["playlists"]}
    wrong = []
    for copy in PlaylistCopy.objects.filter(status=PlaylistCopy.Status.SYNCED).select_related("playlist"):
        entries = HistoryEntry.objects.filter(playlist=copy.playlist, batch_tag=today.isoformat())
        wanted = list(entries.order_by("position").values_list("spotify_track_id", flat=True))
        if wanted and live.get(copy.spotify_playlist_id, {}).get("tracks") != wanted:
            wrong.append(f"{copy.playlist} is not on Spotify as it should be.")
    return wrong
