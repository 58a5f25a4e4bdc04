"""The directory's pages: all playlists, and one of them on any day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.strict_input import parameters
from playlists.api import directory

ON_A_PAGE = 30
DAYS_SHOWN = 14


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100].replace("\0", "")
    found = directory.ordered(directory.search(directory.playlists(), words))
    page = Paginator(directory.with_links(found), ON_A_PAGE).get_page(request.GET.get("page"))
    shown = [directory.describe(one) for one in page.object_list]
    return render(request, "playlists/index.html", {"page": page, "playlists": shown, "words": words})


@require_safe
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """One playlist: the newest list, or the one of `?date=`."""
    found = directory.with_links(directory.playlists()).filter(public_id=public_id).first()
    if found is None:
        raise Http404("There is no such playlist.")
    date = _date(request.GET.get("date"))
    chosen = directory.day_of(public_id, date)
    if date is not None and chosen is None:
        raise Http404("There is no list of that day.")
    context = {
        "playlist": directory.describe(found),
        "chosen": chosen,
        "list": _body(chosen.body) if chosen else None,
        "days": directory.days(found, DAYS_SHOWN),
    }
    return render(request, "playlists/detail.html", context)


def _date(given: str | None) -> dt.date | None:
    if not given:
        return None
    found = parameters.day_of(given)
    if found is None:
        raise Http404("There is no such day.")
    return found


def _body(stored: bytes | memoryview) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(bytes(stored))
    for track in body["tracks"]:
        minutes, seconds = divmod(track["duration_ms"] // 1000, 60)
        track["length"] = f"{minutes}:{seconds:02}"
        track["by"] = ", ".join(track["artists"])
    body["minutes"] = body["duration_ms"] // 60_000
    return body
