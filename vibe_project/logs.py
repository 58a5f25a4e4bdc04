"""Structured logs on stdout with every secret masked before a line is written."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# What a token, key or secret looks like wherever it turns up.
_SECRETS = re.compile(
    r"(?P<name>Bearer\s+|Basic\s+|(?:access_token|refresh_token|client_secret|code_verifier|code|api[_-]?key|key"
    r"|password|secret|X-ADMIN-API-KEY|x-goog-api-key)[\"']?\s*[=:]\s*[\"']?)(?P<value>[^\s\"'&,}]{6,})"
    r"|(?P<fernet>gAAAA[\w\-=]{20,})",
    re.IGNORECASE,
)
# Libraries that print tokens at DEBUG.
_LOUD = ("spotipy", "urllib3", "httpx", "httpx2", "httpcore2", "google_genai", "google")


def mask(text: str) -> str:
    """The text with every secret replaced by ***."""
    return _SECRETS.sub(lambda found: f"{found['name'] or ''}***", text)


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats a record, then masks the finished line: tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def configure(config: MutableMapping[str, Any]) -> None:
    """Django's LOGGING_CONFIG hook; `config` is settings.LOGGING: {"level"}."""
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
    logging.config.dictConfig(_dict_config(shared, str(config.get("level", "INFO"))))


def _dict_config(shared: list[Any], level: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": MaskingFormatter,
                "processor": structlog.dev.ConsoleRenderer(colors=False),
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in _LOUD} | {"spotipy": {"level": "CRITICAL"}},
    }
