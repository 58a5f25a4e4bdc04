"""One whole HTTP answer within a total time and a total size, however slowly the other side lets it drip."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import connection, connectionpool

# The largest honest body is twenty albums with fifty tracks each and their markets: about 3 MB.
MOST_BYTES = 16 * 1024 * 1024
_CHUNK = 65_536
_here = threading.local()


class TooLate(requests.RequestException):
    """The answer was not whole in time; what was asked may have been done."""


class TooLarge(requests.RequestException):
    """The body is larger than any honest one."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Status, headers (case-insensitive) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Watch:
    """Cuts the connection of this thread's request at its deadline.

    The timeouts of requests are per read, so a byte now and then would keep a call alive for ever, in the
    headers as well as in the body: only closing the socket from outside ends that.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_over = False
        self.fired = False
        self._timer = threading.Timer(max(0.0, seconds), self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        _here.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        _here.watch = None
        self._timer.cancel()
        with self._lock:
            # The connection goes back to the pool: a timer that was just about to fire must not cut it.
            self._is_over = True
            self._socket = None

    def over(self, opened: socket.socket | None) -> None:
        """This is the connection the request travels on."""
        with self._lock:
            self._socket = opened
            if self.fired:
                self._cut()

    def _fire(self) -> None:
        with self._lock:
            if not self._is_over:
                self.fired = True
                self._cut()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own shutdown: that takes the TLS state away under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _watched(opened: socket.socket | None) -> None:
    watch: Watch | None = getattr(_here, "watch", None)
    if watch is not None:
        watch.over(opened)


class _Plain(connection.HTTPConnection):
    def getresponse(self) -> Any:
        _watched(self.sock)
        return super().getresponse()


class _Secure(connection.HTTPSConnection):
    def getresponse(self) -> Any:
        _watched(self.sock)
        return super().getresponse()


class _PlainPool(connectionpool.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(HTTPAdapter):
    """An adapter whose connections can be watched; no retries of its own."""

    def __init__(self, *, pool_maxsize: int = 16) -> None:
        super().__init__(pool_maxsize=pool_maxsize, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def plain_session(user_agent: str) -> requests.Session:
    """A session that reads no ~/.netrc and no proxy variable, repeats nothing, and can be watched."""
    fresh = requests.Session()
    fresh.trust_env = False  # else ~/.netrc replaces our bearer and a proxy variable sees it
    fresh.headers["User-Agent"] = user_agent
    for scheme in ("https://", "http://"):
        fresh.mount(scheme, Adapter())
    return fresh


def request(
    session: requests.Session,
    method: str,
    url: str,
    *,
    seconds: float,
    timeout: tuple[float, float],
    most_bytes: int = MOST_BYTES,
    **options: Any,
) -> Whole:
    """One request on a `plain_session`; no redirect is followed. Raises requests' errors, TooLate, TooLarge.

    `seconds` bounds the whole exchange from the first byte out, `timeout` (connect, read) its single steps.
    """
    with Watch(seconds) as watch:
        try:
            with session.request(
                method, url, timeout=timeout, allow_redirects=False, stream=True, **options
            ) as answer:
                body = _read(answer, most_bytes)
        except TooLarge:
            raise
        except requests.RequestException as error:
            raise (TooLate(f"no whole answer within {seconds:g} s") if watch.fired else error) from None
        if watch.fired:  # a body without a length seems to end where it was cut
            raise TooLate(f"no whole answer within {seconds:g} s")
    return Whole(answer.status_code, answer.headers, body)


def _read(answer: requests.Response, most_bytes: int) -> bytes:
    body = bytearray()
    for part in answer.iter_content(_CHUNK):
        body += part
        if len(body) > most_bytes:
            raise TooLarge(f"a body of more than {most_bytes} bytes")
    return bytes(body)
