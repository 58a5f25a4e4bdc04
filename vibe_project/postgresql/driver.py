"""psycopg, with connections that notice a frozen server: what we send is taken, and nothing comes back."""

from __future__ import annotations

import functools
import time
from collections.abc import Generator
from typing import Any, Self

import psycopg
from psycopg import *  # noqa: F403 - Django looks here for everything that the driver has
from psycopg import client_cursor as client_cursor
from psycopg import errors

from accounts.outages import Outage

REST_SECONDS = 1.0


@functools.cache
def outage(host: str, port: str) -> Outage:
    """What this process knows about the server at that address."""
    return Outage("PostgreSQL", rest_seconds=REST_SECONDS)


class Watched(psycopg.Connection[Any]):
    """Where a statement is not answered for `patience` seconds, a second connection asks whether the server
    answers anybody. If it does, the statement is merely slow and may go on; if not, it fails.

    tcp_user_timeout and keepalives do not see this: the frozen server's kernel still acknowledges."""

    _patience: float
    _address: tuple[str, dict[str, Any]]

    @classmethod
    def connect(cls, conninfo: str = "", *, patience: float = 10.0, **address: Any) -> Self:  # type: ignore[override]
        made = _asked(super().connect, conninfo, address)
        made._patience, made._address = patience, (conninfo, address)
        return made

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, waiting: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """psycopg's own generator: it yields what it waits for, and is sent 0 after a moment of nothing."""
        heard_at = time.monotonic()
        try:
            wanted = next(waiting)
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > self._patience:
                    self._end_unless_the_server_answers()
                    heard_at = time.monotonic()
                wanted = waiting.send(ready)
        except StopIteration as end:
            return end.value

    def _end_unless_the_server_answers(self) -> None:
        try:
            _asked(psycopg.Connection.connect, *self._address).close()
        except (errors.ConnectionTimeout, LeftAlone):
            self.pgconn.finish()
            raise
        except psycopg.OperationalError:
            return  # a refusal is an answer: this connection's own end, if it comes, will be seen


class LeftAlone(psycopg.OperationalError):
    """The server let somebody wait a moment ago."""


def _asked(connect: Any, conninfo: str, address: dict[str, Any]) -> Any:
    """A new connection, unless the server is known not to answer."""
    known = outage(str(address.get("host")), str(address.get("port")))
    if known.is_on():
        raise LeftAlone("the server did not answer a moment ago and is left alone")
    try:
        made = connect(conninfo, **address)
    except psycopg.OperationalError as error:
        known.began(error, waited=isinstance(error, errors.ConnectionTimeout))
        raise
    known.ended()
    return made


connect = Watched.connect  # type: ignore[assignment]
