"""The recorded platforms, answering over real HTTP on this machine."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from recordedscenario import NO_SUCH_PAGE, Answer, Scenario, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDED = Path(__file__).parent.parent / "connectors" / "data"


class Place(NamedTuple):
    """Where a source's scenario is recorded, and its address when it is served elsewhere."""

    home: str
    address: str


PLACES = {
    "bluesky": Place("https://public.api.bsky.app", "http://{netloc}/profile/council.example"),
    "discourse": Place("https://forum.council.example", "http://{netloc}"),
    "lemmy": Place("https://town.example", "!council@{netloc}"),
    "mastodon": Place("https://social.example", "@council@{netloc}"),
    "wordpress": Place("https://harbour.example", "http://{netloc}/news/"),
}


class RecordedServer(ThreadingHTTPServer):
    """Serves the worlds of several scenarios; `kill_after` requests it kills `victim`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.netloc = f"127.0.0.1:{self.server_port}"
        self.scenarios = {source: scenario(source, RECORDED / source) for source in PLACES}
        self.asked: list[str] = []
        self.victim: int | None = None
        self.kill_after = 0
        self._answers: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self.show("first")

    def show(self, world: str) -> None:
        """Answer as at the first read, or a day `later`."""
        self._answers.clear()
        for source, found in self.scenarios.items():
            home = PLACES[source].home
            for url, answer in getattr(found, world).answers.items():
                if url.startswith(home):
                    path = url.removeprefix(home) or "/"
                    self._answers[path] = self._here(answer, home)

    def change(self, path: str, old: bytes, new: bytes) -> None:
        """Answer with other bytes in one page."""
        answer = self._answers[path]
        assert old in answer.body, "the page does not say that"
        self._answers[path] = answer.saying(answer.body.replace(old, new))

    def organizations(self, *sources: str) -> str:
        """A list of organizations, one a source, each with its one channel."""
        tables = []
        for source in sources or PLACES:
            found = self.scenarios[source]
            address = PLACES[source].address.format(netloc=self.netloc)
            accounts = [self._moved(a, PLACES[source].home) for a in found.channel.own_accounts]
            tables.append(
                f'[[organization]]\nid = "{source}"\nhomepage = "{found.channel.homepage}"\n'
                f'channels = [{{ source = "{source}", address = "{address}", '
                f"accounts = {accounts} }}]\n"
            )
        return "\n".join(tables)

    def answer(self, path: str) -> Answer:
        """What is recorded for a path; the victim may not live to hear it."""
        with self._lock:
            self.asked.append(path)
            if self.victim and path != "/robots.txt":
                self.kill_after -= 1
                if self.kill_after == 0:
                    with suppress(ProcessLookupError):
                        os.kill(self.victim, signal.SIGKILL)
                    self.victim = None
        return self._answers.get(path, NO_SUCH_PAGE)

    def _here(self, answer: Answer, home: str) -> Answer:
        headers = tuple((k, self._moved(v, home)) for k, v in answer.headers)
        body = self._moved(answer.body.decode("utf-8", "surrogateescape"), home)
        return Answer(body.encode("utf-8", "surrogateescape"), answer.status, headers)

    def _moved(self, text: str, home: str) -> str:
        """A text with this server's address in place of the recorded one."""
        netloc = urlsplit(home).netloc
        return text.replace(home, f"http://{self.netloc}").replace(netloc, self.netloc)


class _Handler(BaseHTTPRequestHandler):
    server: RecordedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        answer = self.server.answer(self.path)
        with suppress(OSError):
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Tests read `asked` instead."""


@contextmanager
def recorded_server() -> Iterator[RecordedServer]:
    """A running server, in a thread of its own."""
    server = RecordedServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def expected(source: str, world: str, server: RecordedServer) -> dict[str, int]:
    """The numbers of a scenario, as they were worked out by hand."""
    found: Scenario = server.scenarios[source]
    return dict(found.expected[world])
