"""What the tests about logs share: everything that this process logs, as it would be written."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from vibe_project import logs


class Written(io.StringIO):
    @property
    def text(self) -> str:
        return self.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def events(self) -> list[dict[str, object]]:
        """The lines of JSON, each of which must be a whole event."""
        return [json.loads(line) for line in self.lines]


@contextlib.contextmanager
def written(format: str, *, level: str = "INFO") -> Iterator[Written]:
    """Everything that is logged meanwhile, in that format; also what nobody caught in a thread."""
    stream = Written()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        # pytest has put its own hook in place of Python's.
        patch.setattr(threading, "excepthook", threading.__excepthook__)
        structlog.contextvars.clear_contextvars()  # another test's request
        # pytest has put back what logging had put in its place.
        logging.captureWarnings(False)
        try:
            logs.configure({"format": format, "level": level})
            yield stream
        finally:
            logging.captureWarnings(False)
    logs.configure(settings.LOGGING)
