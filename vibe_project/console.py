"""The operator console's site on django-unfold: its policy for the browser, its badge and its sidebar."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.sites import UnfoldAdminSite

from accounts.login import second_factor
from vibe_project import brake, logins, second_factor_page

# Unfold's Alpine evaluates the expressions in its own templates, and Unfold writes its theme into a <style>.
# Both are allowed here alone; no other page of the site is relaxed.
CONSOLE_POLICY = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
REAL_SPOTIFY = "https://api.spotify.com/v1"


relaxed: Any = csp_update(CONSOLE_POLICY)


class ConsoleSite(UnfoldAdminSite):
    index_title = "Home"
    enable_nav_sidebar = True

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("second-factor/", relaxed(second_factor_page.page), name="second_factor"),
            path("logins/", self.admin_view(logins.page), name="logins"),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not second_factor.is_missing(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Every page of the console: for staff, and after the second factor where one is asked for."""
        shown = super().admin_view(view, cacheable)

        @functools.wraps(shown)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not second_factor.is_missing(request):
                return shown(request, *args, **kwargs)
            if request.path == reverse("admin:logout"):
                return self.logout(request)
            return second_factor.asked(request)

        return relaxed(guarded)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "POST" and brake.holds(request, now=timezone.now()):
            return brake.locked(request)
        if request.method == "GET" and second_factor.is_missing(request):
            return second_factor.asked(request)
        response = relaxed(super().login)(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            second_factor.ask(request)
        return response


def environment_badge(request: HttpRequest) -> list[str]:
    """What kind of Vibe this is, and the colour of its label."""
    if settings.DEBUG:
        return ["DEV", "info"]
    if settings.SPOTIFY_API_URL != REAL_SPOTIFY:
        return ["SANDBOX", "warning"]
    return ["LIVE", "success"]


def favicon(request: HttpRequest) -> str:
    return static("css/vibe.svg")


def css(request: HttpRequest) -> str:
    return static("console/console.css")


# --- the sidebar: (title, icon, model or url name, permission)

_SECTIONS: list[tuple[str, list[tuple[str, str, str, str]]]] = [
    (
        "Operate",
        [
            ("Home", "home", "admin:index", ""),
            (
                "Submit albums",
                "playlist_add",
                "admin:catalog_batch_add",
                "catalog.add_batch",
            ),
            ("Nights", "nights_stay", "playlists.stagerun", ""),
            ("Plans", "query_stats", "playlists.managerplan", ""),
            ("Rotation health", "monitor_heart", "admin:playlists_health", "playlists.view_managerplan"),
            ("Pauses", "pause_circle", "playlists.pause", ""),
            ("Schedule", "schedule", "django_celery_beat.periodictask", ""),
        ],
    ),
    (
        "Catalog",
        [
            ("Batches", "inventory_2", "catalog.batch", ""),
            ("Album sources", "link", "catalog.albumsource", ""),
            ("Albums", "album", "catalog.album", ""),
            ("Tracks", "music_note", "catalog.track", ""),
            ("Artists", "artist", "catalog.artist", ""),
            ("Answers about genres", "label", "catalog.genreanswer", ""),
            ("Album and track links", "hub", "catalog.albumtrackmap", ""),
            ("Blocks", "block", "catalog.block", ""),
            ("Feature sources", "graphic_eq", "catalog.featuresource", ""),
        ],
    ),
    (
        "Curation",
        [
            ("Policies", "tune", "curation.curationpolicy", ""),
            ("Policy revisions", "history", "curation.policyrevision", ""),
            ("Vibes", "auto_awesome", "curation.vibe", ""),
        ],
    ),
    (
        "Accounts",
        [
            ("Spotify accounts", "account_circle", "accounts.account", ""),
            ("Logins begun", "login", "accounts.authorization", ""),
            ("Listeners", "headphones", "accounts.listener", ""),
            ("Circuits", "electrical_services", "accounts.circuit", ""),
            ("Alarms", "notification_important", "accounts.alarm", ""),
            ("Capabilities", "extension_off", "accounts.capability", ""),
            ("App tokens", "key", "accounts.apptoken", ""),
            ("Calls to Spotify", "monitoring", "accounts.callcount", ""),
            ("Audits", "find_in_page", "playlists.audit", ""),
        ],
    ),
    (
        "Playlists",
        [
            ("Playlists", "queue_music", "playlists.playlist", ""),
            ("Copies", "content_copy", "playlists.playlistcopy", ""),
            ("Snapshots", "photo_library", "playlists.snapshot", ""),
            ("History", "receipt_long", "playlists.historyentry", ""),
            ("Recent usage", "update", "playlists.recentusage", ""),
        ],
    ),
    (
        "System",
        [
            ("Users", "person", "auth.user", ""),
            ("Roles", "group", "auth.group", ""),
            ("Who did what", "fact_check", "admin.logentry", ""),
            ("Logins", "login", "admin:logins", logins.MAY_SEE),
            ("Crontabs", "calendar_clock", "django_celery_beat.crontabschedule", ""),
            ("Intervals", "timer", "django_celery_beat.intervalschedule", ""),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "collapsible": True,
            "items": [_item(request, *entry) for entry in entries],
        }
        for title, entries in _SECTIONS
    ]


def _item(request: HttpRequest, title: str, icon: str, target: str, permission: str) -> dict[str, Any]:
    if target.startswith("admin:"):
        url = reverse(target)
    else:
        app, model = target.split(".")
        url, permission = (
            reverse(f"admin:{app}_{model}_changelist"),
            f"{app}.view_{model}",
        )
    return {
        "title": title,
        "icon": icon,
        "link": url,
        "active": lambda request: _is_here(request.path, url),
        "permission": lambda request: not permission or request.user.has_perm(permission),
    }


# Pages with an entry of their own, below the address of another entry's.
_ALONE = ("admin:index", "admin:catalog_batch_add", "admin:playlists_health")


def _is_here(path: str, url: str) -> bool:
    """Whether a page belongs to a sidebar entry; the intake page is not also a page of the batches."""
    alone = {reverse(name) for name in _ALONE}
    return path == url if url in alone or path in alone else path.startswith(url)
