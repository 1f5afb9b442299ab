"""One attempt under way: which address it is at, what it sends, and how an answer ends it."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.contract import Outcome
from connectors.fetching.exchange import ADOPTED, Exchange, new_page_id
from connectors.fetching.redirects import next_url, readable
from connectors.fetching.walls import header_wall

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connectors.contract import Request
    from connectors.fetching.state import FetchState
    from connectors.fetching.transport import Answer

_BY_STATUS = {
    304: Outcome.NOT_MODIFIED,
    401: Outcome.NEEDS_AUTH,
    403: Outcome.BLOCKED,
    404: Outcome.NOT_FOUND,
    407: Outcome.NEEDS_AUTH,
    410: Outcome.GONE,
    429: Outcome.BLOCKED,
    451: Outcome.BLOCKED,
}
_NOT_MODIFIED = 304
_SUCCESS, _CLIENT_ERROR, _SERVER_ERROR = 2, 4, 5
_NO_ANSWER: dict[str, Any] = {
    "status": 0,
    "headers": (),
    "body": None,
    "body_sha256": "",
    "byte_count": 0,
}


class Attempt:
    """One attempt under way: the URL it is at, and what it has cost."""

    def __init__(self, request: Request, state: FetchState, clock: Callable[[], datetime]) -> None:
        self.request = request
        self.state = state
        self.url = state.adoption.resolve(request.url)
        self.hops = [f"{ADOPTED} {request.url}"] if self.url != request.url else []
        self.has_strayed = _origin(self.url) != _origin(request.url)  #: to another server
        self.spent_seconds = 0.0
        self._is_conditional = False
        self._clock = clock
        self._start = time.monotonic()

    def headers(self) -> dict[str, str]:
        """What this hop sends: validators go to the address that gave them and no other."""
        validators = self.state.validators(self.url, self._clock())
        self._is_conditional = bool(validators)
        headers = {"Accept": self.request.accept, **validators}
        if self.request.accepts_delta and "If-None-Match" in validators:
            headers["A-IM"] = "feed"
        return headers

    def moved(self, answer: Answer) -> None:
        """Go where a redirect leads."""
        self.hops.append(f"{answer.status} {self.url}")
        origin = _origin(self.url)
        self.url = next_url(self.url, answer.location)
        self.has_strayed |= _origin(self.url) != origin

    def glance(self, answer: Answer) -> Exchange:
        """The exchange with what an answer says of limits, not judged, and never archived."""
        return self.ended(
            Outcome.CLIENT_ERROR,
            "",
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )

    def answered(self, answer: Answer) -> Exchange:
        """The exchange for an answer that is no redirect."""
        outcome, error = self._judged(answer)
        digest = hashlib.sha256(answer.body).hexdigest() if answer.body else ""
        if outcome is Outcome.OK and self._is_known(digest):
            outcome = Outcome.UNCHANGED
        return self.ended(
            outcome,
            error,
            status=answer.status,
            headers=answer.headers,
            body=None if outcome is Outcome.UNCHANGED or not answer.body else answer.body,
            body_sha256=digest,
            byte_count=answer.byte_count,
        )

    def _judged(self, answer: Answer) -> tuple[Outcome, str]:
        """The outcome by status and headers, and a sentence where it is a failure."""
        outcome = self._by_status(answer.status)
        if answer.status in self.request.answers and answer.failure is None:
            outcome = Outcome.OK  # it tells the connector something
        if not outcome.is_seen:
            if wall := header_wall(answer.status, answer.headers):
                return Outcome.BLOCKED, f"HTTP {answer.status}: {wall}"
            return outcome, f"HTTP {answer.status} {answer.reason}".strip()
        if answer.failure is not None:
            return answer.failure.outcome, answer.failure.message
        return outcome, ""

    def _by_status(self, status: int) -> Outcome:
        if status == _NOT_MODIFIED and not self._is_conditional:
            return Outcome.CLIENT_ERROR  # nobody asked whether anything changed
        by_class = {
            _SUCCESS: Outcome.OK,
            _CLIENT_ERROR: Outcome.CLIENT_ERROR,
            _SERVER_ERROR: Outcome.SERVER_ERROR,
        }
        return _BY_STATUS.get(status) or by_class.get(status // 100, Outcome.CLIENT_ERROR)

    def _is_known(self, digest: str) -> bool:
        is_same_address = self.state.url == self.url
        return bool(digest) and is_same_address and digest == self.state.body_sha256

    def ended(self, outcome: Outcome, error: str, **answer: Any) -> Exchange:  # noqa: ANN401
        """The exchange as it ended; `answer` has the fields that only an answer has."""
        return Exchange(
            page_id=new_page_id(),
            channel_id=self.state.channel_id,
            requested_url=self.request.url,
            url=self.url,
            redirects=tuple(self.hops),
            fetched_at=self._clock(),
            elapsed_ms=round((time.monotonic() - self._start) * 1000),
            outcome=outcome,
            error=readable(error),
            is_conditional=self._is_conditional,
            purpose=self.request.purpose,
            context=self.request.context,
            **(_NO_ANSWER | answer),
        )


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
