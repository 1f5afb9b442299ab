"""A server on loopback that plays scripted answers on real sockets, byte by byte.

It knows nothing of HTTP but where a request ends, so that it can break every rule: what a
script says is what goes over the wire. A script is a list of answers by path, played on
successive requests; the last one is repeated. An answer is bytes, a step, a tuple of both, or
a function of the request that gives one of these.

    with hostile() as server:
        server.on("/feed", reply(200, RSS, ETag='"1"'), reply(304))
        ...
        assert server.requests("/feed")[1].header("if-none-match") == '"1"'
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

_END = b"\r\n"
_CLIENT_HELLO = b"\x16"
_WITHOUT_BODY = {204, 304}
_MOST_REQUEST_BYTES = 1 << 20


@dataclass(slots=True)
class Asked:
    """One request as it came; moments are `time.monotonic()`, header names lower case."""

    path: str
    headers: tuple[tuple[str, str], ...]
    connection: int  #: the connections of a server are numbered from 1
    under_way: int  #: requests that had no whole answer yet at its arrival, with itself
    arrived_at: float
    ended_at: float | None = None

    def header(self, name: str) -> str:
        """First value of a header; "" when it was not sent."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def header_names(self) -> set[str]:
        """Names of all headers that were sent."""
        return {name for name, _ in self.headers}

    @property
    def validators(self) -> set[str]:
        """Names of the headers that make the request conditional."""
        return self.header_names & {"if-none-match", "if-modified-since"}


class Step(Protocol):
    """A part of an answer that is more than bytes."""

    async def play(self, writer: asyncio.StreamWriter) -> None:
        """Do it on the connection."""


Part = bytes | Step
Answer = Part | tuple[Part, ...]
Script = Answer | Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Drip:
    """Bytes, one at a time."""

    data: bytes
    every_seconds: float = 1.0

    async def play(self, writer: asyncio.StreamWriter) -> None:
        for byte in self.data:
            await _send(writer, bytes([byte]))
            await asyncio.sleep(self.every_seconds)


@dataclass(frozen=True, slots=True)
class Endless:
    """The same bytes for as long as the client listens."""

    data: bytes
    every_seconds: float = 0.0

    async def play(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await _send(writer, self.data)
            await asyncio.sleep(self.every_seconds)


@dataclass(frozen=True, slots=True)
class Wait:
    """Silence."""

    seconds: float

    async def play(self, writer: asyncio.StreamWriter) -> None:  # noqa: ARG002 - says nothing
        await asyncio.sleep(self.seconds)


class _Close:
    async def play(self, writer: asyncio.StreamWriter) -> None:
        writer.close()


class _Reset:
    async def play(self, writer: asyncio.StreamWriter) -> None:
        at_once = struct.pack("ii", 1, 0)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()


HANG = Wait(3600)
CLOSE = _Close()
RESET = _Reset()


def reply(status: int = 200, body: bytes = b"", /, *lines: bytes, **headers: object) -> bytes:
    """A whole answer. `lines` are raw header lines; of names in `headers`, _ stands for -.

    Content-Length is the true one unless it is given; None leaves it out.
    """
    if status not in _WITHOUT_BODY and "Transfer_Encoding" not in headers:
        headers = {"Content_Length": len(body)} | headers
    given = [_line(name, value) for name, value in headers.items() if value is not None]
    return _END.join([b"HTTP/1.1 %d Reason" % status, *lines, *given, b"", body])


def redirect(location: str, status: int = 302, **headers: object) -> bytes:
    """An answer that leads elsewhere."""
    return reply(status, b"", Location=location, **headers)


def chunks(*parts: bytes) -> bytes:
    """A body in chunked transfer coding, without the chunk that ends it."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)


LAST_CHUNK = b"0\r\n\r\n"
ANY_OTHER = "*"  #: stands for every path that has no script of its own


@dataclass(slots=True)
class HostileServer:
    """Plays the answers of its script and keeps every request in `asked`."""

    host: str = "127.0.0.1"
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    connection_count: int = 0
    under_way: int = 0
    _scripts: dict[str, list[Script]] = field(default_factory=dict)
    _turn: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def on(self, path: str, *answers: Script) -> str:
        """Answer requests for `path` (with its query) from now on; gives its address."""
        self._scripts[path] = list(answers)
        self._turn[path] = 0
        return self.url(path)

    def url(self, path: str, host: str = "") -> str:
        """Address of a path, under another name of this machine where one is given."""
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def requests(self, path: str = "") -> list[Asked]:
        """Requests for a path in the order of their arrival, or all but those for robots.txt."""
        if path:
            return [asked for asked in self.asked if asked.path == path]
        return [asked for asked in self.asked if asked.path != "/robots.txt"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear and answer the requests of one connection until one of the two closes it."""
        self.connection_count += 1
        number = self.connection_count
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while not writer.is_closing():
                first = await reader.readexactly(1)
                if first == _CLIENT_HELLO:  # a server that speaks no TLS complains in HTTP
                    await _send(writer, reply(400))
                    break
                await self._answer(first + await reader.readuntil(_END + _END), number, writer)
        writer.close()

    async def _answer(self, head: bytes, connection: int, writer: asyncio.StreamWriter) -> None:
        self.under_way += 1
        asked = _read(head, connection, self.under_way)
        self.asked.append(asked)
        try:
            await _play(self._next(asked), asked, writer)
        finally:
            self.under_way -= 1
            asked.ended_at = time.monotonic()

    def _next(self, asked: Asked) -> Script:
        script = self._scripts.get(asked.path) or self._scripts.get(ANY_OTHER) or [reply(404)]
        turn = self._turn[asked.path]
        self._turn[asked.path] += 1
        return script[min(turn, len(script) - 1)]


@contextmanager
def hostile(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[HostileServer]:
    """A running `HostileServer`, in a thread of its own; port 0 lets the system choose."""
    server = HostileServer(host=host, port=port, scheme="https" if tls else "http")
    ready, done = threading.Event(), threading.Event()
    running = threading.Thread(target=lambda: asyncio.run(_run(server, tls, ready, done)))
    running.start()
    ready.wait()
    try:
        yield server
    finally:
        done.set()
        running.join()


async def _run(
    server: HostileServer,
    tls: ssl.SSLContext | None,
    ready: threading.Event,
    done: threading.Event,
) -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(asyncio.CancelledError):
            await server.serve(reader, writer)
        tasks.discard(task)
        writer.transport.abort()

    listening = await asyncio.start_server(
        accept, server.host, server.port, ssl=tls, limit=_MOST_REQUEST_BYTES, backlog=256
    )
    server.port = listening.sockets[0].getsockname()[1]
    ready.set()
    await asyncio.to_thread(done.wait)
    listening.close()
    for task in tuple(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _read(head: bytes, connection: int, under_way: int) -> Asked:
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Asked(
        path=first.split(" ")[1],
        headers=tuple((name.lower(), value.strip()) for name, _, value in pairs),
        connection=connection,
        under_way=under_way,
        arrived_at=time.monotonic(),
    )


async def _play(script: Script, asked: Asked, writer: asyncio.StreamWriter) -> None:
    answer = script(asked) if callable(script) else script
    for part in answer if isinstance(answer, tuple) else (answer,):
        if isinstance(part, bytes):
            await _send(writer, part)
        else:
            await part.play(writer)


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _line(name: str, value: object) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode()
    return name.replace("_", "-").encode() + b": " + raw
