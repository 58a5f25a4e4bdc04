"""Servers that are gone (they refuse) or frozen (they accept and never answer), on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

from devstack import processes

GONE, FROZEN = "gone", "frozen"


@contextlib.contextmanager
def port(how: str) -> Iterator[int]:
    """Of a server that is away like that."""
    if how == GONE:
        yield processes.free_port()
        return
    with socket.create_server(("127.0.0.1", 0), backlog=512) as silent:
        yield silent.getsockname()[1]


class Proxy:
    """A door to a server. Frozen, as by SIGSTOP, it takes connections and passes nothing on; shut, it cuts
    and refuses them."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._passing = threading.Event()
        self._passing.set()
        self._sockets: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._server)
                self._sockets += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passing.wait()
                target.sendall(data)
            target.close()

    def freeze(self) -> None:
        self._passing.clear()

    def thaw(self) -> None:
        self._passing.set()

    def shut(self) -> None:
        for one in [self._listening, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._passing.set()
