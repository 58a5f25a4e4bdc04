"""The console's page of rotation health: what was asked beside what history says, per policy and for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts import plurals
from playlists.rotation import latest_health

MAY_SEE = "playlists.view_managerplan"


def page(request: HttpRequest) -> HttpResponse:
    """The page without its figures: they are asked for after it, since they read months of history."""
    _only_permitted(request)
    context = {**admin.site.each_context(request), "title": "Rotation health"}
    return TemplateResponse(request, "admin/playlists/health.html", context)


def figures(request: HttpRequest) -> HttpResponse:
    _only_permitted(request)
    counted = latest_health.counted(timezone.now())
    found = counted.report
    context = {
        "counted_at": counted.at,
        "days": found["days"],
        "network": found["network"],
        "tiles": tiles(found["network"]),
        "rows": [row(one) for one in found["policies"]],
    }
    return TemplateResponse(request, "admin/playlists/health_figures.html", context)


def _only_permitted(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied


def tiles(network: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The network's figures, each as a label and a text."""
    gap, obtained = network["gap"], network["gap"]["obtained"]
    days = network["overdue_after_days"]
    return [
        ("Rest asked, days", plain(gap["configured"])),
        ("Rest that can be kept", plain(gap["sustainable"])),
        ("Rest obtained: min, median, p95", spread(obtained)),
        *(
            (f"Used within {plurals.counted(int(days), 'day')}", percent(share))
            for days, share in network["coverage"].items()
        ),
        ("Never used", plain(network["never_used"])),
        (
            f"Overdue, rested over {plurals.counted(days, 'day')}" if days else "Overdue",
            plain(network["overdue"]),
        ),
        ("Top 50 artists' share", percent(network["top_50_artists_share"])),
        ("Places by the rules alone", percent(network["hard_rule_pass_rate"])),
        ("Lists made and held", f"{network['lists']:,} / {network['held']:,}"),
    ]


def row(found: Mapping[str, Any]) -> dict[str, Any]:
    """A policy's figures as texts for its row of the table."""
    gap = found["gap"]
    return {
        "url": reverse("admin:curation_curationpolicy_change", args=[found["id"]]),
        "name": found["policy"],
        "sentence": found["sentence"],
        "playlists": plain(found["playlists"]),
        "matched": plain(found["tracks_matched"]),
        "asked": f"{plain(gap['configured'])} / {plain(gap['sustainable'])}",
        "obtained": spread(gap["obtained"]),
        "blend": [
            f"{name} {percent(share['actual'])} of {percent(share['goal'])}"
            for name, share in found["blend"].items()
        ],
        "coverage": " · ".join(percent(share) for share in found["coverage"].values()),
        "idle": f"{plain(found['never_used'])} / {plain(found['overdue'])}",
        "top": percent(found["top_50_artists_share"]),
        "passed": percent(found["hard_rule_pass_rate"]),
        "relaxed": [
            f"{path} in {plurals.counted(step['lists'], 'list')}" for path, step in found["relaxed"].items()
        ],
        "lists": f"{found['lists']:,} / {found['held']:,}",
    }


def spread(obtained: Mapping[str, int | None]) -> str:
    if obtained["min"] is None:
        return "-"
    return f"{obtained['min']} · {obtained['median']} · {obtained['p95']}"


def percent(share: float | None) -> str:
    """A share as people read it; nothing is rounded up to all or down to none."""
    if share is None:
        return "-"
    rounded = min(max(share, 0.001), 0.999) if 0 < share < 1 else share
    return f"{rounded:.0%}" if 0.01 <= rounded <= 0.99 or rounded in {0, 1} else f"{rounded:.1%}"


def plain(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
