"""Reddit: what its Atom feeds show of a subreddit or of an organization's account.

Best effort: Reddit wants its approval before anything is collected, so this source is off
until an operator who has it switches it on (`connectors/terms/reddit.toml`). The feeds have
no tree and no counts: comments are known by the post that they stand below, and a post
without an answer is never said to be unanswered. Only feeds are asked, one a minute; no JSON
views, no login, and none of the personal feed addresses, which are credentials.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from connectors.apis import wording
from connectors.apis.acts import (
    NOBODY,
    THE_ORGANIZATION,
    Act,
    Author,
    activity,
    thread_id,
)
from connectors.apis.dates import moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.contract import (
    AddressError,
    Allowance,
    AuthorRole,
    Evidence,
    Extent,
    Listing,
    Outcome,
    PageError,
    Parsed,
    Purpose,
    Request,
    ThreadShape,
    ThreadView,
)
from connectors.feeddocument.charset import decode_xml
from connectors.feeddocument.entities import refuse_bomb
from connectors.feeddocument.links import link_host
from connectors.feeddocument.strict import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml.etree import _Element

    from connectors.contract import Activity, Channel, Cursor, Page

_SERVER = "https://www.reddit.com"
_ACCEPT = "application/atom+xml, application/xml;q=0.9"
#: Reported since June 2026; nothing is documented.
_ALLOWANCES = (Allowance(kind="feeds", count=1, seconds=60),)
_PAGE_SIZE = 100
_REMEMBERED = 500
_ATOM = "{http://www.w3.org/2005/Atom}"

_ADDRESS = re.compile(
    r"(?:(?P<server>https?://[\w.\[\]:-]+:\d+)/|(?:https?://)?(?:[a-z]+\.)?reddit\.com/|/)?"
    r"(?P<kind>r|u|user)/(?P<name>[\w-]{2,50})/?",
    re.IGNORECASE | re.ASCII,
)
_ID = re.compile(r"t[13]_[0-9a-z]{1,13}", re.ASCII)
_THREAD = re.compile(r"/comments/([0-9a-z]{1,13})(?:/|\Z)", re.ASCII)
_POST = "t3_"
#: The written part of an entry; what stands around it names the author and repeats links.
_WRITTEN = re.compile(r"<!-- SC_OFF -->(.*?)(?:<!-- SC_ON -->|\Z)", re.DOTALL)
_LINK = re.compile(r"<a href=\"(https?://[^\"<>]+)\">\[link\]</a>")


class Connector:
    """Reads one subreddit, or one account of an organization."""

    source = "reddit"
    version = "1"
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept `r/NAME`, `u/NAME`, or the address of either.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        _Place.of(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest posts, for a subreddit the newest comments, and older posts."""
        place = _Place.of(channel.address)
        yield Request(url=place.newest, accept=_ACCEPT, context="newest", allowances=_ALLOWANCES)
        if not place.is_account:
            yield Request(
                url=place.comments,
                accept=_ACCEPT,
                purpose=Purpose.DETAIL,
                context="comments",
                allowances=_ALLOWANCES,
            )
        yield from Itinerary.from_cursor(cursor).requests(_ACCEPT, _ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """Posts and comments of a feed, in its order.

        Raises:
            PageError: no Atom feed, or a broken one.
        """
        kind, _, note = page.context.partition(" ")
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        reading = _Reading(page, channel, itinerary)
        if kind == "comments":
            return reading.comments()
        if kind == "older":
            known, before = (int(part) for part in note.split())
            return reading.older(known, before)
        return reading.newest()


class _Place(NamedTuple):
    """A subreddit or an account, and the server that answers for it."""

    server: str
    is_account: bool
    name: str

    @classmethod
    def of(cls, address: str) -> _Place:
        match = _ADDRESS.fullmatch(address)
        if match is None:
            message = (
                f"{address!r} is no place on Reddit: give a subreddit or an account, for example "
                "r/example or u/example, or its address, https://www.reddit.com/r/example"
            )
            raise AddressError(message)
        return cls(match["server"] or _SERVER, match["kind"].lower() != "r", match["name"])

    @property
    def newest(self) -> str:
        list_ = f"user/{self.name}" if self.is_account else f"r/{self.name}/new"
        return f"{self.server}/{list_}/.rss?limit={_PAGE_SIZE}"

    @property
    def comments(self) -> str:
        return f"{self.server}/r/{self.name}/comments/.rss?limit={_PAGE_SIZE}"

    def older_than(self, name: str) -> str:
        return f"{self.newest}&{urlencode({'after': name})}"


class _Entry(NamedTuple):
    """What a feed says of a post or a comment; for this moment only, for it names a person."""

    name: str  #: t3_… for a post, t1_… for a comment
    at: datetime
    author: str
    thread: str  #: the name of the post; "" when the link does not tell
    title: str
    content: str

    @property
    def is_post(self) -> bool:
        return self.name.startswith(_POST)


class _Reading:
    """One feed on its way to what it yields."""

    def __init__(self, page: Page, channel: Channel, itinerary: Itinerary) -> None:
        self._page = page
        self._channel = channel
        self._place = _Place.of(channel.address)
        listed = filter(None, map(_ADDRESS.fullmatch, channel.own_accounts))
        self._own = {match["name"].lower() for match in listed if match["kind"].lower() != "r"}
        self._itinerary = itinerary
        self._encoding, self._elements = _feed(page)
        read = (_entry(element) for element in self._elements)
        self._entries = [entry for entry in read if entry]

    def newest(self) -> Parsed:
        """The feed that is asked each time; older pages are put on the list where needed."""
        known = self._itinerary.memory.get("newest", 0)
        walk = self._walk(known) if self._oldest > known else []
        newest = max((int(entry.at.timestamp()) for entry in self._entries), default=known)
        self._itinerary = self._itinerary.first(walk).remembering(newest=max(newest, known))
        return self._listed(self._page.fetched_at, is_continued=bool(walk))

    def older(self, known: int, before: int) -> Parsed:
        """A page of a walk; it ends with an empty page, or one that leads nowhere older."""
        if known < self._oldest < before:
            self._itinerary = self._itinerary.first(self._walk(known))
        newest = max((entry.at for entry in self._entries), default=self._page.fetched_at)
        return self._listed(newest, is_delta=True)

    def comments(self) -> Parsed:
        """The newest comments of a subreddit; older ones are not to be had."""
        return self._parsed(self._extents("comments", self._page.fetched_at))

    @property
    def _oldest(self) -> int:
        return min((int(entry.at.timestamp()) for entry in self._entries), default=0)

    def _walk(self, known: int) -> list[Errand]:
        url = self._place.older_than(self._entries[-1].name)
        return [Errand(url, f"older {known} {self._oldest}")]

    def _listed(self, newest: datetime, **told: Any) -> Parsed:  # noqa: ANN401 - of `Listing`
        own = {*self._itinerary.memory.get("own", ())}
        own.update(e.name for e in self._entries if e.is_post and self._is_own(e))
        self._itinerary = self._itinerary.remembering(own=sorted(own)[-_REMEMBERED:])
        listing = Listing(
            entry_count=len(self._entries),
            listed_from=min((entry.at for entry in self._entries), default=None),
            document_format="atom10",
            document_encoding=self._encoding,
            parser=Connector.source,
            is_malformed=False,
            **told,
        )
        return self._parsed(self._extents(self._list, newest), listing)

    def _parsed(self, extents: tuple[Extent, ...], listing: Listing | None = None) -> Parsed:
        return Parsed(
            activities=tuple(self._activity(entry) for entry in self._entries),
            listing=listing,
            threads=tuple(self._view(entry) for entry in self._entries if entry.is_post),
            extents=extents,
            next_requests=self._itinerary.requests(_ACCEPT, _ALLOWANCES),
            cursor=self._itinerary.cursor(),
        )

    @property
    def _list(self) -> str:
        return "overview" if self._place.is_account else "posts"

    def _extents(self, listed_in: str, newest: datetime) -> tuple[Extent, ...]:
        """The span that the feed shows; nothing when one of its entries could not be read."""
        if not self._entries or len(self._entries) < len(self._elements):
            return ()
        oldest = min(entry.at for entry in self._entries)
        return (Extent(listed_in=listed_in, from_at=oldest, to_at=newest),)

    def _view(self, entry: _Entry) -> ThreadView:
        """No feed shows all of a thread: what is unanswered in it stays unknown."""
        thread = thread_id(self._channel, entry.name)
        return ThreadView(thread_id=thread, reply_count=None, shown_count=0, is_truncated=True)

    def _activity(self, entry: _Entry) -> Activity:
        author = self._author(entry)
        is_post, is_own = entry.is_post, author.role is AuthorRole.ORGANIZATION
        in_own_thread = entry.thread in self._itinerary.memory.get("own", ())
        written = _WRITTEN.search(entry.content)
        link = _LINK.search(entry.content)
        act = Act(
            act_id=entry.name,
            kind=("post" if is_own else "topic") if is_post else "comment",
            author=author,
            published=entry.at.timestamp(),
            listed_in="comments" if self._page.context == "comments" else self._list,
            is_addressed=is_post or in_own_thread,
            thread_id=entry.thread,
            thread_shape=ThreadShape.LIST if entry.thread else ThreadShape.NONE,
            wording=wording.of_html(written[1] if written else "", entry.title if is_post else ""),
            link_host=link_host(link[1]) if link else "",
            links=(link[1],) if link else (),
        )
        return activity(act, self._page, self._channel, Connector.version)

    def _is_own(self, entry: _Entry) -> bool:
        return self._author(entry).role is AuthorRole.ORGANIZATION

    def _author(self, entry: _Entry) -> Author:
        """Feeds give no number of an account: a name is never given to anybody else."""
        name = entry.author.rpartition("/")[2].lower()
        if not name or name == "[deleted]":
            return NOBODY
        if self._place.is_account and name == self._place.name.lower():
            return THE_ORGANIZATION
        if name in self._own:
            return Author("", AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
        return Author(name)


def _feed(page: Page) -> tuple[str, list[_Element]]:
    """The character set of a feed, and its entries."""
    refuse_bomb(page.body)
    decoded = decode_xml(page.body, page.header("content-type"))
    root = parse_xml(decoded.utf8) if decoded else None
    if decoded is None or root is None or root.tag != f"{_ATOM}feed":
        raise _no_feed(page)
    return decoded.encoding, root.findall(f"{_ATOM}entry")


def _no_feed(page: Page) -> PageError:
    if b"<html" in page.body[:1000].lower():
        message = "a web page came where a feed was expected: Reddit may not let us in"
        return PageError(Outcome.WRONG_TYPE, message)
    return PageError(Outcome.MALFORMED, "the answer is no Atom feed, or a broken one")


def _entry(element: _Element) -> _Entry | None:
    """What an entry says; None for one without a name or a date of Reddit's form."""
    name = _text(element, "id")
    at = moment(_text(element, "published") or _text(element, "updated"))
    if not _ID.fullmatch(name) or at is None:
        return None
    link = element.find(f"{_ATOM}link")
    thread = _THREAD.search(str(link.get("href", "")) if link is not None else "")
    return _Entry(
        name=name,
        at=at,
        author=_text(element, "author", "name"),
        thread=name if name.startswith(_POST) else (f"{_POST}{thread[1]}" if thread else ""),
        title=_text(element, "title"),
        content=_text(element, "content"),
    )


def _text(element: _Element, *path: str) -> str:
    return (element.findtext("/".join(f"{_ATOM}{name}" for name in path)) or "").strip()
