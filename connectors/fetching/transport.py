"""One GET and its answer: connections, deadlines and caps, but no decisions.

Redirects are not followed here and nothing is retried; every failure is a `FetchError` with
an outcome. What arrived before a failure is kept, so that it can be archived.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from connectors.contract import Outcome
from connectors.fetching.decoding import ACCEPT_ENCODING, Decoder
from connectors.fetching.diagnosis import diagnosed
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import requested_host
from connectors.fetching.redirects import REDIRECTS, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from connectors.fetching.guard import Guard

_CHUNK_BYTES = 1 << 16
#: Bodies beyond this size come a few at a time, so that many large ones do not fill memory.
_LARGE_BYTES = 2 << 20
_LARGE_AT_A_TIME = 3
#: Less than any server keeps an idle connection (Apache and uvicorn: 5 s), so that it is not
#: used in the moment in which the server closes it.
_KEPT_ALIVE_SECONDS = 4.0
#: Addresses in which there is nothing to quote, and nothing that the library would change.
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]+)?/[\w/.~-]*(?:\?[\w=&.-]*)?", re.ASCII)
#: What RFC 3986 §2.2 allows in a path or query, and what is percent-encoded already.
_SENT_VERBATIM = "%:/?@!$&'()*+,;=~[]|"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one request may cost.

    The deadline holds for a request with all its redirects and the reading of robots.txt.
    Time spent waiting for a turn does not count: a slow server costs no other its answer.
    `body_bytes` holds for the body both as it travels and decoded.
    """

    total_seconds: float = 30.0
    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    body_bytes: int = 15 << 20
    header_bytes: int = 256 << 10
    header_count: int = 500
    header_line_bytes: int = 16 << 10
    redirects: int = 10
    parallel: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server sent: names of headers in lower case, the body decoded.

    `failure` says why the body is not whole; `byte_count` is what travelled.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    byte_count: int = 0
    location: str = ""  #: verbatim, with stray bytes
    failure: FetchError | None = None


class Transport:
    """A pool of connections behind a guard; use it as a context manager."""

    def __init__(self, *, user_agent: str, guard: Guard, limits: FetchLimits) -> None:
        self._user_agent = user_agent
        self._guard = guard
        self._limits = limits
        self._large = asyncio.Semaphore(_LARGE_AT_A_TIME)

    async def __aenter__(self) -> Self:
        self._kept = self._session(keepalive_timeout=_KEPT_ALIVE_SECONDS)
        self._afresh = self._session(force_close=True)
        return self

    def _session(self, **connections: Any) -> aiohttp.ClientSession:  # noqa: ANN401 - the library's
        limits = self._limits
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, socket_factory=self._guard.open_socket, ttl_dns_cache=300, **connections
            ),
            timeout=aiohttp.ClientTimeout(
                sock_connect=limits.connect_seconds, sock_read=limits.read_seconds
            ),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=limits.header_line_bytes,
            max_field_size=limits.header_line_bytes,
            max_headers=limits.header_count,
        )
        # Left alone, the library repeats a request by itself when a connection is reset:
        # unpaced, and without a trace.
        session._retry_connection = False  # noqa: SLF001 - there is no public way
        return session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._kept.close()
        await self._afresh.close()

    async def get(
        self,
        url: str,
        host: str,
        headers: Mapping[str, str],
        *,
        cut_at: int | None = None,
        is_afresh: bool = False,
    ) -> Answer:
        """Ask once.

        Args:
            url: the address.
            host: its host, as the guard knows it.
            headers: besides those that every request has.
            cut_at: read no more than so many bytes and take them for the whole.
            is_afresh: over a new connection. Some servers close one after each answer without
                saying so, and who asks on at once over a kept one is not heard.

        Raises:
            FetchError: no answer came, or none that can be used.
        """
        requested_host.set(host)
        session = self._afresh if is_afresh else self._kept
        try:
            asked = _as_written(url)
            async with session.get(asked, headers=headers, allow_redirects=False) as response:
                return await self._received(response, cut_at)
        except FetchError:
            raise
        except Exception as error:
            raise diagnosed(error) from error

    async def _received(self, response: aiohttp.ClientResponse, cut_at: int | None) -> Answer:
        headers = self._checked_headers(response)
        body = _Body(response, self._most_bytes(cut_at))
        location = response.headers.get("Location", "")
        failure = None
        try:
            if not (location and response.status in REDIRECTS) and not response.content.at_eof():
                with _ending_with_connection(response):
                    await self._read(body, cut_at)
        except FetchError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - becomes a typed failure beside what came
            failure = diagnosed(error)
        return Answer(
            status=response.status,
            reason=readable(response.reason or ""),
            headers=headers,
            body=body.taken(failure),
            byte_count=body.byte_count,
            location=location,
            failure=failure,
        )

    def _most_bytes(self, cut_at: int | None) -> int:
        """The cap on a body; who takes the beginning for the whole must be able to reach it."""
        most_bytes = self._limits.body_bytes
        return most_bytes if cut_at is None else max(most_bytes, cut_at + _CHUNK_BYTES)

    async def _read(self, body: _Body, cut_at: int | None) -> None:
        """Read to the end; from a certain size on only a few bodies at a time."""
        if await body.read_beyond(_LARGE_BYTES if cut_at is None else cut_at):
            if cut_at is not None:
                body.cut(cut_at)
                return
            async with self._large:
                await body.read_beyond(self._limits.body_bytes)

    def _checked_headers(self, response: aiohttp.ClientResponse) -> tuple[tuple[str, str], ...]:
        size = sum(len(name) + len(value) for name, value in response.raw_headers)
        if size > self._limits.header_bytes:
            message = f"more than {self._limits.header_bytes:,} bytes of headers"
            raise FetchError(Outcome.TOO_LARGE, message)
        return tuple((name.lower(), readable(value)) for name, value in response.headers.items())


class _Body:
    """A body as it arrives, decoded on the way."""

    def __init__(self, response: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._response = response
        self._most_bytes = most_bytes
        self._decoder: Decoder | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self.byte_count = 0

    async def read_beyond(self, size: int) -> bool:
        """Read on until there are more than `size` bytes, or to the end; False at the end."""
        decoder = self._decoder = self._decoder or self._new_decoder()
        while chunk := await self._response.content.read(_CHUNK_BYTES):
            self._count(chunk)
            for part in decoder.feed(chunk):
                self._size += len(part)
                self._parts.append(part)
            if self._size > size:
                return True
        decoder.finish()
        return False

    def _new_decoder(self) -> Decoder:
        codings = self._response.headers.getall("Content-Encoding", [])
        return Decoder(", ".join(codings), self._most_bytes)

    def _count(self, chunk: bytes) -> None:
        self.byte_count += len(chunk)
        if self.byte_count > self._most_bytes:
            message = f"more than {self._most_bytes:,} bytes"
            raise FetchError(Outcome.TOO_LARGE, message)

    def cut(self, length: int) -> None:
        """Take the first `length` bytes for the whole, and hang up."""
        self._parts = [b"".join(self._parts)[:length]]
        self._response.close()

    def taken(self, failure: FetchError | None) -> bytes:
        """The body, also where it broke off; nothing of one that is too large."""
        parts, self._parts = self._parts, []
        if failure is not None and failure.outcome is Outcome.TOO_LARGE:
            return b""
        return b"".join(parts)


def _as_written(url: str) -> URL:
    """The address to send, in which all that is percent-encoded stays as it is.

    The library would decode `%7E` and `%2F` where it can, and make another address of it in
    the eyes of some servers, which redirect it to the one that was meant, for ever.
    """
    if _PLAIN_URL.fullmatch(url):
        return URL(url, encoded=True)
    try:
        parts = urlsplit(url)
        path, query = quote(parts.path or "/", _SENT_VERBATIM), quote(parts.query, _SENT_VERBATIM)
        return URL(f"{URL(url).origin()}{path}{query and '?'}{query}", encoded=True)
    except ValueError as error:
        message = f"no address that can be asked: {readable(str(error))}"
        raise FetchError(Outcome.REFUSED, message) from error


@contextmanager
def _ending_with_connection(response: aiohttp.ClientResponse) -> Iterator[None]:
    """See to it that reading ends when the connection does.

    After a fault in a chunked body the library's parser would wait for more until the
    deadline, although the server has hung up (aiohttp 3.14).
    """
    protocol = response.connection.protocol if response.connection is not None else None
    closed = protocol.closed if protocol is not None else None  # an idle one counts as false
    if closed is None:
        yield
        return

    def end(closing: asyncio.Future[None]) -> None:
        if not closing.cancelled():
            closing.exception()
        content = response.content
        if not content.is_eof() and content.exception() is None:
            message = "the connection was closed in the middle"
            content.set_exception(aiohttp.ClientPayloadError(message))

    closed.add_done_callback(end)
    try:
        yield
    finally:
        closed.remove_done_callback(end)
