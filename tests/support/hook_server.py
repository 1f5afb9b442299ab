"""A webhook on loopback that keeps what is posted, and misbehaves as it is told."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Posted(NamedTuple):
    """A request as it came."""

    path: str
    headers: dict[str, str]
    record: dict[str, Any]

    @property
    def key(self) -> str:
        """What tells it apart from others, and is the same at every try."""
        return self.headers["Idempotency-Key"]


class HookServer(ThreadingHTTPServer):
    """Takes what is posted; `answers` are the statuses of the next ones.

    A status of 0 says nothing and waits, -1 sends a byte every tenth of a second without end.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[Posted] = []
        self.answers: list[int] = []
        self.stopped = threading.Event()

    @property
    def address(self) -> str:
        """As the setting `alert_webhook` takes it."""
        return f"http://127.0.0.1:{self.server_port}/services/T0/s3cret"

    def handle_error(self, request, client_address):
        """Whoever hangs up in the middle is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: HookServer

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(Posted(self.path, dict(self.headers), json.loads(body)))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 0:
            self.server.stopped.wait(30)
        elif status < 0:
            self._drip()
        else:
            self._answer(status)

    do_GET = do_POST  # noqa: N815 - as the library calls it

    def _answer(self, status):
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def _drip(self):
        with suppress(OSError):
            while not self.server.stopped.is_set():
                self.wfile.write(b"H")
                time.sleep(0.1)

    def log_message(self, *_):
        pass


@contextmanager
def hook_server() -> Iterator[HookServer]:
    """A running `HookServer`."""
    with HookServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()
