"""Lemmy communities (interface v3): posts, the comments under them, subscribers.

The main list is the list of posts in the order of their newest comments. The comments of a post
that has got or lost some are read anew, oldest first, so that what is replied to is known before
the reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.apis.itinerary import Itinerary
from connectors.apis.payload import Payload
from connectors.contract import Purpose, Request
from connectors.platforms.lemmy.about import parsed_community
from connectors.platforms.lemmy.address import community_at
from connectors.platforms.lemmy.comments import parsed_post, parsed_thread
from connectors.platforms.lemmy.posts import parsed_list
from connectors.platforms.lemmy.visit import ACCEPT, ALLOWANCES, ANSWERS, SOURCE, VERSION, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.contract import Channel, Cursor, Page, Parsed


class Connector:
    """Reads one community; its moderators and the organization's accounts speak for it."""

    source = SOURCE
    version = VERSION
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept `!community@server` or the community's address on its server.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        community_at(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The posts commented last and the community itself, then what is still to be asked."""
        community = community_at(channel.address)
        yield Request(url=community.posts(), accept=ACCEPT, answers=ANSWERS, allowances=ALLOWANCES)
        yield Request(
            url=community.url("community", name=community.name),
            accept=ACCEPT,
            purpose=Purpose.DETAIL,
            context="community",
            allowances=ALLOWANCES,
        )
        yield from Itinerary.from_cursor(cursor).requests(ACCEPT, ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """Posts, the comments of one post, or the community's size.

        Raises:
            PageError: there is no such community, or no interface v3.
        """
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        visit = Visit(page, channel, community_at(channel.address), itinerary, Payload())
        what, *rest = page.context.split(" ") if page.context else [""]
        if what == "thread":
            return parsed_thread(visit, *(int(part) for part in rest))
        if what == "post":
            return parsed_post(visit, int(rest[0]))
        if what == "community":
            return parsed_community(visit)
        return parsed_list(visit, rest)
