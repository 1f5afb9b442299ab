"""The server of a soak run: feeds in simulated time, faults by a seed, and a webhook.

It remembers which entries stood in an answer that it sent whole, and every message that its
webhook took.
"""

from __future__ import annotations

import hashlib
import json
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from soak_world import GONE_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from soak_clock import Clock
    from soak_world import Feed

#: What a fault is, and how often it comes among faults.
FAULTS = {
    "error 500": 5,
    "hung up before the answer": 3,
    "hung up in the body": 4,
    "chunked body broken off": 2,
    "429 with Retry-After": 2,
    "slow": 3,
    "silent beyond the deadline": 1,
    "a web page": 2,
    "nothing at all": 1,
}
OUT, GONE = "out", "gone"
HOOK_PATH = "/hook"
_FAULT_SHARE, _HOOK_FAULT_SHARE = 0.12, 0.2
_PAGE = b"<!doctype html><html><head><title>Maintenance</title></head><body><p>Back soon.</p>"
_SILENT_SECONDS, _SLOW_SECONDS = 2.5, 0.3
_RETRY_AFTER = (900, 5400)


class Span(NamedTuple):
    """From a moment to another (UTC)."""

    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begin <= moment < self.end


@dataclass(slots=True)
class Told:
    """A message as the webhook got it; `is_taken` says whether it answered that it had it."""

    key: str
    text: str
    at: datetime
    is_taken: bool


@dataclass(slots=True)
class Site:
    """What the server serves and what it remembers.

    Attributes:
        feeds: by path.
        seed: of the faults.
        clock: simulated time.
        out: when every feed answers with an error.
        gone: when one channel is not found.
        is_kind: no faults any more.
        step: number of the process that asks.
        shown: moments of the entries of each path that stood in an answer that was sent whole,
            with the numbers of the processes to which.
        answers: how often each kind of answer was given.
        told: what came to the webhook.
    """

    feeds: dict[str, Feed]
    seed: int
    clock: Clock
    out: Span
    gone: Span
    is_kind: bool = False
    step: int = 0
    shown: dict[str, dict[datetime, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    answers: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    _turns: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, path: str) -> str:
        """How the next answer on a path goes wrong; "" when it does not."""
        if self.is_kind:
            return ""
        moment = self.clock.now()
        if self.out.holds(moment):
            return OUT
        if path == GONE_PATH and self.gone.holds(moment):
            return GONE
        chosen = self._chance(path)
        if chosen.random() >= _FAULT_SHARE:
            return ""
        return chosen.choices(list(FAULTS), list(FAULTS.values()))[0]

    def takes_message(self) -> bool:
        """Whether the webhook takes the next message."""
        return self.is_kind or self._chance(HOOK_PATH).random() >= _HOOK_FAULT_SHARE

    def note(self, answer: str) -> None:
        """Remember an answer."""
        with self._lock:
            self.answers[answer] += 1

    def note_shown(self, path: str, entries: tuple[datetime, ...], step: int) -> None:
        """Remember entries that stood in an answer that was sent whole, and to whom."""
        with self._lock:
            for moment in entries:
                self.shown[path][moment].add(step)

    def _chance(self, path: str) -> random.Random:
        """The same for the same request to a path in the order of their arrival."""
        with self._lock:
            self._turns[path] += 1
            return random.Random(f"{self.seed} {path} {self._turns[path]}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = site

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed in the middle are what a soak run is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self._answer(200, b"User-agent: *\nAllow: /\n", {"Content-Type": "text/plain"})
        elif self.path in self.server.site.feeds:
            fault = self.server.site.fault(self.path)
            if fault and fault != "slow":
                self.server.site.note(fault)
                _FAULTY[fault](self)
            else:
                self._feed(is_slow=bool(fault))
        else:
            self._answer(404, b"")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        site = self.server.site
        is_taken = site.takes_message()
        key = self.headers["Idempotency-Key"]
        site.told.append(Told(key, body["text"], site.clock.now(), is_taken))
        self._answer(200 if is_taken else 500, b"ok" if is_taken else b"")

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - the library's
        return format_datetime(self.server.site.clock.now(), usegmt=True)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the library has it
        """Say nothing."""

    def _feed(self, *, is_slow: bool) -> None:
        site, moment = self.server.site, self.server.site.clock.now()
        step, feed = site.step, site.feeds[self.path]
        body = feed.document(moment)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Content-Type": "application/xml"}
        if self.headers["If-None-Match"] == etag:
            self._answer(304, b"", headers)
            site.note("not modified")
            return
        if is_slow:
            self._slowly(body, headers)
        else:
            self._answer(200, body, headers)
        site.note("slow" if is_slow else "whole")
        site.note_shown(self.path, feed.shown(moment), step)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._head(status, len(body), headers or {})
        self.wfile.write(body)
        self.wfile.flush()

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _slowly(self, body: bytes, headers: dict[str, str]) -> None:
        self._head(200, len(body), headers)
        half = len(body) // 2
        for part in (body[:half], body[half:]):
            self.wfile.write(part)
            self.wfile.flush()
            time.sleep(_SLOW_SECONDS / 2)

    def error(self) -> None:
        self._answer(500, b"")

    def out(self) -> None:
        self._answer(502, b"")

    def gone(self) -> None:
        self._answer(404, b"")

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def hang_up_in_body(self) -> None:
        body = self._document()
        self._head(200, len(body), {"Content-Type": "application/xml"})
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.hang_up()

    def break_chunks_off(self) -> None:
        body = self._document()[:700]
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(body), body))
        self.wfile.flush()
        self.hang_up()

    def throttle(self) -> None:
        chosen = random.Random(f"{self.server.site.seed} {self.server.site.answers.total()}")
        self._answer(429, b"", {"Retry-After": str(chosen.randint(*_RETRY_AFTER))})

    def say_nothing(self) -> None:
        time.sleep(_SILENT_SECONDS)
        self.hang_up()

    def show_page(self) -> None:
        self._answer(200, _PAGE, {"Content-Type": "text/html"})

    def show_nothing(self) -> None:
        self._answer(200, b"", {"Content-Type": "application/xml"})

    def _document(self) -> bytes:
        site = self.server.site
        return site.feeds[self.path].document(site.clock.now())


_FAULTY: dict[str, Callable[[_Handler], None]] = {
    "error 500": _Handler.error,
    "hung up before the answer": _Handler.hang_up,
    "hung up in the body": _Handler.hang_up_in_body,
    "chunked body broken off": _Handler.break_chunks_off,
    "429 with Retry-After": _Handler.throttle,
    "silent beyond the deadline": _Handler.say_nothing,
    "a web page": _Handler.show_page,
    "nothing at all": _Handler.show_nothing,
    OUT: _Handler.out,
    GONE: _Handler.gone,
}


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """A running server of a site; its address, such as `http://127.0.0.1:8080`."""
    with _Server(site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
