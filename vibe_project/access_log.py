"""One line for each request, however it went: its path alone, because a query may hold a login's code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog

log = structlog.get_logger("vibe.access")
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def logged(application: Application) -> Application:
    """The WSGI application that writes it once the answer is handed over."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began, status = time.monotonic(), ["0"]

        def start(line: str, *rest: Any) -> Any:
            status[0] = line
            return start_response(line, *rest)

        return _parts(application(environ, start), environ, status, began)

    return respond


def _parts(
    answer: Iterable[bytes], environ: dict[str, Any], status: list[str], began: float
) -> Iterator[bytes]:
    sent = 0
    try:
        for part in answer:
            sent += len(part)
            yield part
    finally:
        if close := getattr(answer, "close", None):
            close()
        log.info(
            f"{environ.get('REQUEST_METHOD', '-')} {environ.get('PATH_INFO', '-')}",
            status=int(status[0].split(maxsplit=1)[0]),
            bytes=sent,
            seconds=round(time.monotonic() - began, 3),
            ip=environ.get("REMOTE_ADDR", "-"),
        )
        # The request ends here: the thread's next lines are not about it.
        structlog.contextvars.clear_contextvars()
