"""Hacker News: stories that link to an organization's site, and what is said below them.

The site's public search (by Algolia) is asked for stories by the host that they link to. A
story by one of the organization's listed accounts is the organization speaking; stories by
others speak about it, not to it. Comments are read as the tree that they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from connectors.apis import wording
from connectors.apis.acts import NOBODY, Act, Author, act_id, activity, thread_id
from connectors.apis.dates import WEB_BEGINS, moment
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import Payload, decoded
from connectors.contract import (
    AddressError,
    Allowance,
    AuthorRole,
    Evidence,
    Extent,
    FoundThrough,
    Listing,
    Outcome,
    PageError,
    Parsed,
    Request,
    ThreadShape,
    ThreadView,
)
from connectors.feeddocument.links import link_host
from connectors.platforms.hackernews.shapes import Item, Search, Story

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from connectors.contract import Activity, Channel, Cursor, Page

_SERVER = "https://hn.algolia.com"
_ACCEPT = "application/json"
_ALLOWANCES = (Allowance(kind="requests", count=10_000, seconds=3600),)
_PAGE_SIZE = 100
_REMEMBERED = 500
_LISTED_IN = "stories"
_GONE = (404, 410)

_ADDRESS = re.compile(
    r"(?:(?P<server>https?://[\w.\[\]:-]+:\d+)/|https?://)?"
    r"(?:www\.)?(?P<domain>(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)/?",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?:(?:https?://)?news\.ycombinator\.com/user\?id=)?([\w-]+)")


class Connector:
    """Reads the stories that link to one domain, and the comments below them."""

    source = "hackernews"
    version = "1"
    shows_dialogue = True
    publishes = False

    def check_address(self, address: str) -> None:
        """Accept the name of a site, or its address without a path.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        _Site.of(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest stories, and what is still to be asked."""
        url = _Site.of(channel.address).stories()
        yield Request(url=url, accept=_ACCEPT, context="read", allowances=_ALLOWANCES)
        yield from Itinerary.from_cursor(cursor).requests(_ACCEPT, _ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """The stories of a page of the search, or the comments below one story.

        Raises:
            PageError: no answer of the search.
        """
        kind, _, note = page.context.partition(" ")
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        reading = _Reading(page, channel, itinerary)
        numbers = [int(part) for part in note.split()]
        if kind == "thread":
            return reading.thread(numbers[0], numbers[1])
        if kind == "walk":
            return reading.older_stories(numbers[0], numbers[1])
        return reading.newest_stories()


class _Site(NamedTuple):
    """The domain that stories link to, and the server that knows of them."""

    server: str
    domain: str

    @classmethod
    def of(cls, address: str) -> _Site:
        match = _ADDRESS.fullmatch(address)
        if match is None:
            message = (
                f"{address!r} is no site that stories link to: give the name of the "
                "organization's site without a path, for example example.org"
            )
            raise AddressError(message)
        return cls(match["server"] or _SERVER, match["domain"].lower())

    def is_linked(self, url: str) -> bool:
        """Whether a link leads to the domain; the search also finds what is merely alike."""
        host = link_host(url)
        return host == self.domain or host.endswith(f".{self.domain}")

    def stories(self, *bounds: str) -> str:
        query = {
            "query": self.domain,
            "restrictSearchableAttributes": "url",
            "tags": "story",
            "hitsPerPage": _PAGE_SIZE,
        }
        if bounds:
            query["numericFilters"] = ",".join(bounds)
        return f"{self.server}/api/v1/search_by_date?{urlencode(query)}"

    def thread(self, number: str) -> str:
        return f"{self.server}/api/v1/items/{number}"


class _Reading:
    """One page on its way to what it yields."""

    def __init__(self, page: Page, channel: Channel, itinerary: Itinerary) -> None:
        self._page = page
        self._channel = channel
        self._site = _Site.of(channel.address)
        self._own = {match[1] for a in channel.own_accounts if (match := _ACCOUNT.fullmatch(a))}
        self._itinerary = itinerary
        self._payload = Payload()

    def newest_stories(self) -> Parsed:
        """The page that is asked each time; older ones are put on the list where needed."""
        found = self._found()
        known = self._itinerary.memory.get("newest", 0)
        walk = [self._walk(known, found)] if found.is_full and found.oldest > known else []
        self._itinerary = self._itinerary.remembering(newest=max(found.newest, known))
        begins = moment(found.oldest) if found.is_full else WEB_BEGINS
        extents = self._extents(found, begins, self._page.fetched_at)
        return self._listed(found, walk, extents, is_continued=bool(walk))

    def older_stories(self, known: int, before: int) -> Parsed:
        """A page of a walk: it ends where an earlier read began, or with the first story."""
        found = self._found()
        walk = [self._walk(known, found, before)] if found.is_full else []
        extents = self._extents(found, moment(found.oldest), moment(found.newest))
        return self._listed(found, walk, extents, is_delta=True)

    def thread(self, number: int, counted: int) -> Parsed:
        """All comments below a story; that the story is gone, when it is."""
        root = str(number)
        if self._page.status in _GONE:
            return self._parsed(gone_ids=(act_id(self._channel, root),))
        story = self._payload.whole(decoded(self._page), Item)
        if story.number != number:
            raise PageError(Outcome.MALFORMED, "another item came than the one asked for")
        replies = list(self._below(story, is_own=story.author in self._own))
        shown = [reply for reply in replies if reply.item.author]
        is_truncated = len(replies) < counted
        thread = thread_id(self._channel, root)
        view = ThreadView(
            thread_id=thread,
            reply_count=counted,
            shown_count=len(replies),
            is_truncated=is_truncated,
        )
        whole = Extent(thread_id=thread, exempt_id=act_id(self._channel, root))
        deleted = (str(reply.item.number) for reply in replies if not reply.item.author)
        return self._parsed(
            activities=tuple(self._comment(reply, root) for reply in shown),
            threads=(view,),
            extents=() if is_truncated or self._is_incomplete else (whole,),
            gone_ids=tuple(act_id(self._channel, name) for name in deleted),
        )

    @property
    def _is_incomplete(self) -> bool:
        """Whether something in the page could not be read."""
        return any(drift.kind == "changed_type" for drift in self._payload.drifts)

    def _found(self) -> _Found:
        search = self._payload.whole(decoded(self._page), Search)
        stories = self._payload.each(search.hits, Story)
        linking = [story for story in stories if self._site.is_linked(story.url or "")]
        return _Found(search, stories, linking)

    def _below(self, item: Item, *, is_own: bool) -> Iterator[_Reply]:
        """The comments below a story, each before those that reply to it.

        No recursion: a page may be nested deeper than Python likes.
        """
        waiting = [(child, item.number, is_own) for child in reversed(item.children)]
        while waiting:
            value, parent, is_addressed = waiting.pop()
            child = self._payload.maybe(value, Item)
            if child is None:
                continue
            yield _Reply(child, parent, is_addressed)
            name = child.number if child.author else 0
            is_ours = child.author in self._own
            waiting += [(below, name, is_ours) for below in reversed(child.children)]

    def _walk(self, known: int, found: _Found, asked_before: int = 0) -> Errand:
        """On to the second that a page ended in, for others of it may be missing.

        After a page that holds nothing but one second that would never end: go past it.
        """
        before = found.oldest + 1
        before = found.oldest if before == asked_before else before
        url = self._site.stories(f"created_at_i>={known}", f"created_at_i<{before}")
        return Errand(url, f"walk {known} {before}")

    def _listed(
        self,
        found: _Found,
        walk: list[Errand],
        extents: tuple[Extent, ...],
        **told: Any,  # noqa: ANN401 - further fields of `Listing`
    ) -> Parsed:
        changed = [story for story in found.linking if self._is_changed(story)]
        threads = [self._thread_errand(story) for story in changed]
        self._itinerary = self._itinerary.first([*threads, *walk])
        self._remember(found.linking)
        listing = Listing(
            entry_count=len(found.linking),
            listed_from=moment(found.oldest) if found.linking else None,
            document_format="hackernews-stories",
            document_encoding="utf-8",
            parser=Connector.source,
            is_malformed=False,
            **told,
        )
        return self._parsed(
            activities=tuple(self._story(story) for story in found.linking),
            listing=listing,
            threads=tuple(self._mentioned(story) for story in found.linking),
            extents=extents,
        )

    def _parsed(self, **found: Any) -> Parsed:  # noqa: ANN401 - the fields of `Parsed`
        return Parsed(
            **found,
            drifts=self._payload.drifts,
            next_requests=self._itinerary.requests(_ACCEPT, _ALLOWANCES),
            cursor=self._itinerary.cursor(),
        )

    def _is_changed(self, story: Story) -> bool:
        known: dict[str, list[int]] = self._itinerary.memory.get("seen", {})
        return known.get(story.story_number, [0])[0] != (story.num_comments or 0)

    def _thread_errand(self, story: Story) -> Errand:
        url = self._site.thread(story.story_number)
        return Errand(url, f"thread {story.story_number} {story.num_comments or 0}", _GONE)

    def _remember(self, stories: list[Story]) -> None:
        """How many comments the newest stories have, and when they began."""
        met = {s.story_number: [s.num_comments or 0, s.created_at_i] for s in stories}
        seen = {**self._itinerary.memory.get("seen", {}), **met}
        newest = sorted(seen, key=int)[-_REMEMBERED:]
        self._itinerary = self._itinerary.remembering(seen={name: seen[name] for name in newest})

    def _extents(
        self, found: _Found, from_at: datetime | None, to_at: datetime | None
    ) -> tuple[Extent, ...]:
        """The span that the page shows completely, and the whole of each thread missing in it.

        A search that gave up early, or a page with something unreadable, claims nothing.
        """
        is_sure = found.search.is_exhaustive and not self._is_incomplete
        if not found.linking or not is_sure or from_at is None or to_at is None:
            return ()
        span = Extent(listed_in=_LISTED_IN, from_at=from_at, to_at=to_at)
        return (span, *self._forgotten(found, from_at, to_at))

    def _forgotten(self, found: _Found, from_at: datetime, to_at: datetime) -> Iterator[Extent]:
        """Threads of stories that should stand in the page; they are forgotten at once."""
        shown = {story.story_number for story in found.linking}
        seen = dict(self._itinerary.memory.get("seen", {}))
        for name, (_, created) in list(seen.items()):
            at = moment(created)
            if name not in shown and at and from_at < at < to_at:
                del seen[name]
                yield Extent(thread_id=thread_id(self._channel, name))
        self._itinerary = self._itinerary.remembering(seen=seen)

    def _story(self, story: Story) -> Activity:
        name = story.story_number
        author = self._author(story.author)
        act = Act(
            act_id=name,
            kind="post" if author.role is AuthorRole.ORGANIZATION else "topic",
            author=author,
            published=story.created_at_i,
            listed_in=_LISTED_IN,
            thread_id=name,
            thread_shape=ThreadShape.TREE,
            wording=wording.of_html(story.story_text or "", story.title or ""),
            link_host=link_host(story.url or ""),
            links=(story.url or "",),
            like_count=story.points,
            reply_count=story.num_comments,
        )
        return activity(act, self._page, self._channel, Connector.version)

    def _comment(self, reply: _Reply, root: str) -> Activity:
        act = Act(
            act_id=str(reply.item.number),
            kind="comment",
            author=self._author(reply.item.author),
            published=reply.item.created_at,
            listed_in="thread",
            is_addressed=reply.is_addressed,
            parent_id=str(reply.parent or ""),
            thread_id=root,
            thread_shape=ThreadShape.TREE,
            found_through=FoundThrough.THREAD,
            wording=wording.of_html(reply.item.text or ""),
            like_count=reply.item.points,
        )
        return activity(act, self._page, self._channel, Connector.version)

    def _mentioned(self, story: Story) -> ThreadView:
        """Without comments the list itself shows all there is of the thread."""
        thread = thread_id(self._channel, story.story_number)
        count = story.num_comments or 0
        return ThreadView(thread_id=thread, reply_count=count, shown_count=None if count else 0)

    def _author(self, name: str | None) -> Author:
        """Accounts have no number here: a name is never given to anybody else."""
        if not name:
            return NOBODY
        if name in self._own:
            return Author("", AuthorRole.ORGANIZATION, Evidence.LISTED_ACCOUNT)
        return Author(name)


class _Found(NamedTuple):
    """What a search found, and which of it links to the organization's site."""

    search: Search
    stories: list[Story]
    linking: list[Story]

    @property
    def is_full(self) -> bool:
        """Whether older stories may stand in a further page."""
        return bool(self.stories) and self.search.hit_count > len(self.search.hits)

    @property
    def oldest(self) -> int:
        return min((story.created_at_i for story in self.stories), default=0)

    @property
    def newest(self) -> int:
        return max((story.created_at_i for story in self.stories), default=0)


class _Reply(NamedTuple):
    """A comment, what it replies to (0 when that is deleted), whether that is our own."""

    item: Item
    parent: int
    is_addressed: bool
