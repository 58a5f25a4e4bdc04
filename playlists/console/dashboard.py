"""The console's front page in figures: what waits, how the night goes, what comes next, who publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts import console
from accounts.models import Account, CallCount
from playlists.console import banners, status
from playlists.models import ManagerPlan, StageRun
from playlists.nightly import panel

NIGHTS = 30
SHOWN_ACCOUNTS = 12
# Below this many rows a table is counted exactly; above it the planner's estimate is near enough and free.
COUNT_EXACTLY_BELOW = 50_000

# One round trip for everything that is a number. Snapshots are found by (playlist, date), never by a scan of
# history; both counts of features read one partial index.
_COUNTERS = """
    SELECT 'source', status, count(*) FROM album_sources GROUP BY status
    UNION ALL SELECT 'copy', status, count(*) FROM playlist_account_map GROUP BY status
    UNION ALL SELECT 'playlist', status, count(*) FROM playlists GROUP BY status
    UNION ALL SELECT 'account', status, count(*) FROM accounts GROUP BY status
    UNION ALL SELECT 'policy', 'active', count(*) FROM curation_policies WHERE is_active
    UNION ALL SELECT 'policy', 'genre', count(*) FROM curation_policies
        WHERE is_active AND jsonb_path_exists(body, '$.**.field ? (@ == "genre")')
    UNION ALL SELECT 'artist', COALESCE(
            genre_source, CASE WHEN genres_checked_at IS NULL THEN 'not asked' ELSE 'none' END
        ), count(*) FROM artists GROUP BY 2
    UNION ALL SELECT 'vibe', 'today', count(*) FROM vibes WHERE created_at > %(day_ago)s
    UNION ALL SELECT 'features', 'waiting', count(*) FROM tracks
        WHERE audio_features IS NULL AND is_playable AND features_absent_at IS NULL
    UNION ALL SELECT 'features', 'absent', count(*) FROM tracks
        WHERE audio_features IS NULL AND is_playable AND features_absent_at IS NOT NULL
    UNION ALL SELECT 'rows', relname::text, greatest(reltuples, 0)::bigint FROM pg_class
        WHERE oid = 'tracks'::regclass
    UNION ALL SELECT 'exact', 'tracks', (SELECT count(*) FROM tracks) FROM pg_class
        WHERE oid = 'tracks'::regclass AND reltuples < %(exactly_below)s
    UNION ALL SELECT 'schedule', 'seeded', extract(epoch FROM min(seeded_at))::bigint FROM schedule_seeds
    UNION ALL SELECT 'list', s.state, count(*) FROM playlists p
        JOIN LATERAL (
            SELECT state FROM playlist_snapshots WHERE playlist_id = p.id AND date = %(today)s
        ) s ON true
        GROUP BY s.state
"""


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's hook: the page's context, read now."""
    return context | read(timezone.now())


def read(now: dt.datetime) -> dict[str, Any]:
    """Everything on the page, in eight queries."""
    figures = counters(now)
    runs = list(
        StageRun.objects.filter(run_date__gt=now.date() - dt.timedelta(days=NIGHTS)).order_by("run_date")
    )
    schedule = list(PeriodicTask.objects.select_related("crontab").filter(crontab__isnull=False))
    plan = ManagerPlan.objects.order_by("-created_at").first()
    accounts = accounts_of(now)
    today = [run for run in runs if run.run_date == now.date()]
    stages = panel.tonight(today, schedule, now, since=seeded_at(figures))
    nights = panel.grid(runs, now.date(), NIGHTS)
    return {
        "read_at": now,
        "banners": [
            *banners.banners(now, accounts, stages),
            *banners.about_genres(**status.genres_of(figures)),
        ],
        "tiles": tiles(figures),
        "stages": stages,
        "is_working": any(stage.state == "open" for stage in stages) or waiting(figures) > 0,
        "nights": nights,
        "night_rows": panel.by_stage(nights),
        "plan": plan_panel(plan),
        "accounts": accounts[:SHOWN_ACCOUNTS],
        "more_accounts": max(0, len(accounts) - SHOWN_ACCOUNTS),
        "first_steps": first_steps(figures, has_schedule=any(row.enabled for row in schedule)),
    }


# --- figures

Figures = Mapping[str, Mapping[str, int]]


def counters(now: dt.datetime) -> dict[str, dict[str, int]]:
    """{"source": {"queued": 3, ...}, "copy": ..., "rows": {"tracks": estimate}, ...}"""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNTERS,
            {
                "today": now.date(),
                "day_ago": now - dt.timedelta(days=1),
                "exactly_below": COUNT_EXACTLY_BELOW,
            },
        )
        for kind, name, count in cursor.fetchall():
            found.setdefault(kind, {})[name] = count
    return found


def seeded_at(figures: Figures) -> dt.datetime | None:
    seconds = figures["schedule"]["seeded"]
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def waiting(figures: Figures) -> int:
    sources = figures.get("source", {})
    return sources.get("queued", 0) + sources.get("fetching", 0)


@dataclass(frozen=True)
class Tile:
    """A figure that is a link; `notes` are smaller figures under it, each (text, url, tone)."""

    label: str
    value: str
    url: str
    notes: tuple[tuple[str, str, str], ...] = ()


def tiles(figures: Figures) -> list[Tile]:
    return [
        _links(figures),
        _tracks(figures),
        _artists(figures),
        _lists(figures),
        _copies(figures),
        _accounts(figures),
        _vibes(figures),
    ]


def listing(model: str, **filters: str) -> str:
    """The address of a list in the console: listing("catalog_albumsource", status__exact="failed")."""
    url = reverse(f"admin:{model}_changelist")
    return f"{url}?{urlencode(filters)}" if filters else url


def _note(count: int, text: str, url: str, tone: str = "") -> tuple[str, str, str]:
    return f"{count:,} {text}", url, tone if count else ""


def _links(figures: Figures) -> Tile:
    sources = figures.get("source", {})
    model = "catalog_albumsource"
    notes = (
        _note(sources.get("ingested", 0), "ingested", listing(model, status__exact="ingested")),
        _note(sources.get("failed", 0), "failed", listing(model, status__exact="failed"), "danger"),
    )
    return Tile("Album links waiting", f"{waiting(figures):,}", listing(model, status__exact="queued"), notes)


def _tracks(figures: Figures) -> Tile:
    exact = figures.get("exact", {}).get("tracks")
    features, url = figures.get("features", {}), listing("catalog_track")
    notes = (
        _note(features.get("waiting", 0), "wait for features", url),
        _note(features.get("absent", 0), "have none to be found", url),
    )
    value = f"≈ {figures['rows']['tracks']:,}" if exact is None else f"{exact:,}"
    return Tile("Tracks" if exact is not None else "Tracks (estimated)", value, url, notes)


def _artists(figures: Figures) -> Tile:
    artists = dict(figures.get("artist", {}))
    none, waiting_ = artists.pop("none", 0), artists.pop("not asked", 0)
    url = listing("catalog_artist")
    notes = (
        *(_note(count, f"from {source}", url) for source, count in sorted(artists.items())),
        _note(none, "have none to be found", url),
        _note(waiting_, "not asked about yet", url),
    )
    found = sum(artists.values())
    return Tile("Artists with genres", f"{found:,} of {found + none + waiting_:,}", url, notes)


def _lists(figures: Figures) -> Tile:
    lists, playlists = figures.get("list", {}), figures.get("playlist", {})
    notes = (
        _note(
            lists.get("built", 0), "lists built today", listing("playlists_snapshot", state__exact="built")
        ),
        _note(lists.get("held", 0), "held", listing("playlists_snapshot", state__exact="held"), "warning"),
    )
    active = f"{playlists.get('active', 0):,}"
    return Tile("Active playlists", active, listing("playlists_playlist", status__exact="active"), notes)


def _copies(figures: Figures) -> Tile:
    copies, model = figures.get("copy", {}), "playlists_playlistcopy"
    live = sum(count for status, count in copies.items() if status != "archived")
    waits = copies.get("pending", 0) + copies.get("syncing", 0)
    notes = (
        _note(waits, "waiting", listing(model, status__exact="pending")),
        _note(copies.get("error", 0), "failed", listing(model, status__exact="error"), "danger"),
    )
    value = f"{copies.get('synced', 0):,} of {live:,}"
    return Tile("Copies in step", value, listing(model, status__exact="synced"), notes)


def _accounts(figures: Figures) -> Tile:
    accounts, model = figures.get("account", {}), "accounts_account"
    notes = (
        _note(
            accounts.get("needs_reauth", 0),
            "to connect again",
            listing(model, status__exact="needs_reauth"),
            "danger",
        ),
        _note(accounts.get("paused", 0), "paused", listing(model, status__exact="paused"), "warning"),
    )
    value = f"{accounts.get('active', 0):,} of {sum(accounts.values()):,}"
    return Tile("Active accounts", value, listing(model, status__exact="active"), notes)


def _vibes(figures: Figures) -> Tile:
    policies = figures.get("policy", {}).get("active", 0)
    notes = (_note(policies, "active policies", listing("curation_curationpolicy", is_active__exact="1")),)
    return Tile("Vibes in 24 hours", f"{figures['vibe']['today']:,}", listing("curation_vibe"), notes)


# --- accounts, plan, first steps


def accounts_of(now: dt.datetime) -> list[dict[str, Any]]:
    """Every account with its login, copies of its cap, and today's calls; those in need first. One query."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    calls = CallCount.objects.filter(account=OuterRef("pk"), hour__gte=since).order_by()

    def total(field: str) -> Any:
        sums = calls.values("account").annotate(total=Sum(field)).values("total")
        return Coalesce(Subquery(sums, output_field=IntegerField()), 0)

    live = Count("copies", filter=~Q(copies__status="archived"))
    rows = Account.objects.defer("access_token", "scopes").annotate(
        used=live, calls=total("calls"), limited=total("throttled")
    )
    found = [_account(row, now) for row in rows.order_by("label", "pk")]
    return sorted(found, key=lambda row: row["status"] in {Account.Status.ACTIVE, Account.Status.DISABLED})


def _account(row: Any, now: dt.datetime) -> dict[str, Any]:
    cap = row.cap(settings.MAX_PLAYLISTS_PER_ACCOUNT)
    return {
        "name": str(row),
        "url": reverse("admin:accounts_account_change", args=[row.pk]),
        "status": row.status,
        "status_text": row.status.replace("_", " "),
        "token": "missing" if not row.refresh_token else _expiry(row.token_expires_at, now),
        "consent_due": row.reauth_due_at,
        "used": row.used,
        "cap": cap,
        "calls": row.calls,
        "limited": row.limited,
    }


def _expiry(moment: dt.datetime | None, now: dt.datetime) -> str:
    if moment is None:
        return "set"
    return f"set, expires {console.relative(moment, now)}" if moment > now else "set, refreshed when needed"


def plan_panel(plan: ManagerPlan | None) -> dict[str, Any] | None:
    """The latest plan: its figures in order, why, and how many changes of each kind."""
    if plan is None:
        return None
    names = {
        "T": "T usable tracks", "K": "K tracks a list", "R": "R days of rest", "p_target": "P* target",
        "p_safe": "P_safe", "p_planned": "Planned", "capacity": "Capacity", "floor": "Floor",
        "obtained_gap_days": "Gap obtained",
    }  # fmt: skip
    kinds: dict[str, int] = {}
    for step in plan.actions:
        kinds[step["action"]] = kinds.get(step["action"], 0) + 1
    return {
        "row": plan,
        "url": reverse("admin:playlists_managerplan_change", args=[plan.pk]),
        "figures": [
            (label, plan.stats[key]) for key, label in names.items() if plan.stats.get(key) is not None
        ],
        "changes": sorted(kinds.items()),
        "reasons": plan.reasons[:4],
    }


def first_steps(figures: Figures, *, has_schedule: bool) -> list[dict[str, Any]]:
    """What a new installation needs, in order; empty once all of it is there."""
    steps = [
        (
            "Spotify's key",
            "SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET in .env",
            bool(settings.SPOTIFY_CLIENT_ID),
            "",
        ),
        (
            "An account",
            "Connect the first account",
            bool(figures.get("account")),
            listing("accounts_account"),
        ),
        ("Albums", "Submit album links", bool(figures.get("source")), reverse("admin:catalog_batch_add")),
        (
            "A policy",
            "Add or activate a policy",
            bool(figures["policy"]["active"]),
            listing("curation_curationpolicy"),
        ),
        (
            "The schedule",
            "Seed it with manage.py seed_schedule",
            has_schedule,
            listing("django_celery_beat_periodictask"),
        ),
    ]
    if all(done for _, _, done, _ in steps):
        return []
    return [{"title": title, "hint": hint, "done": done, "url": url} for title, hint, done, url in steps]
