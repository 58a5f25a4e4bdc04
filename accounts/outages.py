"""What a process remembers of a server that did not answer, so that not each request waits for it again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Outage:
    """One server's: after it let somebody wait it is left alone for `rest_seconds`; then one caller asks
    again, and the others go on as if it were away until that one knows. One warning an outage."""

    def __init__(
        self, server: str, *, rest_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server, self._rest, self._clock = server, rest_seconds, clock
        self._rests_until = 0.0
        self._asked_by: int | None = None
        self._is_known = False

    def is_on(self) -> bool:
        """Whether not to ask now. Where the rest is over, the caller is the one who asks."""
        if not self._rests_until:
            return False
        if self._clock() < self._rests_until:
            return self._asked_by != threading.get_ident()
        self._rests_until, self._asked_by = self._clock() + self._rest, threading.get_ident()
        return False

    def began(self, why: BaseException, *, waited: bool) -> None:
        """It is away. A server that refused at once needs no rest: asking it again costs nothing."""
        if not self._is_known:
            log.warning("%s is away: %s", self._server, type(why).__name__)
        self._is_known, self._asked_by = True, None
        self._rests_until = self._clock() + self._rest if waited else 0.0

    def ended(self) -> None:
        """It answered."""
        if self._is_known:
            log.warning("%s answers again", self._server)
            self._is_known = False
        self._rests_until, self._asked_by = 0.0, None
