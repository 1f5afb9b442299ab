"""Serves a folder of feed documents on loopback, as an ordinary web server would."""

from __future__ import annotations

import hashlib
import socket
import threading
from contextlib import contextmanager, suppress
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_TYPES = {
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "rss": "application/rss+xml",
}


class Asked(NamedTuple):
    path: str
    status: int
    is_conditional: bool


class DocumentServer(ThreadingHTTPServer):
    """Documents by path; `asked` is the log, `answers` overrides what a path answers."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, documents: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents = documents
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[Asked] = []
        self._sockets: set[socket.socket] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address):
        self._sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._sockets.discard(request)
        super().shutdown_request(request)

    def hang_up(self):
        for connection in tuple(self._sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """Clients that are killed in the middle are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: DocumentServer

    def do_GET(self):
        status, headers, body = self._answer()
        given = {"if-none-match", "if-modified-since"} & {name.lower() for name in self.headers}
        self.server.asked.append(Asked(self.path, status, bool(given)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self):
        if self.path in self.server.answers:
            return self.server.answers[self.path]
        body = self.server.documents.get(self.path)
        if body is None:
            return 404, {}, b"no such document"
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {
            "ETag": etag,
            "Last-Modified": formatdate(1_700_000_000, usegmt=True),
            "Content-Type": content_type(self.path, body),
        }
        if self.headers.get("If-None-Match") == etag:
            return 304, headers, b""
        return 200, headers, body

    def log_message(self, *_):
        pass


def content_type(path: str, body: bytes) -> str:
    """What a web server would say of a document it knows by name and first bytes."""
    if path.endswith(".json"):
        return _TYPES["json"]
    return _TYPES["atom" if b"<feed" in body[:2000] else "rss"]


@contextmanager
def serving(documents: dict[str, bytes]):
    """A running `DocumentServer`."""
    server = DocumentServer(documents)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()


def folder_documents(folder: Path) -> dict[str, bytes]:
    """The feed documents of a folder, by the path under which they are served."""
    not_feeds = {"README.md", "MANIFEST.jsonl"}
    names = (path for path in sorted(folder.iterdir()) if path.name not in not_feeds)
    return {f"/{path.name}": path.read_bytes() for path in names}


def organizations_toml(base_url: str, paths: list[str], channels_each: int) -> str:
    """A list of organizations with several channels each, over all `paths`."""
    lines = []
    for start in range(0, len(paths), channels_each):
        number = start // channels_each
        addresses = paths[start : start + channels_each]
        channels = ",\n".join(
            f'  {{ source = "feeds", address = "{base_url}{path}" }}' for path in addresses
        )
        lines.append(
            f'[[organization]]\nid = "organization-{number}"\nname = "Organization {number}"\n'
            f'country = "NL"\nchannels = [\n{channels},\n]\n'
        )
    return "\n".join(lines)
