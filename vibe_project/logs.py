"""Logs on stderr, one event a line as text or JSON: fields are masked before they are rendered; no locals."""

from __future__ import annotations

import logging
import logging.config
import re
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

import structlog
from django.core.exceptions import BadRequest, ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.http.multipartparser import MultiPartParserError

from vibe_project import masking, tracebacks

FORMATS = ("text", "json")
# Libraries that print tokens, whole queries or answers at DEBUG.
_LOUD = (
    "spotipy", "urllib3", "httpx", "httpx2", "httpcore2", "google_genai", "google", "django.db.backends",
)  # fmt: skip
# Others give these handlers of their own, which know nothing of masks: Django, Celery and its pool.
_TAKEN_OVER = ("django", "django.server", "tornado")
_KEPT_APART = ("celery.task", "multiprocessing")
# What a stranger can bring about at will is no fault of ours: where it was raised is of no interest.
_REFUSALS = (Http404, PermissionDenied, SuspiciousOperation, BadRequest, MultiPartParserError)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

Event = MutableMapping[str, Any]


def configure(config: MutableMapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook; `config` is settings.LOGGING: {"level", "format"}."""
    wanted = str(config.get("format", "text"))
    if wanted not in FORMATS:
        raise ImproperlyConfigured(f"LOG_FORMAT must be text or json, not {wanted!r}.")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(_dict_config(formatter(wanted, shared), str(config.get("level", "INFO"))))
    logging.captureWarnings(True)
    _log_uncaught()


def _dict_config(lines: dict[str, Any], level: str) -> dict[str, Any]:
    silent = {name: {"level": "WARNING"} for name in _LOUD} | {"spotipy": {"level": "CRITICAL"}}
    taken_over = {name: {"handlers": [], "propagate": True} for name in _TAKEN_OVER}
    kept_apart = {name: {"handlers": ["stderr"], "propagate": False} for name in _KEPT_APART}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": _is_news}},
        "formatters": {"lines": lines},
        "handlers": {"stderr": {"()": Handler, "formatter": "lines", "filters": ["news"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": silent | taken_over | kept_apart,
    }


def formatter(wanted: str, shared: list[Any]) -> dict[str, Any]:
    """The formatter of that name, in dictConfig's words."""
    chain = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, Errors(), mask_fields]
    if wanted == "json":
        chain.append(structlog.processors.JSONRenderer())
    else:
        plain = structlog.dev.plain_traceback
        chain += [as_text, structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)]
    return {"()": structlog.stdlib.ProcessorFormatter, "processors": chain, "foreign_pre_chain": shared}


class Handler(logging.StreamHandler[Any]):
    """Where a line cannot be written, says so without its arguments, which logging itself would print."""

    def handleError(self, record: logging.LogRecord) -> None:
        kind = getattr(sys.exc_info()[0], "__name__", "an error")
        place = f"{record.name} ({record.filename}:{record.lineno})"
        if sys.__stderr__ is not None and not sys.__stderr__.closed:
            sys.__stderr__.write(f"a line of {place} could not be logged: {kind}\n")


def _is_news(record: logging.LogRecord) -> bool:
    """The access log already says that an address was not found, or that a method is not allowed there."""
    refused = 400 <= getattr(record, "status_code", 0) < 500
    return not (record.name == "django.request" and refused and not record.exc_info)


# --- processors


class Errors:
    """`exc_info` becomes `error`, what it was, and `exception`, where; the latter once a minute alone."""

    def __init__(self) -> None:
        self._repeats = tracebacks.Repeats()

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        error = tracebacks.of(event.pop("exc_info", None))
        if error is None:
            return event
        if isinstance(error, _REFUSALS):
            return {**event, "level": "warning"}
        event["error"] = tracebacks.headline(error)
        lines = [*tracebacks.frames(error), *tracebacks.causes(error)]
        if lines and self._repeats.is_new(lines):
            event["exception"] = "\n".join(lines)
        return event


def mask_fields(logger: Any, method: str, event: Event) -> Event:
    return masking.mask_fields(event)


def as_text(logger: Any, method: str, event: Event) -> Event:
    """Every value in one line, and below it where an exception was; no control character stays."""
    places = event.pop("exception", None)
    lines = {name: _one_line(value) for name, value in event.items()}
    if places is not None:
        lines["exception"] = "\n".join(f"    {_one_line(place)}" for place in places.split("\n"))
    return lines


def _one_line(value: Any) -> Any:
    if not isinstance(value, str) or not _CONTROL.search(value):
        return value
    lines = [line.strip() for line in value.splitlines() if line.strip()]
    return _CONTROL.sub(lambda found: repr(found.group())[1:-1], " | ".join(lines))


# --- uncaught errors: these lines are masked too


def _log_uncaught() -> None:
    """Only in place of Python's own hooks: a test runner's are its own affair."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("vibe").critical("stopped by an error", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread else "a thread"
        logging.getLogger("vibe").error("%s stopped by an error", name, exc_info=args.exc_value)


def _unraisable(unraisable: Any) -> None:
    told = unraisable.err_msg or "an error that cannot be raised"
    logging.getLogger("vibe").error("%s", told, exc_info=unraisable.exc_value)
