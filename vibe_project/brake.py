"""The brake on the console's login: whose tries count together, and what is said while it holds.

django-axes counts by name and address. Somebody who tries many names has the address alone in common.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import Any

from axes.models import AccessFailureLog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import BaseThrottle

MOST_FAILURES_OF_AN_ADDRESS = 50


def client_address(request: HttpRequest) -> str | None:
    """The address that the API's throttles count too (NUM_PROXIES); None where it is not an address."""
    try:
        return str(ipaddress.ip_address(BaseThrottle().get_ident(request) or ""))  # type: ignore[arg-type]
    except ValueError:
        return None


def holds(request: HttpRequest, *, now: dt.datetime) -> bool:
    """Whether this address has failed so often, under whatever names, that it may not try at all."""
    since = now - settings.AXES_COOLOFF_TIME
    failures = AccessFailureLog.objects.filter(ip_address=client_address(request), attempt_time__gt=since)
    return failures.count() >= MOST_FAILURES_OF_AN_ADDRESS


def locked(request: HttpRequest, *args: Any) -> HttpResponse:
    """The page of a login that is not tried at all."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    page = render(request, "admin/locked.html", {"minutes": seconds // 60}, status=429)
    page["Retry-After"], page["Cache-Control"] = str(seconds), "no-store"
    return page
