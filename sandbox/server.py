"""Runs one sandbox: an HTTP server in a thread that plays Spotify, its accounts and the other vendors."""

import contextlib
import datetime as dt
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox import desk, links, wire, world
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.world import Call, Settings, World

HOST = "127.0.0.1"
IDLE_SECONDS = 300


class Sandbox:
    """A running sandbox: where it listens, what is in it, what has been asked of it."""

    def __init__(self, made: World, port: int, log: Callable[[str], None] | None) -> None:
        self.world = made
        self._server = _Server((HOST, port), made, log)
        self.port = int(self._server.server_address[1])
        made.base_url = self.url = f"http://{HOST}:{self.port}"
        self.api_url = f"{self.url}/v1"
        self.accounts_url = f"{self.url}/accounts"
        self.reccobeats_url = f"{self.url}/reccobeats/v1"
        self.wikidata_url = f"{self.url}/wikidata/sparql"
        self.musicbrainz_url = f"{self.url}/musicbrainz/ws/2"
        self.listenbrainz_url = f"{self.url}/listenbrainz/1"
        self.gemini_url = f"{self.url}/gemini"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True, name="sandbox"
        )

    @property
    def calls(self) -> list[Call]:
        """Every request so far but those to /_sandbox, oldest first."""
        return self.world.calls

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def album_links(self, count: int, *, odd: bool = False) -> list[str]:
        """The links of the first `count` albums; see links.album_links."""
        return links.album_links(self.world.catalogue, count, odd=odd)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stops at once: requests at a barrier are let go, open connections are closed."""
        self.faults.clear()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(timeout=5)


@contextlib.contextmanager
def serve(
    *,
    port: int = 0,
    albums: int = 300,
    mode: str = "extended",
    seed: int = 1,
    calls_per_30s: int | None = None,
    users: int = 5,
    coverage: float = 0.75,
    audio_features: bool = False,
    rotate_refresh_tokens: bool = False,
    playlists_per_user: int = 11_000,
    today: dt.date | None = None,
    clock: Callable[[], float] = time.time,
    log: Callable[[str], None] | None = None,
) -> Iterator[Sandbox]:
    """A running sandbox for as long as the block lasts. Port 0 is any free one.

    The catalogue follows from `seed` and `albums`; `today` (else the clock's) places fresh releases.
    `calls_per_30s` is the app's rolling window (None: no limit), `coverage` the share of tracks ReccoBeats
    knows, `audio_features` whether the app still has Spotify's own. OSError for a port that is taken.
    """
    settings = Settings(
        mode=mode,
        calls_per_30s=calls_per_30s,
        coverage=coverage,
        audio_features=audio_features,
        rotate_refresh_tokens=rotate_refresh_tokens,
        playlists_per_user=playlists_per_user,
        users=users,
    )
    ticking = Clock(clock)
    day = today or dt.datetime.fromtimestamp(ticking.now(), dt.UTC).date()
    made = world.make(seed=seed, albums=albums, today=day, clock=ticking, settings=settings)
    sandbox = Sandbox(made, port, log)
    sandbox.start()
    try:
        yield sandbox
    finally:
        sandbox.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    # For a quick restart; a port that somebody listens on is refused all the same.
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], made: World, log: Callable[[str], None] | None) -> None:
        self.made, self.log = made, log
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is daily life here (tests kill their processes); anything else is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = wire.read(self.command, self.path, headers, self.rfile.read(length) if length else b"")
        sent = desk.handle(self.server.made, request)
        if self.server.log is not None:
            self.server.log(f"{self.command} {self.path} {sent.status if sent else 'cut'}")
        if sent is None:
            self._cut()
        else:
            self._send(sent)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def do_HEAD(self) -> None:
        self._send(wire.empty(405))

    def _send(self, response: desk.Sent | wire.Response) -> None:
        """Head and body in one write, so that no packet waits for another."""
        body = response.body
        announced = response.announced if isinstance(response, desk.Sent) else len(body)
        headers = {"Date": self.date_time_string(), "Content-Length": str(announced)} | response.headers
        if response.content_type:
            headers["Content-Type"] = response.content_type
        lines = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        if isinstance(response, desk.Sent) and response.drip:
            self._drip(head, body, response)
            return
        self.wfile.write(head + body)
        if announced != len(body):
            self._cut()

    def _drip(self, head: bytes, body: bytes, response: desk.Sent) -> None:
        """A byte now and then, until the client has had enough."""
        slow = head + body if response.from_the_head else body
        if not response.from_the_head:
            self.wfile.write(head)
        for byte in slow:
            time.sleep(response.drip)
            self.wfile.write(bytes([byte]))

    def _cut(self) -> None:
        """Closes the connection; the client sees an end where it expected an answer."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        """The access log of http.server is replaced by `log`."""
