"""Serves a folder of feeds with validators, for machines without nginx.

Run as `python plain_server.py FOLDER PORT ACCESS_LOG`; it ends on SIGTERM.
"""

from __future__ import annotations

import sys
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import stat_result


class FeedHandler(BaseHTTPRequestHandler):
    """Answers GET with 200, 304 or 404, over connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def __init__(self, *connection: Any, folder: Path, access_log: Path) -> None:  # noqa: ANN401 - the server's own arguments
        self._folder = folder
        self._access_log = access_log
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Answer one request; the method's name is given by http.server."""
        path = self._folder / Path(self.path).name
        if not path.is_file():
            self._answer(404, {}, b"")
            return
        validators = _validators(path.stat())
        is_known = self._is_known(validators)
        self._answer(304 if is_known else 200, validators, b"" if is_known else path.read_bytes())

    def _is_known(self, validators: dict[str, str]) -> bool:
        if tag := self.headers.get("If-None-Match"):
            return tag == validators["ETag"]
        return self.headers.get("If-Modified-Since") == validators["Last-Modified"]

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:  # noqa: PLR2004 - a 304 has no body, so no length
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write the status and the address to the access log."""
        del size
        with self._access_log.open("a") as log:
            log.write(f"{int(code)} {self.path}\n")


class FeedServer(ThreadingHTTPServer):
    """One thread a connection, with room for many that arrive at once."""

    request_queue_size = 256
    daemon_threads = True


def _validators(facts: stat_result) -> dict[str, str]:
    return {
        "ETag": f'"{int(facts.st_mtime):x}-{facts.st_size:x}"',
        "Last-Modified": formatdate(facts.st_mtime, usegmt=True),
    }


def main(folder: str, port: str, access_log: str) -> None:
    """Serve `folder` at the loopback address until the process is ended."""
    handler = partial(FeedHandler, folder=Path(folder), access_log=Path(access_log))
    FeedServer(("127.0.0.1", int(port)), handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
