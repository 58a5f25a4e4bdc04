"""The web server's logs: gunicorn's own lines through our logging, and one access line a request."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.conf import settings
from gunicorn import glogging

from vibe_project import logs

access_log = structlog.get_logger("gunicorn.access")


class Logger(glogging.Logger):
    """For gunicorn's --logger-class."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
        logs.configure(settings.LOGGING)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: dt.timedelta) -> None:
        """The path alone: a query may hold a login's code and state, and so may the address it came from."""
        path = str(environ.get("RAW_URI", "-")).partition("?")[0]
        access_log.info(
            f"{environ.get('REQUEST_METHOD', '-')} {path}",
            status=int(str(resp.status).split(maxsplit=1)[0]),
            bytes=getattr(resp, "sent", None),
            seconds=round(request_time.total_seconds(), 3),
            ip=environ.get("REMOTE_ADDR", "-"),
        )
        # The request ends here: the thread's next lines are not about it.
        structlog.contextvars.clear_contextvars()
