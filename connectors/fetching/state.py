"""What is remembered of a channel between two polls, and how an attempt changes it.

The state is a function of the attempts in their order and nothing else, so that a replay
of the archive arrives at the same state as the runs did.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.contract import Outcome, Purpose
from connectors.fetching.adoption import Adoption, adopted
from connectors.fetching.backoff import is_temporary, pause
from connectors.fetching.etags import tag_to_send
from connectors.fetching.holds import LONGEST_HOLD, hold, hold_until
from connectors.fetching.rhythm import Answer, Rhythm, adapt, spread

if TYPE_CHECKING:
    from connectors.contract import Listing, Parsed
    from connectors.fetching.exchange import Exchange

#: A channel that was gone twice, a month apart, is never asked again.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
#: So often a document is asked for whole: some servers say 304 for ever.
WHOLE_INTERVAL = timedelta(days=30)
#: Later than this nothing can be due: the clock must have been wrong when it was written.
_LATEST_DUE = LONGEST_HOLD + timedelta(days=4)
#: Two answers so close belong to one round of asking and say nothing about a rhythm.
_SAME_ROUND = timedelta(minutes=1)
#: All tries of one run fall into this time.
_RETRIES_LAST = timedelta(minutes=10)
_MOST_LISTED = 5_000
_ID_BYTES = 8
#: Stands for a byte that could not be kept; such a validator cannot be sent back verbatim.
_LOST = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState:
    """The cursor of one channel: caching validators, holds, rhythm, and where it has moved.

    `etag` (see `tag_to_send`) and `last_modified` are kept verbatim and belong to `url` alone,
    the address that gave them. `document_page_id` names the page whose document is still the
    current one; `listed_from` and `entry_count` describe its window, `listed_ids` holds the
    first eight bytes of each of its activities' identifiers. `last_whole_at` is when it last
    came whole. `not_before` is the server's wish, `next_due_at` our own interval.
    """

    channel_id: str
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    body_sha256: str = ""
    document_page_id: str = ""
    listed_from: datetime | None = None
    entry_count: int = 0
    listed_ids: bytes = b""
    time_to_live_minutes: int | None = None
    last_attempt_at: datetime | None = None
    last_seen_at: datetime | None = None
    last_whole_at: datetime | None = None
    last_outcome: str = ""
    last_error: str = ""
    failure_count: int = 0
    not_before: datetime | None = None
    next_due_at: datetime | None = None
    rhythm: Rhythm = field(default_factory=Rhythm)
    adoption: Adoption = field(default_factory=Adoption)
    connector_state: str = ""

    def is_held(self, now: datetime) -> bool:
        """Whether the server asked not to be called yet."""
        return self.not_before == NEVER or _lies_ahead(self.not_before, now)

    def is_due(self, now: datetime) -> bool:
        """Whether our own interval has passed."""
        return not _lies_ahead(self.next_due_at, now)

    def validators(self, url: str, now: datetime) -> dict[str, str]:
        """Request headers that make a GET of `url` conditional.

        None for another address than the one that gave them, and none once a month: a
        server that says 304 without looking would otherwise never be found out.
        """
        if url != self.url or self._wants_whole(now):
            return {}
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value and _LOST not in value}

    def _wants_whole(self, now: datetime) -> bool:
        return self.last_whole_at is not None and now - self.last_whole_at >= WHOLE_INTERVAL


def _lies_ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether a stored moment is still to come; one absurdly far off does not count."""
    return moment is not None and now < moment <= now + _LATEST_DUE


def advance(
    state: FetchState,
    exchange: Exchange,
    outcome: Outcome,
    parsed: Parsed | None,
    error: str,
    *,
    address: str = "",
) -> FetchState:
    """The state after an attempt that ended in `outcome`.

    Validators are adopted from a document that was understood and from a 304, dropped when
    a 200 comes without them, and never taken from an answer that we could not use: a
    conditional request must not turn a web page into "nothing new".

    Args:
        state: the state before.
        exchange: the attempt.
        outcome: how it ended, after the connector has looked at it.
        parsed: what the connector found, where it understood the page.
        error: the sentence for the analyst.
        address: the channel's listed address; redirects of other requests adopt nothing.
    """
    if outcome is Outcome.HELD:
        return replace(state, last_outcome=outcome.value, last_error=error)
    if exchange.purpose is Purpose.DISCOVERY and not outcome.is_seen:
        return replace(state, not_before=_later_hold(state, exchange, outcome))
    if exchange.purpose is Purpose.DETAIL:
        return _detailed(state, exchange, parsed)
    failures = 0 if outcome.is_seen else _failure_count(state, exchange, outcome)
    changes: dict[str, Any] = {
        "last_attempt_at": exchange.fetched_at,
        "last_outcome": outcome.value,
        "last_error": error,
        "failure_count": failures,
        "not_before": _later_hold(state, exchange, outcome),
        "adoption": adopted(state.adoption, exchange, outcome, failures, address),
    }
    if parsed is not None and parsed.listing is None:
        return replace(state, **changes, connector_state=_connector_state(state, parsed))
    if outcome.is_seen:
        return _seen(state, changes, exchange, outcome, parsed)
    wait = max(pause(outcome, failures), timedelta(seconds=state.rhythm.interval_seconds))
    return replace(state, **changes, next_due_at=_after(exchange, wait))


def _detailed(state: FetchState, exchange: Exchange, parsed: Parsed | None) -> FetchState:
    """A part of the channel says nothing of its main list; but a throttle is for all of it."""
    wish = hold(exchange)
    until = [state.not_before, wish.until if wish and wish.is_host_wide else None]
    return replace(
        state,
        not_before=max((u for u in until if u and u > exchange.fetched_at), default=None),
        connector_state=_connector_state(state, parsed),
    )


def _connector_state(state: FetchState, parsed: Parsed | None) -> str:
    return parsed.cursor.state if parsed and parsed.cursor else state.connector_state


def _failure_count(state: FetchState, exchange: Exchange, outcome: Outcome) -> int:
    """Tries of one run that fail for a moment are one failure."""
    since = exchange.fetched_at - (state.last_attempt_at or exchange.fetched_at)
    is_retry = state.failure_count > 0 and timedelta() <= since < _RETRIES_LAST
    return state.failure_count + (0 if is_retry and is_temporary(outcome) else 1)


def _seen(
    before: FetchState,
    changes: dict[str, Any],
    exchange: Exchange,
    outcome: Outcome,
    parsed: Parsed | None,
) -> FetchState:
    """We know what the channel showed: take over the document and find its rhythm."""
    new_count = entry_count = 0
    if outcome is Outcome.OK and parsed is not None and parsed.listing is not None:
        ids = _ids(parsed)
        new_count = len(ids - _known_ids(before))
        changes |= _document(before, exchange, parsed, parsed.listing, ids)
        entry_count = len(changes["listed_ids"]) // _ID_BYTES  # repeats in a document count once
        if parsed.listing.is_continued:
            new_count = min(new_count, entry_count - 1)  # older pages follow: no loss
    else:
        changes |= _validators(before, exchange)
    moved = replace(before, **changes)
    rhythm = _rhythm(before, moved, exchange.fetched_at, new_count, entry_count)
    interval = timedelta(seconds=spread(rhythm.interval_seconds, exchange.page_id))
    return replace(
        moved,
        last_seen_at=exchange.fetched_at,
        rhythm=rhythm,
        next_due_at=exchange.fetched_at + interval,
    )


def _rhythm(
    before: FetchState, after: FetchState, now: datetime, new_count: int, entry_count: int
) -> Rhythm:
    elapsed = now - before.last_seen_at if before.last_seen_at else None
    if elapsed is not None and elapsed < _SAME_ROUND and not new_count:
        return before.rhythm
    answer = Answer(
        elapsed_seconds=max(elapsed.total_seconds(), 0.0) if elapsed is not None else None,
        new_count=new_count,
        entry_count=entry_count,
        is_conditional=bool(after.etag or after.last_modified),
        wished_seconds=_seconds(after.time_to_live_minutes),
        window_seconds=(now - after.listed_from).total_seconds() if after.listed_from else None,
    )
    return adapt(before.rhythm, answer)


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60


def _after(exchange: Exchange, interval: timedelta) -> datetime:
    seconds = spread(round(interval.total_seconds()), exchange.page_id)
    return exchange.fetched_at + timedelta(seconds=seconds)


def _later_hold(state: FetchState, exchange: Exchange, outcome: Outcome) -> datetime | None:
    """A hold lasts until it has passed, whatever other requests of the round were answered."""
    if outcome is Outcome.GONE:
        if exchange.is_adopted:  # the new address is gone; the listed one may not be
            return state.not_before
        if state.last_outcome == Outcome.GONE.value:
            return NEVER
    wishes = [state.not_before, hold_until(exchange)]
    return max((wish for wish in wishes if wish and wish > exchange.fetched_at), default=None)


def _ids(parsed: Parsed) -> frozenset[bytes]:
    listed = parsed.activities[:_MOST_LISTED]
    return frozenset(bytes.fromhex(activity.activity_id[: 2 * _ID_BYTES]) for activity in listed)


def _known_ids(state: FetchState) -> frozenset[bytes]:
    packed = state.listed_ids
    steps = range(0, len(packed), _ID_BYTES)
    return frozenset(packed[start : start + _ID_BYTES] for start in steps)


def _document(
    before: FetchState, exchange: Exchange, parsed: Parsed, listing: Listing, ids: frozenset[bytes]
) -> dict[str, Any]:
    """What a document that was understood changes; a delta (226) adds to the one before."""
    same = {
        "url": exchange.url,
        "etag": tag_to_send(before.etag, exchange),
        "last_modified": exchange.header("last-modified"),
        "connector_state": _connector_state(before, parsed),
    }
    if listing.is_delta:
        kept = sorted(ids | _known_ids(before))[:_MOST_LISTED]
        return same | {"listed_ids": b"".join(kept)}
    return same | {
        "body_sha256": exchange.body_sha256,
        "document_page_id": exchange.page_id,
        "listed_from": listing.listed_from,
        "entry_count": listing.entry_count,
        "listed_ids": b"".join(sorted(ids)),
        "time_to_live_minutes": listing.time_to_live_minutes,
        "last_whole_at": exchange.fetched_at,
    }


def _validators(before: FetchState, exchange: Exchange) -> dict[str, Any]:
    """A 304 may bring newer validators; a repeated 200 without any means they are gone."""
    is_kept = exchange.outcome is Outcome.NOT_MODIFIED
    etag, last_modified = tag_to_send(before.etag, exchange), exchange.header("last-modified")
    return {
        "etag": etag or (before.etag if is_kept else ""),
        "last_modified": last_modified or (before.last_modified if is_kept else ""),
        "last_whole_at": before.last_whole_at if is_kept else exchange.fetched_at,
    }
