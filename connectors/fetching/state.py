"""What is remembered of a channel between two polls, and how an attempt changes it.

The state is a function of the attempts in their order and nothing else, so that a replay
of the archive arrives at the same state as the runs did.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.contract import Outcome
from connectors.fetching.holds import hold_until

if TYPE_CHECKING:
    from connectors.contract import Parsed
    from connectors.fetching.exchange import Exchange

#: Our own floor between two polls of one channel (RBB's list of feed reader behaviour).
POLL_INTERVAL = timedelta(hours=1)
#: After repeated failures the interval doubles up to this.
LONGEST_INTERVAL = timedelta(days=1)
#: 410 says that nothing will come back; we look once a month whether that is still so.
GONE_INTERVAL = timedelta(days=30)
_MOST_DOUBLINGS = 6
#: Stands for a byte that could not be kept; such a validator cannot be sent back verbatim.
_LOST = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState:
    """The cursor of one channel: caching validators, holds, and where its connector stood.

    `etag` and `last_modified` are kept verbatim and belong to `url` alone. `document_page_id`
    names the page whose document is still the current one; `listed_from` and `entry_count`
    describe its window. `not_before` is the server's wish, `next_due_at` our own interval.
    """

    channel_id: str
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    document_page_id: str = ""
    listed_from: datetime | None = None
    entry_count: int = 0
    last_attempt_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_outcome: str = ""
    last_error: str = ""
    failure_count: int = 0
    not_before: datetime | None = None
    next_due_at: datetime | None = None
    connector_state: str = ""

    def is_held(self, now: datetime) -> bool:
        """Whether the server asked not to be called yet."""
        return self.not_before is not None and now < self.not_before

    def is_due(self, now: datetime) -> bool:
        """Whether our own interval has passed."""
        return self.next_due_at is None or now >= self.next_due_at

    def validators(self, url: str) -> dict[str, str]:
        """Request headers that make a GET of `url` conditional; none for another URL."""
        if url != self.url:
            return {}
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value and _LOST not in value}


def advance(
    state: FetchState, exchange: Exchange, outcome: Outcome, parsed: Parsed | None, error: str
) -> FetchState:
    """The state after an attempt that ended in `outcome`.

    Validators are adopted from a document that was understood and from a 304, dropped when
    a 200 comes without them, and never taken from an answer that we could not use: a
    conditional request must not turn a web page into "nothing new".
    """
    seen = outcome.is_seen
    failures = 0 if seen else state.failure_count + 1
    more: dict[str, Any] = {}
    if outcome is Outcome.OK and parsed is not None:
        more = _document(state, exchange, parsed)
    elif seen:
        more = _validators(state, exchange)
    return replace(
        state,
        last_attempt_at=exchange.fetched_at,
        last_seen_at=exchange.fetched_at if seen else state.last_seen_at,
        last_outcome=outcome.value,
        last_error=error,
        failure_count=failures,
        not_before=_later_hold(state.not_before, exchange),
        next_due_at=exchange.fetched_at + _interval(outcome, failures),
        **more,
    )


def _later_hold(known: datetime | None, exchange: Exchange) -> datetime | None:
    """A hold lasts until it has passed, whatever other requests of the round were answered."""
    wishes = [known, hold_until(exchange)]
    return max((wish for wish in wishes if wish and wish > exchange.fetched_at), default=None)


def _interval(outcome: Outcome, failures: int) -> timedelta:
    if outcome is Outcome.GONE:
        return GONE_INTERVAL
    return min(POLL_INTERVAL * (1 << min(failures, _MOST_DOUBLINGS)), LONGEST_INTERVAL)


def _document(state: FetchState, exchange: Exchange, parsed: Parsed) -> dict[str, Any]:
    return {
        "url": exchange.requested_url,
        "etag": exchange.header("etag"),
        "last_modified": exchange.header("last-modified"),
        "body_sha256": exchange.body_sha256,
        "document_page_id": exchange.page_id,
        "listed_from": parsed.listing.listed_from,
        "entry_count": parsed.listing.entry_count,
        "connector_state": parsed.cursor.state if parsed.cursor else state.connector_state,
    }


def _validators(state: FetchState, exchange: Exchange) -> dict[str, Any]:
    """A 304 may bring newer validators; a repeated 200 without any means they are gone."""
    kept = exchange.outcome is Outcome.NOT_MODIFIED
    return {
        "etag": exchange.header("etag") or (state.etag if kept else ""),
        "last_modified": exchange.header("last-modified") or (state.last_modified if kept else ""),
    }
