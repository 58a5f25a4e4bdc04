"""What a failed request is answered: 503 where the database is away, else 500; a problem or a page."""

from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from vibe_project import api

RETRY_AFTER_SECONDS = 5
AWAY = "The database does not answer just now. Nothing was lost; try again in a few seconds."
BROKEN = "Something broke on our side. It has been written down; try again in a minute."
log = logging.getLogger(__name__)


def answer(request: HttpRequest) -> HttpResponse:
    """Django's handler500: for every error that no view expected, wherever it arose."""
    error = sys.exc_info()[1]
    if not isinstance(error, (OperationalError, InterfaceError)):
        return _told(request, 500, BROKEN)
    # One line instead of a traceback for each of the many requests that meet an outage.
    log.warning("503 for %s %s: %s", request.method, request.path, _kind(error))
    response = _told(request, 503, AWAY)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _told(request: HttpRequest, code: int, detail: str) -> HttpResponse:
    """problem+json on /api/, elsewhere a page that asks neither the database nor the session for anything."""
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(api.document(code, detail), status=code, content_type=api.PROBLEM)
    else:
        response = HttpResponse(render_to_string(f"{code}.html"), status=code)
    response["Cache-Control"] = "no-store"
    return response


def _kind(error: BaseException) -> str:
    """The error's class and PostgreSQL's code for it; its text may quote what somebody wrote."""
    return f"{type(error).__name__} {getattr(error.__cause__, 'sqlstate', None) or ''}".strip()
