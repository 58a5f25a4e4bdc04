"""An HTTP transport that gives up on an answer which drips, or which never ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx2


class Transport(httpx2.HTTPTransport):
    """The ordinary transport, whose answers must be whole within `seconds` and `most_bytes`.

    The client's own timeout is per read: a server that sends a byte now and then would be read for ever.
    """

    def __init__(
        self, *, seconds: float, most_bytes: int, timer: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._seconds, self._most_bytes, self._timer = seconds, most_bytes, timer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        ends_at = self._timer() + self._seconds
        response = super().handle_request(request)
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Bounded(response.stream, ends_at, self._most_bytes, self._timer)
        return response


class _Bounded(httpx2.SyncByteStream):
    def __init__(
        self, inner: httpx2.SyncByteStream, ends_at: float, most_bytes: int, timer: Callable[[], float]
    ) -> None:
        self._inner, self._ends_at, self._most_bytes, self._timer = inner, ends_at, most_bytes, timer

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for part in self._inner:
            read += len(part)
            if read > self._most_bytes:
                raise httpx2.ReadError(f"more than {self._most_bytes} bytes")
            if self._timer() > self._ends_at:
                raise httpx2.ReadTimeout("not whole in time")
            yield part

    def close(self) -> None:
        self._inner.close()
