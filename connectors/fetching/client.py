"""The one HTTP client. It makes requests that connectors planned and records what came.

It never raises for what a server does: every attempt ends in an `Exchange` with an outcome.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin

import aiohttp

from connectors.contract import Outcome, Request
from connectors.fetching.exchange import Exchange
from connectors.fetching.guard import Guard, RefusedAddressError, requested_host
from connectors.fetching.pacing import OWN_PACE, PUBLIC_PACE, Pace, Pacer

if TYPE_CHECKING:
    from types import TracebackType

    from connectors.fetching.state import FetchState

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 10
_CHUNK_BYTES = 1 << 16
#: What aiohttp makes of a header byte that is no UTF-8 (PEP 383).
_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_BY_STATUS = {
    304: Outcome.NOT_MODIFIED,
    401: Outcome.BLOCKED,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    407: Outcome.BLOCKED,
    410: Outcome.GONE,
    429: Outcome.BLOCKED,
    451: Outcome.BLOCKED,
}
_SUCCESS, _CLIENT_ERROR, _SERVER_ERROR = 2, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one request may cost: seconds over all its redirects, and decoded bytes.

    Time spent waiting for a turn does not count: a slow server costs no other its answer.
    """

    total_seconds: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    body_bytes: int = 15 << 20
    parallel: int = 64


class _TooLargeError(Exception):
    """The body outgrew `FetchLimits.body_bytes`."""


class Fetcher:
    """An asynchronous, pooled HTTP client behind a guard; use it as a context manager.

    Args:
        user_agent: name, version and contact of the operator, sent with every request.
        guard: which private hosts may be contacted.
        limits: what one request may cost.
        pace: politeness towards public hosts.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        guard: Guard,
        limits: FetchLimits | None = None,
        pace: Pace = PUBLIC_PACE,
    ) -> None:
        self._user_agent = user_agent
        self._guard = guard
        self._limits = limits or FetchLimits()
        self._pace = pace
        self._pacer = Pacer()
        self._room = asyncio.Semaphore(self._limits.parallel)

    async def __aenter__(self) -> Self:
        limits = self._limits
        timeout = aiohttp.ClientTimeout(
            sock_connect=limits.connect_seconds,
            sock_read=limits.read_seconds,
        )
        connector = aiohttp.TCPConnector(
            limit=0, socket_factory=self._guard.open_socket, ttl_dns_cache=300
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            headers={"User-Agent": self._user_agent},
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=16 << 10,
            max_field_size=16 << 10,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def fetch(self, request: Request, state: FetchState) -> Exchange:
        """Make one request, conditional where `state` allows it, and record what came."""
        attempt = _Attempt(request, state)
        try:
            return await self._follow(attempt)
        except Exception as error:  # noqa: BLE001 - one bad server must never stop the others
            return attempt.failed(error)

    async def _follow(self, attempt: _Attempt) -> Exchange:
        while len(attempt.redirects) <= _MOST_REDIRECTS:
            host = self._guard.check_url(attempt.url)
            requested_host.set(host)
            pace = OWN_PACE if self._guard.permits_name(host) else self._pace
            async with self._pacer.turn(host, pace), self._room:
                exchange = await self._ask_in_time(attempt)
            if exchange is not None:
                return exchange
        return attempt.ended(Outcome.REDIRECT_LOOP, f"more than {_MOST_REDIRECTS} redirects")

    async def _ask_in_time(self, attempt: _Attempt) -> Exchange | None:
        start = time.monotonic()
        async with asyncio.timeout(self._limits.total_seconds - attempt.asked_seconds):
            exchange = await self._ask(attempt)
        attempt.asked_seconds += time.monotonic() - start
        return exchange

    async def _ask(self, attempt: _Attempt) -> Exchange | None:
        """One hop; None after a redirect that leads on."""
        async with self._session.get(
            attempt.url, headers=attempt.headers(), allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                attempt.moved(response.status, location)
                return None
            return attempt.answered(response, await self._read(response))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks, size = [], 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            size += len(chunk)
            if size > self._limits.body_bytes:
                message = f"more than {self._limits.body_bytes:,} bytes"
                raise _TooLargeError(message)
            chunks.append(chunk)
        return b"".join(chunks)


_NO_ANSWER: dict[str, Any] = {
    "status": 0,
    "headers": (),
    "body": None,
    "body_sha256": "",
    "byte_count": 0,
}


class _Attempt:
    """One attempt under way: the URL it is at, and the clock it started by."""

    def __init__(self, request: Request, state: FetchState) -> None:
        self.request = request
        self.state = state
        self.url = request.url
        self.redirects: list[str] = []
        self.asked_seconds = 0.0
        self._start = time.monotonic()
        self._validators = state.validators(request.url)

    def headers(self) -> dict[str, str]:
        return {"Accept": self.request.accept, **self._validators}

    def moved(self, status: int, location: str) -> None:
        self.redirects.append(f"{status} {self.url}")
        try:
            self.url = urljoin(self.url, _quoted(location))
        except ValueError as error:
            message = f"{self.url} leads to {_readable(location)!r}, which is no address"
            raise RefusedAddressError(message) from error

    def answered(self, response: aiohttp.ClientResponse, body: bytes) -> Exchange:
        outcome = self._outcome(response.status)
        digest = hashlib.sha256(body).hexdigest() if body else ""
        if outcome is Outcome.OK and self._is_known(digest):
            outcome = Outcome.UNCHANGED
        error = "" if outcome.is_seen else f"HTTP {response.status} {response.reason or ''}".strip()
        return self.ended(
            outcome,
            error,
            status=response.status,
            headers=tuple((k.lower(), _readable(v)) for k, v in response.headers.items()),
            body=None if outcome is Outcome.UNCHANGED or not body else body,
            body_sha256=digest,
            byte_count=len(body),
        )

    def _is_known(self, digest: str) -> bool:
        same_url = self.state.url == self.request.url
        return bool(digest) and same_url and digest == self.state.body_sha256

    def _outcome(self, status: int) -> Outcome:
        if status == 304 and not self._validators:  # noqa: PLR2004 - an HTTP status
            return Outcome.CLIENT_ERROR  # nobody asked whether anything changed
        by_class = {
            _SUCCESS: Outcome.OK,
            _CLIENT_ERROR: Outcome.CLIENT_ERROR,
            _SERVER_ERROR: Outcome.SERVER_ERROR,
        }
        return _BY_STATUS.get(status) or by_class.get(status // 100, Outcome.CLIENT_ERROR)

    def failed(self, error: Exception) -> Exchange:
        return self.ended(_classify(error), _sentence(error))

    def ended(self, outcome: Outcome, error: str, **answer: Any) -> Exchange:  # noqa: ANN401
        """The exchange as it ended; `answer` has the fields that only an answer has."""
        return Exchange(
            page_id=_page_id(),
            channel_id=self.state.channel_id,
            requested_url=self.request.url,
            url=self.url,
            redirects=tuple(self.redirects),
            fetched_at=datetime.now(UTC),
            elapsed_ms=round((time.monotonic() - self._start) * 1000),
            outcome=outcome,
            error=_readable(error),
            is_conditional=bool(self._validators),
            **(_NO_ANSWER | answer),
        )


def _page_id() -> str:
    """32 hex digits that sort by time, so that a scan for new pages can skip old ones."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


def _readable(text: str) -> str:
    """Text that can be stored: a stray byte becomes the replacement character."""
    return _STRAY_BYTE.sub("\N{REPLACEMENT CHARACTER}", text)


def _quoted(location: str) -> str:
    """A Location whose stray bytes are percent-encoded, so that they arrive as they were."""
    return _STRAY_BYTE.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", location)


def _classify(error: BaseException) -> Outcome:
    """The outcome for an exception; the guard's own may be wrapped in a connection error."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, RefusedAddressError):
            return Outcome.REFUSED
        chain = chain.__cause__ or chain.__context__
    if isinstance(error, _TooLargeError):
        return Outcome.TOO_LARGE
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return Outcome.TIMEOUT
    if isinstance(error, (aiohttp.ContentTypeError, aiohttp.InvalidURL)):
        return Outcome.CLIENT_ERROR
    return Outcome.UNREACHABLE


def _sentence(error: Exception) -> str:
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, RefusedAddressError):
            return str(chain)
        chain = chain.__cause__ or chain.__context__
    if isinstance(error, TimeoutError):
        return "no complete answer in time"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"no address is known for the host {error.host}"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or error.os_error
        return f"cannot connect to {error.host}:{error.port}: {reason}"
    return f"{type(error).__name__}: {error}".strip(": ")
