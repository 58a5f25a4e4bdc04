"""Where everything stands at one moment: what waits, what is blocked, why and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet

from accounts import plurals
from accounts.models import Account, Circuit
from catalog.features import coverage
from catalog.genres import sources
from catalog.models import AlbumSource
from playlists.models import ManagerPlan, Pause, PlaylistCopy, Snapshot, StageRun
from playlists.nightly import summary


def at(now: dt.datetime) -> dict[str, Any]:
    """Plain data for people and machines; times are ISO 8601 in UTC."""
    return {
        "time": now.isoformat(),
        "mode": settings.SPOTIFY_APP_MODE,
        "blocked": blocks(now),
        "accounts": by_status(Account.objects.all()),
        "album_sources": by_status(AlbumSource.objects.all()) | {"oldest_queued": oldest_queued()},
        "copies": by_status(PlaylistCopy.objects.all()),
        "snapshots_today": by_status(Snapshot.objects.filter(date=now.date()), field="state"),
        "stages_today": list(
            StageRun.objects.filter(run_date=now.date())
            .order_by("id")
            .values("stage", "state", "done", "total", "failed")
        ),
        "coverage": coverage.read(),
        "genres": genres(),
        "happened": summary.of(now.date()),
        "plan": ManagerPlan.objects.order_by("-created_at").values_list("stats", flat=True).first(),
    }


def blocks(now: dt.datetime) -> list[dict[str, str | None]]:
    """What keeps work from going on: [{"what", "why", "until"}]; `until` is null where a person is needed."""
    return [*pauses(now), *circuits(now), *accounts_in_need(), *missing_settings()]


def block(what: str, why: str, until: dt.datetime | None = None) -> dict[str, str | None]:
    return {"what": what, "why": why, "until": until.isoformat() if until else None}


def pauses(now: dt.datetime) -> list[dict[str, str | None]]:
    open_ones = Pause.objects.filter(lifted_at=None).order_by("-paused_at")
    return [
        block("network", f"Paused by {pause.paused_by}: {pause.reason}", pause.until)
        for pause in open_ones
        if pause.is_in_force(now)
    ]


def circuits(now: dt.datetime) -> list[dict[str, str | None]]:
    return [
        block(
            circuit.bucket if circuit.app == sources.APP else f"spotify {circuit.bucket}",
            circuit.reason or "Spotify blocks us.",
            circuit.open_until,
        )
        for circuit in Circuit.objects.filter(open_until__gt=now)
        .exclude(state=Circuit.State.CLOSED)
        .order_by("bucket")
    ]


def accounts_in_need() -> list[dict[str, str | None]]:
    found = [
        block(
            f"account {account}",
            account.status_reason or "Spotify wants a new login: connect it again.",
        )
        for account in Account.objects.filter(status=Account.Status.NEEDS_REAUTH).order_by("id")
    ]
    if not Account.objects.active().exists():
        found.append(
            block(
                "sync",
                "No active account: connect one in the console or with connect_account.",
            )
        )
    return found


def missing_settings() -> list[dict[str, str | None]]:
    if settings.SPOTIFY_CLIENT_ID and settings.SPOTIFY_CLIENT_SECRET:
        return []
    return [block("spotify", "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET are not set.")]


def genres() -> dict[str, Any]:
    """What keeps sources of genres from being asked, and what that costs: figures of their own."""
    with connection.cursor() as cursor:
        cursor.execute(_GENRES)
        with_genres, artists, policies = cursor.fetchone()
    return {"missing": sources.missing(), "costs": what_it_costs(with_genres, artists, policies)}


_GENRES = """
    SELECT (SELECT count(*) FROM artists WHERE genre_source IS NOT NULL), (SELECT count(*) FROM artists),
           (SELECT count(*) FROM curation_policies
            WHERE is_active AND jsonb_path_exists(body, '$.**.field ? (@ == "genre")'))
"""


def genres_of(figures: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """The same from the front page's figures."""
    artists = figures.get("artist", {})
    total = sum(artists.values())
    known = total - artists.get("none", 0) - artists.get("not asked", 0)
    costs = what_it_costs(known, total, figures["policy"]["genre"])
    return {"missing": sources.missing(), "costs": costs}


def what_it_costs(known: int, artists: int, policies: int) -> str:
    """ "0 of 5,210 artists have a genre: 7 policies ask for one."; empty where no policy does."""
    if not policies or not artists:
        return ""
    some = f"{known:,} of {plurals.counted(artists, 'artist')} {plurals.verb(artists, 'has', 'have')} a genre"
    return f"{some}: {plurals.counted(policies, 'policy')} {plurals.verb(policies, 'asks', 'ask')} for one."


def by_status(rows: QuerySet[Any], field: str = "status") -> dict[str, int]:
    return dict(rows.order_by(field).values_list(field).annotate(Count("id")))


def oldest_queued() -> str | None:
    oldest = AlbumSource.objects.filter(status=AlbumSource.Status.QUEUED).aggregate(at=Min("created_at"))[
        "at"
    ]
    return oldest.isoformat() if oldest else None
