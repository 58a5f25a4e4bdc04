"""What no view could read is settled in front of them all: bodies in chunks, NUL characters in an address."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from vibe_project import api

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
View = Callable[[HttpRequest], HttpResponse]

IN_CHUNKS = "This body came in chunks and could not be read whole: send it with a Content-Length, up to 2 MB."
NUL_IN_PATH = "There is nothing at this address."
NUL_IN_QUERY = "The parameters hold a NUL character (%00); leave it out."


def whole_bodies(application: Wsgi) -> Wsgi:
    """Give Django a body in chunks with the length that it goes by; without one it sees an empty body.

    Only where the server says that it ends the input by itself. What is longer than any body may be keeps
    its header, and `refuse_unreadable` answers."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            if len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                del environ["HTTP_TRANSFER_ENCODING"]
                environ |= {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return application(environ, start_response)

    return answer


def refuse_unreadable(get_response: View) -> View:
    def answer(request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers:
            return _refusal(request, 411, IN_CHUNKS)
        if "\0" in request.path_info:
            return _refusal(request, 404, NUL_IN_PATH)
        if b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", "")):
            return _refusal(request, 400, NUL_IN_QUERY)
        return get_response(request)

    return answer


def _refusal(request: HttpRequest, code: int, detail: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse(api.document(code, detail), status=code, content_type=api.PROBLEM)
    return HttpResponse(detail, status=code, content_type="text/plain; charset=utf-8")
