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


class AuthorRole(StrEnum):
    """Who did something, seen from the organization that a channel belongs to."""

    ORGANIZATION = "organization"  #: an account of the organization itself
    STAFF = "staff"  #: a person whom the platform marks as belonging to it
    OUTSIDER = "outsider"  #: anybody else
    UNKNOWN = "unknown"  #: the page does not say (a deleted account, say)


class Evidence(StrEnum):
    """What an author's role rests on."""

    NONE = ""  #: an outsider: nothing speaks for another role
    CHANNEL_ACCOUNT = "channel_account"  #: it is the account that the channel is about
    LISTED_ACCOUNT = "listed_account"  #: another account that the organization is listed with
    STAFF_FLAG = "staff_flag"  #: the forum calls the person admin, moderator or staff
    AUTHOR_ASSOCIATION = "author_association"  #: the forge says owner, member or collaborator
    USER_ID = "user_id"  #: the site itself gave the person an account (WordPress)


class Direction(StrEnum):
    """Between whom something was said."""

    BY_ORGANIZATION = "by_organization"  #: the organization or its staff said it
    TO_ORGANIZATION = "to_organization"  #: an outsider said it to the organization
    AMONG_OTHERS = "among_others"  #: outsiders among themselves, in the organization's sight


class ThreadShape(StrEnum):
    """What counts as an answer in a thread."""

    NONE = ""  #: no thread
    TREE = "tree"  #: a reply to the very thing (its parent is that thing)
    LIST = "list"  #: whatever comes later in the thread (forums, issue trackers)


class FoundThrough(StrEnum):
    """How we came to see an activity; decides what it may be counted for."""

    LISTING = "listing"  #: the channel lists all of its kind
    THREAD = "thread"  #: it stands in a thread that we read whole, answered or not
    ANSWER = "answer"  #: seen only because the organization answered it: no base for a rate


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
    evidence: str = ""  #: what it rests on that this is the organization's
    homepage: str = ""  #: of the organization; what verification is measured against
    own_accounts: tuple[str, ...] = ()  #: addresses of its other channels at the same source
    is_consented: bool = False  #: the organization agreed, whatever its account's opt-outs say


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a connector left off in a channel; `state` is the connector's own JSON."""

    state: str = ""


class Purpose(StrEnum):
    """What a request is for; it decides what its failure means for the channel."""

    READ = "read"  #: the channel's own document or page
    DETAIL = "detail"  #: a part of it: a profile, a thread, an older page; fails alone
    DISCOVERY = "discovery"  #: a guess where the document may be; to fail is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many requests of one kind at one server within any span of so many seconds."""

    kind: str  #: what is counted, for example "paging"
    count: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One GET that a connector wants made.

    `alternatives` are addresses to try in this order, one after another, when `url` does not
    give a document that the connector understands. `accepts_delta` says that a partial
    answer (226, RFC 3229 `A-IM: feed`) would be understood. `context` is the connector's own
    note to itself; it is stored with the page and never sent. `answers` are statuses beside
    2xx that tell something (404: the thread is gone) and go to `parse` like a document.
    `allowances` are the request rates that the platform documents; none is ever exceeded.
    """

    url: str
    accept: str = "*/*"
    purpose: Purpose = Purpose.READ
    alternatives: tuple[str, ...] = ()
    accepts_delta: bool = False
    context: str = ""
    answers: tuple[int, ...] = ()
    allowances: tuple[Allowance, ...] = ()


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
    context: str = ""  #: of the request that it answers

    def header(self, name: str) -> str:
        """First value of a header, "" when absent; `name` in lower case."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One public act. Holds no text of private persons and no names.

    `published_at` and `updated_at` are what the document says, `occurred_at` is the one to
    count by: None when the document's date is flagged (see `DateFlag`). `first_seen_at` is
    when we fetched the page that first showed it.

    `author` is the one field that may identify a person: the platform's own immutable
    identifier where it has one. It lives in memory only; before anything is stored it becomes
    `author_key`, and for everyone but the organization's accounts fingerprint, links, sketch
    and exact length are dropped as well (`flows.door`).

    `link_key` and `text_sketch` find one announcement on several channels (docs/crossposts.md);
    only what the organization itself publishes, a post or a release, has them.
    """

    activity_id: str  #: 32 hex digits, stable across fetches
    channel_id: str
    organization_id: str
    kind: str  #: ActivityStreams 2.0 words where it has them: post, reply, repost, question …
    direction: str  #: see `Direction`
    occurred_at: datetime | None
    published_at: datetime | None
    updated_at: datetime | None
    first_seen_at: datetime
    time_precision: str  #: second or day; "" without a date
    date_flag: str
    identity_basis: str  #: what the identity rests on: id, link, content
    is_repeated: bool  #: the same entry stands earlier in the same document
    author: str = ""  #: in memory only; "" for the organization's own accounts
    author_key: str = ""  #: keyed hash; "" for the organization's own accounts
    author_role: str = AuthorRole.ORGANIZATION.value  #: see `AuthorRole`
    author_evidence: str = Evidence.CHANNEL_ACCOUNT.value  #: see `Evidence`
    parent_id: str = ""  #: activity_id of what this replies to; "" when it begins something
    thread_id: str = ""  #: 32 hex digits, the same for all of a conversation
    thread_shape: str = ""  #: see `ThreadShape`
    listed_in: str = ""  #: the connector's word for the list it stands in: statuses, issues …
    found_through: str = FoundThrough.LISTING.value  #: see `FoundThrough`
    is_question: bool | None = None  #: None: not assessed
    is_accepted_answer: bool | None = None  #: None: the platform has no such mark
    language: str = ""  #: BCP 47, as declared by the document
    text_length: int = 0  #: characters of title and text, markup removed
    link_host: str = ""
    link_key: str = ""  #: 16 hex digits: its own page, else the one it links to; "" for neither
    content_fingerprint: str = ""  #: 16 hex digits over the normalized title and text
    text_sketch: str = ""  #: 32 hex digits over how the text begins; "" for a short text
    like_count: int | None = None
    reply_count: int | None = None
    repost_count: int | None = None
    page_id: str = ""
    connector_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One observation of a channel's size and profile.

    Counts are None where the platform does not show them, marks are None where it has no such
    thing. `verification` says what two-way proof there is: "rel_me" (account and site link to
    each other), "domain_handle" (the handle is the organization's own domain),
    "organization_badge", "own_site" (the channel is on the organization's own domain); ""
    when `is_verified` is not True.
    """

    channel_id: str
    organization_id: str
    observed_at: datetime
    page_id: str
    follower_count: int | None = None
    member_count: int | None = None
    active_member_count: int | None = None
    active_days: int | None = None  #: the span that `active_member_count` is about
    contributor_count: int | None = None
    post_count: int | None = None
    is_verified: bool | None = None
    verification: str = ""
    has_description: bool | None = None
    has_site_link: bool | None = None  #: to the organization's homepage
    has_avatar: bool | None = None
    has_contact: bool | None = None
    has_rules: bool | None = None  #: rules of conduct are linked or shown
    is_linked_back: bool | None = None  #: the organization's site links to the channel


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
    parser: str  #: strict or feedparser; the source's name for an API
    is_malformed: bool
    malformed_reason: str = ""
    time_to_live_minutes: int | None = None  #: the document's own wish (RSS ttl, sy:updatePeriod)
    is_delta: bool = False  #: only entries new since our last visit (226), or an older page
    is_continued: bool = False  #: older pages follow, so that a page full of news is no loss


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """What one page let us see of a conversation.

    `reply_count` is what the platform says there is, `shown_count` what the page shows of it;
    None for a page that only mentions the thread (a list), which then says no more than
    whether anything was added. A truncated view hides replies: what looks unanswered in it is
    unknown, not unanswered.
    """

    thread_id: str
    reply_count: int | None
    shown_count: int | None = None
    is_truncated: bool = False
    withheld_count: int = 0  #: replies left out because their authors ask not to be indexed


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a page shows completely: what we knew within it and the page lacks, is deleted.

    Either a span of a list (`listed_in`, `from_at`, `to_at`, by `occurred_at`, the ends
    themselves left out) or a thread (`thread_id`), whole or in a span, but for `exempt_id`, the
    activity that the page hangs on, and for what stands in a list of the channel.
    """

    listed_in: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None
    thread_id: str = ""
    exempt_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Something in a page that is not as the connector knows it."""

    kind: str  #: new_field or changed_type
    path: str  #: for example Status.account.bot
    found: str  #: JSON type, or what the decoder said


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """All that one page yields, in document order.

    `listing` is None for a page that lists nothing of the channel (a profile, a thread).
    `gone_ids` are activities that the source says have been deleted.
    """

    activities: tuple[Activity, ...] = ()
    listing: Listing | None = None
    presences: tuple[Presence, ...] = ()
    threads: tuple[ThreadView, ...] = ()
    extents: tuple[Extent, ...] = ()
    gone_ids: tuple[str, ...] = ()
    drifts: tuple[Drift, ...] = ()
    next_requests: tuple[Request, ...] = ()
    cursor: Cursor | None = None


class PageError(Exception):
    """A page that a connector cannot use.

    Attributes:
        outcome: `Outcome.WRONG_TYPE`, `Outcome.MALFORMED`, `Outcome.BLOCKED`,
            `Outcome.NEEDS_AUTH`, `Outcome.NOT_FOUND`, `Outcome.GONE` or `Outcome.OPTED_OUT`.
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
    """Read the public activity of one channel from recorded pages.

    The cursor is the to-do list: whatever is still to be asked stands in it, and it is stored
    in one transaction with the rows of the page that changed it. So a run that is killed
    anywhere goes on where it was (`connectors.apis.itinerary` keeps such a list).
    """

    source: str  #: the module's name
    version: str  #: goes with every activity
    shows_dialogue: bool  #: whether what others say to the organization can be seen
    publishes: bool  #: whether the organization publishes there, so that silence tells something

    def check_address(self, address: str) -> None:
        """Raise `AddressError` when `address` is none of this source."""
        ...

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The first requests for a channel, with what the cursor still wants. Pure."""
        ...

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """All that a page yields; its status is 2xx or one of the request's `answers`. Pure.

        Args:
            page: the stored response, with the `context` of its request.
            channel: whose page it is.
            cursor: as the pages before this one left it; None before the first.

        Raises:
            PageError: the page is not what this source serves, or is broken.
        """
        ...
