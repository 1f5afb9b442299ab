"""The demo world over real HTTP, on this machine only."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.demo.site import Conditions, answer, build_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.demo.site import Resource
    from flows.demo.world import World

_HOST = "127.0.0.1"
_STOP_POLL_SECONDS = 0.05


class Asked(NamedTuple):
    """One request that the server has answered."""

    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running server: where it is and what it was asked so far, in order of the answers."""

    base_url: str  #: without a slash at the end
    requests_log: list[Asked]


@contextmanager
def serve_world(world: World) -> Iterator[DemoServer]:
    """Serve a world on a free port of the loopback address until the context ends.

    Afterwards the port is closed, every connection with it, and no thread is left.
    """
    server = _WorldServer(build_site(world))
    thread = Thread(target=server.serve_forever, args=(_STOP_POLL_SECONDS,), name="demo-world")
    thread.start()
    try:
        yield DemoServer(f"http://{_HOST}:{server.server_port}", server.requests_log)
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


class _WorldServer(ThreadingHTTPServer):
    """One thread a connection; remembers open connections, so that it can end them."""

    daemon_threads = False  # server_close waits for its threads only if they are no daemons
    request_queue_size = 128

    def __init__(self, site: dict[str, Resource]) -> None:
        super().__init__((_HOST, 0), _Handler)
        self.site = site
        self.requests_log: list[Asked] = []
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as inherited
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep open, or their threads would wait for more."""
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client may leave at any time
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoWorld"
    sys_version = ""
    wbufsize = -1  # one packet for head and body, or Nagle's algorithm delays every answer
    timeout = 30  # seconds that a silent connection is kept
    server: _WorldServer

    def do_GET(self) -> None:
        self._reply(has_body=True)

    def do_HEAD(self) -> None:
        self._reply(has_body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Write nothing: `requests_log` holds it."""

    def _reply(self, *, has_body: bool) -> None:
        path = self.path.partition("?")[0]
        status, headers, body = answer(self.server.site.get(path), self._conditions())
        self.server.requests_log.append(Asked(self.command, path, status))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if has_body:
            self.wfile.write(body)

    def _conditions(self) -> Conditions:
        return Conditions(
            if_none_match=self.headers.get("If-None-Match", ""),
            if_modified_since=self.headers.get("If-Modified-Since", ""),
            accept_encoding=self.headers.get("Accept-Encoding", ""),
        )
