"""The demo world over real HTTP, on this machine only."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from flows.demo.platforms import Platforms
from flows.demo.site import Conditions, answer, build_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    """A running world: where it is and what it was asked so far, in order of the answers.

    Forums are servers of their own, as in the world outside, where each looks after how often
    it is asked.
    """

    base_url: str  #: without a slash at the end
    requests_log: list[Asked]
    forum_urls: Mapping[str, str]  #: of the servers of forums, by the forum's name
    _shown: _Shown

    def move_on(self, world: World) -> None:
        """Show another state of the same world from now on, at the same addresses."""
        self._shown.site, self._shown.platforms = build_site(world), Platforms(world)


@dataclass(slots=True)
class _Shown:
    """What all servers of a world show."""

    site: dict[str, Resource]
    platforms: Platforms
    log: list[Asked]


@contextmanager
def serve_world(world: World) -> Iterator[DemoServer]:
    """Serve a world on free ports of the loopback address until the context ends.

    Afterwards the ports are closed, every connection with them, and no thread is left.
    """
    shown = _Shown(build_site(world), Platforms(world), [])
    names = shown.platforms.forum_names
    with ExitStack() as running:
        base_url, *forum_urls = (
            running.enter_context(_serving(shown)) for _ in range(1 + len(names))
        )
        forums = dict(zip(names, forum_urls, strict=True))
        yield DemoServer(base_url, shown.log, forums, shown)


@contextmanager
def _serving(shown: _Shown) -> Iterator[str]:
    """One server; gives where it is."""
    server = _WorldServer(shown)
    thread = Thread(target=server.serve_forever, args=(_STOP_POLL_SECONDS,), name="demo-world")
    thread.start()
    try:
        yield server.base_url
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


class _WorldServer(ThreadingHTTPServer):
    """One thread a connection; remembers open connections, so that it can end them."""

    daemon_threads = False  # server_close waits for its threads only if they are no daemons
    request_queue_size = 128

    def __init__(self, shown: _Shown) -> None:
        super().__init__((_HOST, 0), _Handler)
        self._shown = shown
        self.requests_log = shown.log
        self._connections: set[socket.socket] = set()

    @property
    def base_url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"http://{_HOST}:{self.server_port}"

    def resource(self, path: str, query_string: str) -> Resource | None:
        """What stands at an address: a page, a feed, or something of a platform."""
        found = self._shown.site.get(path)
        return found or self._shown.platforms.resource(path, query_string, self.base_url)

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
        path, _, query = self.path.partition("?")
        status, headers, body = answer(self.server.resource(path, query), self._conditions())
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
