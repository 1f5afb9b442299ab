"""From an archived batch to landed rows: pure CPU work, made to run in another process.

It needs neither network nor database, and gives the same rows for the same batch and
cursors whenever it runs: in the run that fetched the batch, after a crash, or in a replay.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import connectors
from connectors.contract import (
    Channel,
    Cursor,
    FoundThrough,
    Outcome,
    PageError,
    Presence,
    Purpose,
)
from connectors.fetching.backoff import is_temporary
from connectors.fetching.state import FetchState, advance
from connectors.fetching.walls import wall
from flows.door import Door
from flows.errors import NothingDoneError
from flows.memory import give_back
from flows.rows import attribute_columns, cursor_columns, exchange_from_row
from warehouse.archive import read_pages
from warehouse.landing import SCHEMAS, write_landing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from connectors.contract import Activity, Parsed, Request, ThreadView
    from connectors.fetching.exchange import Exchange

_ACTIVITY = tuple(SCHEMAS["activities"].names)
#: Ways to see an act, from the one that says least.
_SEEN_BETTER = (FoundThrough.ANSWER, FoundThrough.THREAD, FoundThrough.LISTING)
_SUCCESS = 2
_PRESENCE = tuple(f.name for f in fields(Presence))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSource:
    """What is needed to parse one archived batch, besides the batch."""

    path: Path
    file_id: str
    archive_file: str
    run_id: str
    landing: Path
    channels: Mapping[str, Channel]
    states: Mapping[str, FetchState]
    door: Door = field(default_factory=Door)  #: through which nobody goes by name
    poisoned: frozenset[str] = frozenset()  #: pages that have killed a parser; not parsed
    #: What was asked, by channel and address; empty in a replay, where nothing more is asked.
    requests: Mapping[tuple[str, str], Request] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedBatch:
    """What parsing one batch gave, in counts; the rows lie in `folder`."""

    folder: Path
    outcomes: Mapping[str, str]  #: final outcome by channel
    errors: Mapping[str, str]  #: sentence by channel, for outcomes that have one
    activity_count: int
    states: Mapping[str, FetchState]
    next_requests: Mapping[str, tuple[Request, ...]]
    request_outcomes: Mapping[tuple[str, str], Outcome]  #: by channel and address
    notes: Mapping[str, str]  #: by channel: where it is read from now on, when that changed


class Reading(NamedTuple):
    """What a connector made of an exchange."""

    outcome: Outcome
    parsed: Parsed | None
    error: str
    instead: Request | None = None  #: where the document may be, if this is none


def parse_batch(source: BatchSource) -> LandedBatch:
    """Parse every page of an archived batch and put the rows in the landing folder.

    Raises:
        NothingDoneError: the archived batch cannot be read.
    """
    with _without_collection():
        landed = parse_exchanges(source, map(exchange_from_row, _archived_rows(source.path)))
    give_back()
    return landed


def parse_exchanges(source: BatchSource, exchanges: Iterable[Exchange]) -> LandedBatch:
    """Parse a batch whose exchanges, already archived, are still at hand; see `parse_batch`."""
    results = _Results(dict(source.states), source.requests, source.door)
    for exchange in exchanges:
        is_poisoned = exchange.page_id in source.poisoned
        channel = source.channels[exchange.channel_id]
        results.add(exchange, channel, is_poisoned=is_poisoned)
    folder = write_landing(source.landing, source.file_id, results.tables(source))
    return LandedBatch(
        folder=folder,
        outcomes=results.outcomes,
        errors=results.errors,
        activity_count=len(results.activities),
        states={name: results.states[name] for name in results.touched},
        next_requests=results.next_requests,
        request_outcomes=results.request_outcomes,
        notes=results.notes,
    )


def _archived_rows(path: Path) -> list[dict[str, Any]]:
    try:
        return read_pages(path)
    except (OSError, ValueError) as error:
        message = (
            f"{path}: damaged ({error}); restore it from a copy of the archive, or move it out "
            "of the archive to do without the answers in it"
        )
        raise NothingDoneError(message) from error


def page_ids(source: BatchSource) -> list[str]:
    """The pages of a batch that its connectors would parse."""
    return [row["page_id"] for row in read_pages(source.path) if row["outcome"] == Outcome.OK]


def try_page(source: BatchSource, page_id: str) -> None:
    """Parse one page of a batch and keep nothing: to see whether the process survives it."""
    for row in read_pages(source.path):
        if row["page_id"] == page_id:
            read(exchange_from_row(row), source.channels[row["channel_id"]])


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave garbage cycles alone for one batch: looking for them takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_page(exchange: Exchange, channel: Channel) -> tuple[Outcome, Parsed | None, str]:
    """What a connector makes of an exchange: the final outcome, the content, a sentence."""
    return read(exchange, channel)[:3]


def read(exchange: Exchange, channel: Channel, state: str = "") -> Reading:
    """What a connector makes of an exchange; a page that keeps us out never gets to it."""
    if exchange.outcome is Outcome.SERVER_ERROR and (reason := wall(exchange.page())):
        return Reading(Outcome.BLOCKED, None, f"{exchange.error}: {reason}")
    if exchange.outcome is not Outcome.OK:
        return Reading(exchange.outcome, None, exchange.error)
    page = exchange.page()
    if page.status // 100 == _SUCCESS and (reason := wall(page)):
        return Reading(Outcome.BLOCKED, None, reason)
    try:
        parsed = connectors.load(channel.source).parse(page, channel, Cursor(state=state))
    except PageError as error:
        return Reading(error.outcome, None, error.message, error.instead)
    except Exception as error:  # noqa: BLE001 - one bad page must never stop the others
        return Reading(Outcome.MALFORMED, None, _failure(error, channel))
    return Reading(Outcome.OK, parsed, "")


def _failure(error: Exception, channel: Channel) -> str:
    """What went wrong in a parser; its words may be somebody's where people speak."""
    said = "" if connectors.load(channel.source).shows_dialogue else f": {error}"
    return f"parser failed: {type(error).__name__}{said}"


_POISONED = Reading(
    Outcome.MALFORMED, None, "this page kills the parser; it is kept in the archive"
)


class _Results:
    """Rows of one batch as they come out of the parser, in the order of the archive."""

    def __init__(
        self,
        states: dict[str, FetchState],
        requests: Mapping[tuple[str, str], Request],
        door: Door,
    ) -> None:
        self.states = states
        self._requests = requests
        self._door = door
        self.touched: dict[str, None] = {}
        self.attempts: list[tuple[Exchange, Channel, Outcome, str]] = []
        self.activities: dict[str, Activity] = {}  # newest page last, so that it wins
        self.presences: list[Presence] = []
        self.threads: list[dict[str, Any]] = []
        self.extents: list[dict[str, Any]] = []
        self.deletions: list[dict[str, Any]] = []
        self.drifts: list[dict[str, Any]] = []
        self.listings: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.outcomes: dict[str, str] = {}
        self.errors: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.request_outcomes: dict[tuple[str, str], Outcome] = {}
        self.next_requests: dict[str, tuple[Request, ...]] = {}

    def add(self, exchange: Exchange, channel: Channel, *, is_poisoned: bool = False) -> None:
        state = self.states.get(channel.channel_id)
        known = state.connector_state if state else ""
        reading = _POISONED if is_poisoned else read(exchange, channel, known)
        self.attempts.append((exchange, channel, reading.outcome, reading.error))
        self._advance(exchange, channel, reading)
        self._go_on(exchange, reading)
        if reading.parsed:
            self._take(exchange, channel, reading.parsed)
        if reading.outcome.is_seen and _is_listing(exchange, reading.parsed):
            state = self.states[channel.channel_id]
            self.listings.append(_listing_row(exchange, state, reading.parsed))

    def _take(self, exchange: Exchange, channel: Channel, parsed: Parsed) -> None:
        """What a page yields, people by their keys only."""
        place = {"channel_id": channel.channel_id, "page_id": exchange.page_id}
        seen = {**place, "observed_at": exchange.fetched_at}
        refused: Counter[str] = Counter()
        for activity in parsed.activities:
            if self._door.refuses(activity, channel.source):
                refused[activity.thread_id] += 1
                continue
            known = self.activities.get(activity.activity_id)
            let_in = self._door.let_in(activity, channel.source)
            self.activities[activity.activity_id] = _nearer(known, let_in)
        self.presences += parsed.presences
        self.threads += [_row(_without(thread, refused)) | seen for thread in parsed.threads]
        self.extents += [_row(extent) | seen for extent in parsed.extents]
        self.deletions += [{"activity_id": gone, **seen} for gone in parsed.gone_ids]
        self.drifts += [_row(drift) | seen | {"source": channel.source} for drift in parsed.drifts]

    def _advance(self, exchange: Exchange, channel: Channel, reading: Reading) -> None:
        name = channel.channel_id
        before = self.states.get(name) or FetchState(channel_id=name)
        outcome, parsed, error, _ = reading
        after = advance(before, exchange, outcome, parsed, error, address=channel.address)
        self.states[name], self.touched[name] = after, None
        self.request_outcomes[name, exchange.requested_url] = outcome
        # a wrong guess is no news, and a part of a channel fails alone
        if exchange.purpose is Purpose.READ or (
            outcome.is_seen and exchange.purpose is Purpose.DISCOVERY
        ):
            self.outcomes[name], self.errors[name] = outcome.value, error
        if after.adoption.url != before.adoption.url:
            change = _address_change(exchange, channel, before, after)
            self.changes.append(change)
            self.notes[name] = _note(change)

    def _go_on(self, exchange: Exchange, reading: Reading) -> None:
        """What to ask next: further pages, or where the document may be instead."""
        name = exchange.channel_id
        wanted = reading.parsed.next_requests if reading.parsed else ()
        if reading.instead is not None and exchange.purpose is Purpose.READ:
            wanted = (reading.instead,)
        elif not reading.outcome.is_seen:
            wanted = self._alternative(exchange)
            if not wanted and exchange.purpose is Purpose.DISCOVERY:
                self.errors[name] = f"{self.states[name].last_error}; {_search_ended(reading)}"
        if wanted:
            self.next_requests[name] = self.next_requests.get(name, ()) + wanted

    def _alternative(self, exchange: Exchange) -> tuple[Request, ...]:
        request = self._requests.get((exchange.channel_id, exchange.requested_url))
        if request is None or not request.alternatives:
            return ()
        if is_temporary(exchange.outcome):
            return ()  # the best guess may be right in a moment; a worse one would be kept
        first, *rest = request.alternatives
        return (replace(request, url=first, alternatives=tuple(rest)),)

    def tables(self, source: BatchSource) -> dict[str, dict[str, list[Any]]]:
        moved = [self.states[name] for name in self.touched]
        return {
            "attempts": _attempt_columns(self.attempts, source),
            "listings": _columns(self.listings, SCHEMAS["listings"].names),
            "activities": attribute_columns(list(self.activities.values()), _ACTIVITY),
            "presences": attribute_columns(self.presences, _PRESENCE),
            **{
                name: _columns(rows, SCHEMAS[name].names)
                for name, rows in (
                    ("threads", self.threads),
                    ("extents", self.extents),
                    ("deletions", self.deletions),
                    ("drifts", self.drifts),
                )
            },
            "address_changes": _columns(self.changes, SCHEMAS["address_changes"].names),
            "cursors": cursor_columns(moved),
        }


def _without(thread: ThreadView, refused: Mapping[str, int]) -> ThreadView:
    """A look at a conversation in which some were left out, for they objected."""
    count = refused.get(thread.thread_id, 0)
    if not count or thread.shown_count is None:
        return thread
    return replace(
        thread,
        shown_count=max(thread.shown_count - count, 0),
        withheld_count=thread.withheld_count + count,
    )


def _row(value: object) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}  # type: ignore[arg-type]


def _nearer(known: Activity | None, seen: Activity) -> Activity:
    """One act from two looks of a batch: a list says more of it than a thread does.

    It was last listed by the later of the two pages, and keeps the conversation that only one
    of them may know.
    """
    if known is None:
        return seen
    better, other = (known, seen) if _rank(known) > _rank(seen) else (seen, known)
    newest = max(known, seen, key=lambda look: look.first_seen_at)
    return replace(
        better,
        first_seen_at=newest.first_seen_at,
        page_id=newest.page_id,
        parent_id=better.parent_id or other.parent_id,
        thread_id=better.thread_id or other.thread_id,
        thread_shape=better.thread_shape or other.thread_shape,
    )


def _rank(activity: Activity) -> int:
    return _SEEN_BETTER.index(activity.found_through)


def _is_listing(exchange: Exchange, parsed: Parsed | None) -> bool:
    """Whether a page showed the channel's list: a thread or a profile does not."""
    if parsed is not None:
        return parsed.listing is not None
    return exchange.purpose is not Purpose.DETAIL


def _listing_row(exchange: Exchange, state: FetchState, parsed: Parsed | None) -> dict[str, Any]:
    """A page that brought nothing new still confirms the window of the last document."""
    listing = parsed.listing if parsed else None
    is_older = listing is not None and exchange.purpose is Purpose.DETAIL
    return {
        "page_id": exchange.page_id,
        "channel_id": exchange.channel_id,
        "observed_at": exchange.fetched_at,
        "entry_count": listing.entry_count if listing and is_older else state.entry_count,
        "listed_from": listing.listed_from if listing and is_older else state.listed_from,
        "document_format": listing.document_format if listing else "",
        "document_encoding": listing.document_encoding if listing else "",
        "parser": listing.parser if listing else "",
        "is_malformed": listing.is_malformed if listing else False,
        "malformed_reason": listing.malformed_reason if listing else "",
        "time_to_live_minutes": listing.time_to_live_minutes if listing else None,
        "is_delta": listing.is_delta if listing else False,
        "is_continued": listing.is_continued if listing else False,
    }


def _address_change(
    exchange: Exchange, channel: Channel, before: FetchState, after: FetchState
) -> dict[str, Any]:
    return {
        "channel_id": channel.channel_id,
        "changed_at": exchange.fetched_at,
        "reason": after.adoption.reason or "reverted",
        "from_url": before.adoption.url or channel.address,
        "to_url": after.adoption.url or channel.address,
        "page_id": exchange.page_id,
    }


def _search_ended(reading: Reading) -> str:
    if is_temporary(reading.outcome):
        return f"but {reading.error}; it is tried again"
    return "none of these is a feed: give the address of its feed"


_NOTES = {
    "moved": "{from_url} has moved for good: reads {to_url} from now on",
    "discovered": "{from_url} is a web page: reads the feed that was found at {to_url}",
    "reverted": "{from_url} no longer answers: reads {to_url} again, as listed",
}


def _note(change: Mapping[str, Any]) -> str:
    return _NOTES[change["reason"]].format_map(change)


def _attempt_columns(
    attempts: Sequence[tuple[Exchange, Channel, Outcome, str]], source: BatchSource
) -> dict[str, list[Any]]:
    same = ("page_id", "channel_id", "requested_url", "url", "is_conditional", "fetched_at")
    columns = attribute_columns([a[0] for a in attempts], (*same, "elapsed_ms", "byte_count"))
    columns["purpose"] = [exchange.purpose.value for exchange, _, _, _ in attempts]
    return columns | {
        "run_id": [source.run_id] * len(attempts),
        "organization_id": [channel.organization_id for _, channel, _, _ in attempts],
        "redirects": [list(exchange.redirects) for exchange, _, _, _ in attempts],
        "status_code": [exchange.status for exchange, _, _, _ in attempts],
        "outcome": [outcome.value for _, _, outcome, _ in attempts],
        "error": [error for _, _, _, error in attempts],
        "archive_file": [source.archive_file] * len(attempts),
    }


def _columns(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in names}
