"""One GET and its answer: connections, deadlines and caps, but no decisions.

Redirects are not followed here and nothing is retried; every failure is a `FetchError` with
an outcome. What arrived before a failure is kept, so that it can be archived.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import http_exceptions

from connectors.contract import Outcome
from connectors.fetching.decoding import ACCEPT_ENCODING, Decoder
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import RefusedAddressError, requested_host
from connectors.fetching.redirects import REDIRECTS, readable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from connectors.fetching.guard import Guard

_CHUNK_BYTES = 1 << 16
#: Bodies beyond this size come a few at a time, so that many large ones do not fill memory.
_LARGE_BYTES = 2 << 20
_LARGE_AT_A_TIME = 3
_MESSAGE_LENGTH = 200


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
        limits = self._limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, socket_factory=self._guard.open_socket, ttl_dns_cache=300
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
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(
        self, url: str, host: str, headers: Mapping[str, str], *, cut_at: int | None = None
    ) -> Answer:
        """Ask once. `cut_at` reads no more than so many bytes and takes them for the whole.

        Raises:
            FetchError: no answer came, or none that can be used.
        """
        requested_host.set(host)
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                return await self._received(response, cut_at)
        except FetchError:
            raise
        except Exception as error:
            raise diagnosed(error) from error

    async def _received(self, response: aiohttp.ClientResponse, cut_at: int | None) -> Answer:
        headers = self._checked_headers(response)
        body = _Body(response, self._limits.body_bytes)
        location = response.headers.get("Location", "")
        failure = None
        try:
            if response.status not in REDIRECTS or not location:
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


def diagnosed(error: BaseException) -> FetchError:
    """What an exception of the client library means; the guard's own may be wrapped."""
    if refusal := _refusal(error):
        return FetchError(Outcome.REFUSED, str(refusal))
    if isinstance(error, TimeoutError):
        return FetchError(Outcome.TIMEOUT, "no complete answer in time")
    if isinstance(error, (ssl.SSLError, aiohttp.ClientSSLError, ssl.CertificateError)):
        return FetchError(Outcome.INSECURE, f"no secure connection: {_reason(error)}")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        message = f"no address is known for the host {error.host}"
        return FetchError(Outcome.UNREACHABLE, message)
    if isinstance(error, aiohttp.ClientConnectorError):
        message = f"cannot connect to {error.host}:{error.port}: {_reason(error)}"
        return FetchError(Outcome.UNREACHABLE, message)
    return _diagnosed_answer(error)


def _diagnosed_answer(error: BaseException) -> FetchError:
    text = _brief(error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return FetchError(Outcome.TRUNCATED, f"the answer broke off: {text}")
    if _is_too_long(error):
        return FetchError(Outcome.TOO_LARGE, f"more or longer headers than we read: {text}")
    if isinstance(error, aiohttp.InvalidURL):
        return FetchError(Outcome.REFUSED, f"no address that can be asked: {text}")
    if isinstance(error, (aiohttp.ClientResponseError, http_exceptions.HttpProcessingError)):
        return FetchError(Outcome.MALFORMED, f"the answer is no HTTP: {text}")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return FetchError(Outcome.UNREACHABLE, "the server hung up without an answer")
    return FetchError(Outcome.UNREACHABLE, f"{type(error).__name__}: {text}".strip(": "))


def _brief(error: BaseException) -> str:
    """The library's words on one line, without what a server can make endless."""
    text = str(getattr(error, "message", "") or error)
    words = readable(text.removeprefix("Response payload is not completed: "))
    return shorten(words, _MESSAGE_LENGTH, placeholder=" …")


def _is_too_long(error: BaseException) -> bool:
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, http_exceptions.LineTooLong) or "Too many headers" in str(chain):
            return True
        chain = chain.__cause__ or chain.__context__
    return False


def _refusal(error: BaseException) -> BaseException | None:
    chain: BaseException | None = error
    while chain is not None and not isinstance(chain, RefusedAddressError):
        chain = chain.__cause__ or chain.__context__
    return chain


def _reason(error: BaseException) -> str:
    inner = getattr(error, "os_error", None) or error
    return readable(str(getattr(inner, "strerror", None) or inner))
