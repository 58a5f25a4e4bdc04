"""What the demo's ingest cost: calls beside the fewest possible, and the workers' memory at its highest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError

from catalog.ingest import call_lower_bound
from catalog.models import Album, AlbumSource, Track
from vibe_project.celery import app

PROC = Path("/proc")
CATALOGUE = (" /v1/albums", " /v1/tracks")


def catalogue_calls(by_endpoint: Mapping[str, int]) -> int:
    """Calls about albums and tracks among the sandbox's counts by route. Pure."""
    return sum(count for route, count in by_endpoint.items() if any(part in route for part in CATALOGUE))


def fewest_calls() -> int:
    """The fewest calls for every album link there is and what was stored of them."""
    return call_lower_bound.calls(
        mode=settings.SPOTIFY_APP_MODE,
        asked=AlbumSource.objects.count(),
        totals=Album.objects.filter(total_tracks__gt=call_lower_bound.PAGE).values_list(
            "total_tracks", flat=True
        ),
        tracks=Track.objects.count(),
    ).total


def ratio(calls: int, fewest: int) -> str:
    return f"{calls / fewest:.3f}" if fewest else "-"


def workers() -> dict[int, int]:
    """{process id: its highest memory in kB} of the workers on this machine and their children; {} where
    none answers or where there is no /proc."""
    try:
        told: Mapping[str, Any] = app.control.inspect(timeout=1.0).stats() or {}
    except OperationalError:
        return {}
    ids = [pid for one in told.values() for pid in (one["pid"], *one["pool"].get("processes", ()))]
    return highest(ids)


def highest(process_ids: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for process_id in process_ids:
        try:
            status = (PROC / str(process_id) / "status").read_text()
        except OSError:  # it has ended, or this system keeps no such file
            continue
        if kilobytes := high_water(status):
            found[process_id] = kilobytes
    return found


def high_water(status: str) -> int:
    """VmHWM of a /proc/PID/status in kB, 0 where it has none. Pure."""
    line = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0")
    return int(line.split()[1])


def in_mib(kilobytes: Mapping[int, int]) -> str:
    return f"{max(kilobytes.values()) / 1024:.0f} MiB" if kilobytes else "unknown"
