"""The robots.txt of every site we ask: read once a day, and shared by processes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.robotstxt import LONGEST_BODY_BYTES, RobotsAnswer, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

#: RFC 9309 §2.3.1.2: after more redirects a robots.txt may be taken for unavailable.
MOST_REDIRECTS = 5
#: RFC 9309 §2.4.
LONGEST_USE = timedelta(hours=24)
#: Who waited for a robots.txt that failed shares the failure; a second try of a request, half
#: a second later or more, must find out anew.
RETRY_SECONDS = 0.4

_ROBOTS_TXT = "/robots.txt"
_SUCCESS, _REDIRECTION, _CLIENT_ERROR = 2, 3, 4
_TOO_MANY_REQUESTS = 429
_FOUND = 302  #: kept for a robots.txt behind too many redirects
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class RobotsReply:
    """What asking for a robots.txt came to: the status after redirects, and the decoded body."""

    status: int
    body: bytes = b""


class _Failure(NamedTuple):
    retry_at: float  #: on the monotonic clock
    verdict: Verdict


class Robots:
    """What the robots.txt of each origin says, asked for once and kept for a day.

    All tasks of a process that wait for the same origin share one request, and processes
    share the answers through `folder`. An origin whose robots.txt cannot be had (5xx, 429, no
    connection) is judged by an older copy, however old, or not asked at all (RFC 9309
    §2.3.1.4 and §2.4).

    Args:
        folder: where the answers are kept; None keeps them in memory only.
        clock: the present moment, UTC.
        monotonic: seconds on a clock that never jumps, for waits.
    """

    def __init__(
        self,
        folder: Path | None,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._monotonic = monotonic
        self._answers: dict[str, RobotsAnswer] = {}
        self._failures: dict[str, _Failure] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def verdict(self, url: str, read: Callable[[str], Awaitable[RobotsReply]]) -> Verdict:
        """Whether `url` may be asked.

        Args:
            url: an absolute http or https address.
            read: asks for a robots.txt by its URL, follows up to `MOST_REDIRECTS` redirects
                and cuts the body at `LONGEST_BODY_BYTES`; raises `FetchError` when no answer
                comes, with `Outcome.REDIRECT_LOOP` after more redirects.

        Raises:
            ValueError: `url` is no URL.
        """
        origin = _origin(url)
        if urlsplit(url).path == _ROBOTS_TXT:
            return Verdict(None)
        answer: RobotsAnswer | Verdict | None = self._fresh(origin)
        if answer is None:
            # A lock, and no shared task: who waits goes on alone when the reader is cancelled.
            lock = self._locks.setdefault(origin, asyncio.Lock())
            async with lock:
                answer = self._fresh(origin) or await self._renewed(origin, read)
        return answer if isinstance(answer, Verdict) else judge(url, answer)

    async def _renewed(
        self, origin: str, read: Callable[[str], Awaitable[RobotsReply]]
    ) -> RobotsAnswer | Verdict:
        failed = self._recent_failure(origin)
        if failed is None:
            reply = await _ask(origin, read)
            if isinstance(reply, RobotsReply):
                return self._keep(origin, reply)
            failed = reply
            self._failures[origin] = _Failure(self._monotonic() + RETRY_SECONDS, failed)
        older = self._known(origin)
        return older if older and older.has_rules else failed

    def _recent_failure(self, origin: str) -> Verdict | None:
        failure = self._failures.get(origin)
        if failure is None or self._monotonic() >= failure.retry_at:
            return None
        return failure.verdict

    def _fresh(self, origin: str) -> RobotsAnswer | None:
        """An answer of the last 24 hours; one from the future tells of a clock that jumped."""
        answer = self._known(origin)
        return answer if answer and self._is_fresh(answer) else None

    def _is_fresh(self, answer: RobotsAnswer) -> bool:
        return timedelta() <= self._clock() - answer.fetched_at < LONGEST_USE

    def _known(self, origin: str) -> RobotsAnswer | None:
        """The last answer; another process may have renewed it on disk."""
        answer = self._answers.get(origin)
        if answer and self._is_fresh(answer):
            return answer
        answer = self._stored(origin) or answer
        if answer:
            self._answers[origin] = answer
        return answer

    def _keep(self, origin: str, reply: RobotsReply) -> RobotsAnswer:
        answer = RobotsAnswer(
            origin=origin,
            fetched_at=self._clock(),
            status=reply.status,
            body=reply.body[:LONGEST_BODY_BYTES] if reply.status // 100 == _SUCCESS else b"",
        )
        self._answers[origin] = answer
        self._store(answer)
        return answer

    def _stored(self, origin: str) -> RobotsAnswer | None:
        if self._folder is None:
            return None
        # A file that is damaged or of another origin is as good as none.
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            answer = _from_json((self._folder / _file_name(origin)).read_bytes())
            return answer if answer.origin == origin else None
        return None

    def _store(self, answer: RobotsAnswer) -> None:
        if self._folder is None:
            return
        # Where it cannot be written we still have it in memory, and others ask for themselves.
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            _write(self._folder / _file_name(answer.origin), _as_json(answer))


async def _ask(origin: str, read: Callable[[str], Awaitable[RobotsReply]]) -> RobotsReply | Verdict:
    """The reply, or the verdict on everything else when there is none to go by."""
    try:
        reply = await read(origin + _ROBOTS_TXT)
    except FetchError as error:
        if error.outcome is Outcome.REDIRECT_LOOP:
            return RobotsReply(_FOUND)
        return Verdict(error.outcome, _unreachable(origin, f"cannot be read ({error.message})"))
    if reply.status == _TOO_MANY_REQUESTS:
        return Verdict(Outcome.BLOCKED, _unreachable(origin, "answered 429"))
    if reply.status // 100 in {_SUCCESS, _REDIRECTION, _CLIENT_ERROR}:
        return reply
    return Verdict(Outcome.SERVER_ERROR, _unreachable(origin, f"answered {reply.status}"))


def _unreachable(origin: str, what: str) -> str:
    return f"robots.txt of {origin} {what}, so nothing else is asked there (RFC 9309)"


def _origin(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host:
        message = f"{url} is no http or https address"
        raise ValueError(message)
    shown = f"[{host}]" if ":" in host else host
    is_default = parts.port in {None, _DEFAULT_PORTS[parts.scheme]}
    return f"{parts.scheme}://{shown}" if is_default else f"{parts.scheme}://{shown}:{parts.port}"


def _file_name(origin: str) -> str:
    return f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.json"


def _as_json(answer: RobotsAnswer) -> bytes:
    fields = {
        "origin": answer.origin,
        "fetched_at": answer.fetched_at.isoformat(),
        "status": answer.status,
        "body": base64.b64encode(answer.body).decode(),
    }
    return json.dumps(fields).encode()


def _from_json(data: bytes) -> RobotsAnswer:
    fields = json.loads(data)
    fetched_at = datetime.fromisoformat(fields["fetched_at"])
    if fetched_at.tzinfo is None:
        message = "a time without its zone"
        raise ValueError(message)
    return RobotsAnswer(
        origin=str(fields["origin"]),
        fetched_at=fetched_at,
        status=int(fields["status"]),
        body=base64.b64decode(fields["body"], validate=True),
    )


def _write(path: Path, data: bytes) -> None:
    """Replace a file whole, whoever else writes it at the same time."""
    part = path.with_name(f".{path.stem}-{secrets.token_hex(8)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
