"""What every connector is, and the plain values that cross its border.

A connector knows one source (a platform or a format). It never touches the network: it
says which requests to make (`plan`) and turns a stored page into activities (`parse`).
Both are pure, so that every connector can be tested, replayed and fuzzed from recorded
pages. Times are timezone-aware UTC everywhere in Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - dataclass fields are read at run time
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Outcome(StrEnum):
    """How one attempt to read a channel ended: a closed list, one word each."""

    OK = "ok"  #: a fresh document arrived and was understood
    NOT_MODIFIED = "not_modified"  #: the server said 304
    UNCHANGED = "unchanged"  #: 200 with the very bytes we already have
    WRONG_TYPE = "wrong_type"  #: understood, but not what the source serves (say, a web page)
    MALFORMED = "malformed"  #: broken beyond what the parser can save
    BLOCKED = "blocked"  #: 403, 429, 451, a challenge, a login wall, an empty page: not let in
    NEEDS_AUTH = "needs_auth"  #: 401, 407: the source wants credentials that we do not have
    DISALLOWED = "disallowed"  #: robots.txt does not want us there (RFC 9309); not asked
    OPTED_OUT = "opted_out"  #: the host is on the operator's opt-out list; not asked
    HELD = "held"  #: another answer of the host asked us to stay away; not asked
    GONE = "gone"  #: 410
    NOT_FOUND = "not_found"  #: 404
    CLIENT_ERROR = "client_error"  #: any other 4xx
    SERVER_ERROR = "server_error"  #: 5xx
    UNREACHABLE = "unreachable"  #: no connection: DNS, refused, reset
    INSECURE = "insecure"  #: TLS failed, or a redirect led from https to http
    TRUNCATED = "truncated"  #: the answer broke off; what came is kept, and is not used
    TIMEOUT = "timeout"  #: connect, read or whole-request deadline
    TOO_LARGE = "too_large"  #: more bytes than we accept, on the wire or decoded, or headers
    REDIRECT_LOOP = "redirect_loop"  #: more redirects than we follow
    PAGE_LOOP = "page_loop"  #: pages that lead on for ever, or to a page that was read already
    REFUSED = "refused"  #: our own guard: scheme or address that we do not contact

    @property
    def is_seen(self) -> bool:
        """Whether we know after this attempt what the channel showed."""
        return self in {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.UNCHANGED}


class DateFlag(StrEnum):
    """Why an activity's own date cannot be trusted; empty when it can."""

    NONE = ""
    MISSING = "missing"  #: the document gives no date
    UNPARSABLE = "unparsable"  #: it gives one that nobody can read
    FUTURE = "future"  #: later than the moment we fetched it, by over a day
    IMPLAUSIBLE = "implausible"  #: before the web (1991): a default or forged date


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One organization's presence at one source.

    `channel_id` is stable and made from the other three identifying fields; `address` is
    what the source needs to find it (for feeds: a URL).
    """

    channel_id: str
    organization_id: str
    source: str
    address: str
    role: str = "official"  #: official, staff-list or community
    function: str = ""  #: press, support, careers …
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a connector left off in a channel; `state` is the connector's own JSON."""

    state: str = ""


class Purpose(StrEnum):
    """What a request is for; it decides what its failure means for the channel."""

    READ = "read"  #: the channel's own document or page
    DISCOVERY = "discovery"  #: a guess where the document may be; to fail is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One GET that a connector wants made.

    `alternatives` are addresses to try in this order, one after another, when `url` does not
    give a document that the connector understands. `accepts_delta` says that a partial
    answer (226, RFC 3229 `A-IM: feed`) would be understood.
    """

    url: str
    accept: str = "*/*"
    purpose: Purpose = Purpose.READ
    alternatives: tuple[str, ...] = ()
    accepts_delta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One stored response: what a request was answered with, and when.

    `url` is the final address after redirects, `requested_url` the first. `headers` keep
    their order and repetitions; names are lower case. `body` is decoded from any content
    encoding, but still bytes: its character set is the parser's business.
    """

    page_id: str
    channel_id: str
    requested_url: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime

    def header(self, name: str) -> str:
        """First value of a header, "" when absent; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One public act. Holds no text of private persons, no names and no handles.

    `published_at` and `updated_at` are what the document says, `occurred_at` is the one to
    count by: None when the document's date is flagged (see `DateFlag`). `first_seen_at` is
    when we fetched the page that first showed it.
    """

    activity_id: str  #: 32 hex digits, stable across fetches
    channel_id: str
    organization_id: str
    kind: str  #: ActivityStreams 2.0 words where it has them: post, reply, repost, question …
    direction: str  #: by_organization, to_organization or among_others
    occurred_at: datetime | None
    published_at: datetime | None
    updated_at: datetime | None
    first_seen_at: datetime
    time_precision: str  #: second or day; "" without a date
    date_flag: str
    identity_basis: str  #: what the identity rests on: id, link, content
    is_repeated: bool  #: the same entry stands earlier in the same document
    author_key: str = ""  #: keyed hash; "" for the organization itself
    parent_id: str = ""
    thread_id: str = ""
    is_question: bool | None = None  #: None: not assessed
    language: str = ""  #: BCP 47, as declared by the document
    text_length: int = 0  #: characters of title and text, markup removed
    link_host: str = ""
    content_fingerprint: str = ""  #: 16 hex digits over the normalized title and text
    like_count: int | None = None
    reply_count: int | None = None
    repost_count: int | None = None
    page_id: str = ""
    connector_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One observation of a channel's size and profile."""

    channel_id: str
    organization_id: str
    observed_at: datetime
    page_id: str
    follower_count: int | None = None
    member_count: int | None = None
    active_member_count: int | None = None
    post_count: int | None = None
    is_verified: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a page let us see of its channel: the window that its entries span.

    `listed_from` is the oldest trustworthy date in it; None for an empty listing. A day
    before it was not seen, a day after it without an entry was seen to be empty.
    """

    entry_count: int
    listed_from: datetime | None
    document_format: str  #: for example rss20, atom10, json11
    document_encoding: str
    parser: str  #: strict or feedparser
    is_malformed: bool
    malformed_reason: str = ""
    time_to_live_minutes: int | None = None  #: the document's own wish (RSS ttl, sy:updatePeriod)
    is_delta: bool = False  #: only entries new since our last visit (226, RFC 3229)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that one page yields, in document order."""

    activities: tuple[Activity, ...]
    listing: Listing
    presences: tuple[Presence, ...] = ()
    next_requests: tuple[Request, ...] = ()
    cursor: Cursor | None = None


class PageError(Exception):
    """A page that a connector cannot use.

    Attributes:
        outcome: `Outcome.WRONG_TYPE`, `Outcome.MALFORMED` or `Outcome.BLOCKED`.
        message: one sentence for the analyst that says what came and what to do.
        instead: a request for where the document may be instead, with `Purpose.DISCOVERY` and
            further addresses as its alternatives; None when there is no guess.
    """

    def __init__(self, outcome: Outcome, message: str, instead: Request | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message
        self.instead = instead


class AddressError(ValueError):
    """An address that a connector cannot read; the message says what it expects."""


class Connector(Protocol):
    """Read the public activity of one channel from recorded pages."""

    source: str  #: the module's name
    version: str  #: goes with every activity

    def check_address(self, address: str) -> None:
        """Raise `AddressError` when `address` is none of this source."""
        ...

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The first requests for a channel. Pure."""
        ...

    def parse(self, page: Page, channel: Channel) -> Parsed:
        """Activities, presences and further requests of a page with status 2xx. Pure.

        Raises:
            PageError: the page is not what this source serves, or is broken.
        """
        ...
