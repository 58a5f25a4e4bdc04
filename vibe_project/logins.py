"""Who logged in to the console, or tried to: kept by django-axes, shown to whoever may see users."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, F, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from accounts import console

MAY_SEE = "auth.view_user"
ROWS = 100
COLUMNS = ("attempt_time", "username", "ip_address", "path_info", "is_good", "is_last")
SECOND_FACTOR_PATH = "/admin/second-factor/"


class Login(NamedTuple):
    at: Any
    name: str
    address: str
    outcome: str
    tone: str


def page(request: HttpRequest) -> HttpResponse:
    """The newest tries, good and failed ones together; `?name=` and `?before=` narrow them."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    name = request.GET.get("name", "").replace("\0", "").strip()[:150]
    found = list(_tries(name, _moment(request.GET.get("before", "")))[: ROWS + 1])
    context = {
        **admin.site.each_context(request),
        "title": "Logins",
        "name": name,
        "rows": [_login(*row) for row in found[:ROWS]],
        "older": found[ROWS - 1][0].isoformat() if len(found) > ROWS else "",
    }
    return TemplateResponse(request, "admin/logins.html", context)


def keep_second_factor(request: HttpRequest, *, is_good: bool) -> None:
    """Leave a try of a code beside the tries of passwords."""
    AxesProxyHandler.update_request(request)
    seen: Any = request
    model = AccessLog if is_good else AccessFailureLog
    model.objects.create(
        username=request.user.get_username(),
        ip_address=seen.axes_ip_address,
        user_agent=seen.axes_user_agent,
        http_accept=seen.axes_http_accept,
        path_info=SECOND_FACTOR_PATH,
    )


def _tries(name: str, before: dt.datetime | None) -> QuerySet[Any, Any]:
    """One row a try, newest first, of both tables."""

    def narrowed(rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = rows.filter(username=name) if name else rows
        return rows.filter(attempt_time__lt=before) if before else rows

    good = AccessLog.objects.order_by().annotate(is_good=Value(True), is_last=Value(False, BooleanField()))
    bad = AccessFailureLog.objects.order_by().annotate(is_good=Value(False), is_last=F("locked_out"))
    both = narrowed(good).values_list(*COLUMNS).union(narrowed(bad).values_list(*COLUMNS), all=True)
    return both.order_by("-attempt_time")


def _login(
    at: dt.datetime, name: str | None, address: str | None, path: str, is_good: bool, is_last: bool
) -> Login:
    what = "code" if path == SECOND_FACTOR_PATH else "password"
    outcome = f"{what} right" if is_good else f"{what} wrong" + (", locked from here on" if is_last else "")
    return Login(console.when(at), name or "-", address or "-", outcome, "good" if is_good else "bad")


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
