"""Each request's id: made by the outermost middleware, in every log line of the request and every problem."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from structlog import contextvars

HEADER = "X-Request-ID"


def give_each_request_an_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware. The id stays bound: Django and the access log have yet to say how it went."""

    def respond(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        contextvars.clear_contextvars()
        contextvars.bind_contextvars(request_id=request_id)
        response = get_response(request)
        response[HEADER] = request_id
        return response

    return respond


def current() -> str:
    """The id of the request being answered; a new one where there is none."""
    return str(contextvars.get_contextvars().get("request_id") or uuid.uuid4().hex)
