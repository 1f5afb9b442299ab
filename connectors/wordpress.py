"""WordPress sites: posts and comments by the REST interface, else by the site's feeds.

Both lists are read newest first by local time (the only time that WordPress filters by), and
older pages are asked for by date, not by number: nothing slips when something is published or
deleted between two pages. What is not seen: comments that await moderation, edits of posts
and comments older than the newest hundred, and, on sites that offer feeds only, who answered.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.apis.acts import THE_ORGANIZATION, Act, Author, activity, thread_id
from connectors.apis.itinerary import Itinerary
from connectors.apis.payload import Payload, decoded
from connectors.apis.places import is_at_or_below
from connectors.apis.wording import of_html
from connectors.contract import (
    AuthorRole,
    Evidence,
    FoundThrough,
    Listing,
    Parsed,
    Presence,
    Request,
    ThreadShape,
    ThreadView,
)
from connectors.feeddocument.links import link_host
from connectors.platforms.wordpress.byfeed import comment_in, document_in, post_in, post_numbers
from connectors.platforms.wordpress.shapes import Comment, Index, Post
from connectors.platforms.wordpress.sight import Sight
from connectors.platforms.wordpress.site import (
    COMMENTS,
    INDEX,
    POSTS,
    ROUTES,
    Leg,
    Site,
    route_of,
    site_at,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from connectors.contract import Activity, Channel, Cursor, Page
    from connectors.feeddocument.document import FeedDocument

_ACCEPT = "application/json, application/rss+xml;q=0.9, */*;q=0.1"
_FIRST_ERROR = 400
_MOST_REMEMBERED = 500
_PATIENCE = 3  # so many looks at a site are spent on its posts before its comments are asked for
_AVATAR = re.compile(r"/avatar/([0-9a-f]{32,64})\b")
_NO_MAIL = ("d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb924")


class Connector:
    """Reads an organization's site: its posts, and who was answered below them."""

    source = "wordpress"
    version = "1"
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept the address of a site's root.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        site_at(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest posts; once the way in is known also the index and the newest comments."""
        itinerary = Itinerary.from_cursor(cursor)
        site = _site(channel, itinerary)
        url, *alternatives = site.urls(POSTS)
        yield Request(
            url=url,
            accept=_ACCEPT,
            alternatives=tuple(alternatives),
            context=POSTS.context,
        )
        steady = [INDEX] * (site.route != "feed" and "route" in itinerary.memory)
        steady += [COMMENTS] * ("comments" in itinerary.memory)
        yield from _requests(itinerary.first(map(site.errand, steady)), site)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """Activities of a page of posts or comments, or the site's presence.

        Raises:
            PageError: the page is not what WordPress serves, or is broken.
        """
        leg = Leg.from_context(page.context) if page.context else POSTS
        before = Itinerary.from_cursor(cursor)
        site = _site(channel, before)._replace(route=route_of(page.requested_url))
        reading = _Reading(page, channel, site, leg, _taken_off(before, page, leg))
        return reading.parsed()


class _Reading:
    """One page as it is read: where the walk stands, and what the page yields."""

    def __init__(
        self, page: Page, channel: Channel, site: Site, leg: Leg, itinerary: Itinerary
    ) -> None:
        self.page, self.channel, self.site, self.leg = page, channel, site, leg
        self.itinerary = itinerary
        self.payload = Payload()

    def parsed(self) -> Parsed:
        """All that the page yields."""
        if self.page.status >= _FIRST_ERROR:
            return self._ended(Parsed())
        if self.site.route == "feed":
            return self._feed()
        if self.leg.what == "index":
            return self._index()
        return self._posts() if self.leg.what == "posts" else self._comments()

    def _ended(self, parsed: Parsed) -> Parsed:
        if self._may_read_comments():
            comments = self._steady().errand(COMMENTS)
            self.itinerary = self.itinerary.first([comments])
        return replace(
            parsed,
            drifts=self.payload.drifts,
            next_requests=_requests(self.itinerary, self._steady()),
            cursor=self.itinerary.cursor(),
        )

    def _may_read_comments(self) -> bool:
        """Who writes posts is staff: the first comments wait until all posts have told who does.

        But not for ever: some sites fail at some old page each time.
        """
        memory = self.itinerary.memory
        is_walking = any(
            Leg.from_context(errand.context).what == "posts" for errand in self.itinerary.errands
        )
        is_patient = memory.get("waited", 0) <= _PATIENCE
        return "route" in memory and "comments" not in memory and not (is_walking and is_patient)

    def _steady(self) -> Site:
        """The site by the way in that was found; a single page may have come by another."""
        return self.site._replace(route=self.itinerary.memory.get("route", self.site.route))

    def _posts(self) -> Parsed:
        raw = decoded(self.page)
        posts = self.payload.each(raw, Post)
        if not self.leg.is_older:
            self._enter()
        self._remember("staff", (post.author for post in posts if post.author))
        sight = Sight(self.page, self.leg, posts, is_whole=len(posts) == len(raw))
        is_continued = self._walk(sight)
        activities = tuple(self._activity(self._post(post)) for post in posts)
        listing = Listing(
            entry_count=len(posts),
            listed_from=_oldest(activities),
            document_format="wordpress-posts",
            document_encoding="utf-8",
            parser=Connector.source,
            is_malformed=False,
            is_delta=self.leg.is_older,
            is_continued=is_continued and not self.leg.is_older,
        )
        return self._ended(Parsed(activities=activities, listing=listing, extents=sight.extents()))

    def _comments(self) -> Parsed:
        raw = decoded(self.page)
        comments = self.payload.each(raw, Comment)
        staff = frozenset(self.itinerary.memory.get("staff", ()))
        by_staff = {c.id for c in comments if c.author in staff}
        own = by_staff | set(self.itinerary.memory.get("own", ()))
        self._remember("own", by_staff)
        self._remember("threads", (c.post for c in comments))
        sight = Sight(self.page, self.leg, comments, is_whole=len(comments) == len(raw))
        self._walk(sight)
        acts = (self._comment(comment, staff, own) for comment in comments)
        return self._ended(
            Parsed(
                activities=tuple(map(self._activity, acts)),
                threads=self._threads(Counter(c.post for c in comments), sight),
                extents=sight.extents(),
            )
        )

    def _enter(self) -> None:
        """Note the way in; what waits on the list is asked by it from now on."""
        memory, route = self.itinerary.memory, self.site.route
        if memory.get("route") == route:
            return
        waiting = [Leg.from_context(errand.context) for errand in self.itinerary.errands]
        legs = dict.fromkeys([INDEX, *waiting]) if route != "feed" else ()
        errands = tuple(map(self.site.errand, legs))
        self.itinerary = replace(self.itinerary, errands=errands).remembering(route=route)

    def _remember(self, name: str, numbers: Iterable[int]) -> None:
        """Keep the newest numbers of the organization's own posts, authors and comments."""
        known = {*self.itinerary.memory.get(name, ()), *numbers}
        self.itinerary = self.itinerary.remembering(**{name: sorted(known)[-_MOST_REMEMBERED:]})

    def _walk(self, sight: Sight) -> bool:
        """Put the next older page on the list, if there is a reason to read it."""
        bound: str | None = self.leg.bound
        if not self.leg.is_older:
            known = self.itinerary.memory.get(self.leg.what)
            bound = sight.bound(known)
            newest = sight.newest or (known or {}).get("newest", "")
            self._know(newest, sight.total)
        if bound is None or not sight.has_older or (sight.oldest and sight.oldest <= bound):
            return False
        self.itinerary = self.itinerary.first([self.site.errand(sight.next_leg(bound))])
        return True

    def _know(self, newest: str, total: int | None) -> None:
        """How far a list is known; nobody waits for the comments once they are."""
        known = {self.leg.what: {"newest": newest, "total": total}}
        self.itinerary = self.itinerary.remembering(**known)
        if self.leg.what == "comments":
            self.itinerary = self.itinerary.forgetting("waited")

    def _activity(self, act: Act) -> Activity:
        return activity(act, self.page, self.channel, Connector.version)

    def _post(self, post: Post) -> Act:
        return Act(
            act_id=self.site.key("post", post.id),
            kind="post",
            author=THE_ORGANIZATION,
            published=post.date_gmt,
            updated=post.modified_gmt,
            listed_in="posts",
            thread_id=self.site.key("post", post.id),
            thread_shape=ThreadShape.TREE,
            wording=of_html(post.content.rendered, post.title.rendered),
            links=(post.link,),
        )

    def _comment(self, comment: Comment, staff: frozenset[int], own: set[int]) -> Act:
        thread = self.site.key("post", comment.post)
        return Act(
            act_id=self.site.key("comment", comment.id),
            kind="comment",
            author=self._author(comment, staff),
            published=comment.date_gmt,
            listed_in="comments",
            is_addressed=not comment.parent or comment.parent in own,
            parent_id=self.site.key("comment", comment.parent) if comment.parent else thread,
            thread_id=thread,
            thread_shape=ThreadShape.TREE,
            found_through=FoundThrough.LISTING,
            wording=of_html(comment.content.rendered),
        )

    def _author(self, comment: Comment, staff: frozenset[int]) -> Author:
        """Who has written posts is staff; another account may be any reader's."""
        if comment.author:
            identity = self.site.key("user", comment.author)
            is_staff = comment.author in staff
            return (
                Author(identity, AuthorRole.STAFF, Evidence.USER_ID)
                if is_staff
                else Author(identity)
            )
        visitor = _visitor(comment)
        return Author(self.site.key("visitor", visitor) if visitor else "")

    def _threads(self, shown: Counter[int], sight: Sight) -> tuple[ThreadView, ...]:
        """Threads that were seen whole by now: answers are never older than what they answer.

        The newest page confirms all that we remember; it shows that nothing was added.
        """
        posts = set(shown) if self.leg.is_older else {*shown, *self.itinerary.memory["threads"]}
        is_all = sight.is_end and not self.leg.is_older
        return tuple(
            ThreadView(
                thread_id=thread_id(self.channel, self.site.key("post", post)),
                reply_count=shown[post] if is_all else None,
                shown_count=shown[post],
            )
            for post in sorted(posts)
        )

    def _index(self) -> Parsed:
        memory = self.itinerary.memory
        if "comments" not in memory:
            self.itinerary = self.itinerary.remembering(waited=memory.get("waited", 0) + 1)
        return self._ended(Parsed(presences=(self._presence(),)))

    def _presence(self) -> Presence:
        index = self.payload.whole(decoded(self.page), Index)
        home = link_host(self.channel.homepage)
        hosts = {link_host(address) for address in (self.site.root, index.url, index.home)}
        is_own = is_at_or_below(link_host(self.site.root), home)
        posts = self.itinerary.memory.get("posts") or {}
        return Presence(
            channel_id=self.channel.channel_id,
            organization_id=self.channel.organization_id,
            observed_at=self.page.fetched_at,
            page_id=self.page.page_id,
            post_count=posts.get("total"),
            is_verified=is_own if home else None,
            verification="own_site" if home and is_own else "",
            has_description=bool(index.description.strip()),
            has_site_link=is_own or home in hosts if home else None,
            has_avatar=bool(index.site_icon or index.site_logo),
        )

    def _feed(self) -> Parsed:
        document = document_in(self.page)
        if self.leg.what == "comments":
            return self._feed_comments(document)
        self._enter()
        numbers = post_numbers(document, self.site)
        self.itinerary = self.itinerary.remembering(numbers=numbers)
        activities = tuple(
            self._activity(post_in(entry, self.site, numbers)) for entry in document.entries
        )
        listing = Listing(
            entry_count=len(activities),
            listed_from=_oldest(activities),
            document_format=document.document_format,
            document_encoding=document.encoding,
            parser=document.parser,
            is_malformed=document.is_malformed,
            malformed_reason=document.malformed_reason,
            time_to_live_minutes=document.time_to_live_minutes,
        )
        return self._ended(Parsed(activities=activities, listing=listing))

    def _feed_comments(self, document: FeedDocument) -> Parsed:
        """Comments without their authors: who spoke to whom, and who answered, is not seen."""
        known = self.itinerary.memory.get("comments") or {"newest": "", "total": None}
        self._know(known["newest"], known["total"])
        numbers = self.itinerary.memory.get("numbers", {})
        acts = [comment_in(entry, self.site, numbers) for entry in document.entries]
        threads = tuple(
            ThreadView(
                thread_id=thread_id(self.channel, thread),
                reply_count=None,
                shown_count=count,
                is_truncated=True,
            )
            for thread, count in Counter(act.thread_id for act in acts).items()
        )
        return self._ended(Parsed(activities=tuple(map(self._activity, acts)), threads=threads))


def _site(channel: Channel, itinerary: Itinerary) -> Site:
    return site_at(channel.address, itinerary.memory.get("route", ROUTES[0]))


def _taken_off(itinerary: Itinerary, page: Page, leg: Leg) -> Itinerary:
    """Without the errand that a page answers, be it by another way in."""
    done = [e.url for e in itinerary.errands if e.context == leg.context]
    for url in (page.requested_url, *done):
        itinerary = itinerary.without(url)
    return itinerary


def _requests(itinerary: Itinerary, site: Site) -> tuple[Request, ...]:
    """All errands; a site that hides its comments from programs may have a feed of them."""
    by_feed = (site._replace(route="feed").url(COMMENTS),)
    return tuple(
        replace(request, alternatives=by_feed)
        if request.context == COMMENTS.context and request.url not in by_feed
        else request
        for request in itinerary.requests(_ACCEPT)
    )


def _oldest(activities: Sequence[Activity]) -> datetime | None:
    return min((a.occurred_at for a in activities if a.occurred_at), default=None)


def _visitor(comment: Comment) -> str:
    """The hash of a visitor's mail address as the avatar's address has it; "" without one."""
    urls = comment.author_avatar_urls
    found = _AVATAR.search(" ".join(map(str, urls.values()))) if isinstance(urls, dict) else None
    return found[1] if found and not found[1].startswith(_NO_MAIL) else ""
