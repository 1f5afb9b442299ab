"""Discourse forums: topics with their posts, staff answers, solutions, members.

The main list is the list of topics in the order in which they last moved. A topic that has
changed since the last look is read anew; in a long one, from where it was read to before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.itinerary import Itinerary
from connectors.apis.payload import Payload
from connectors.contract import AddressError, Purpose, Request
from connectors.platforms.discourse.about import parsed_about
from connectors.platforms.discourse.posts import parsed_topic
from connectors.platforms.discourse.topics import parsed_list
from connectors.platforms.discourse.visit import (
    ACCEPT,
    ALLOWANCES,
    FORBIDDEN,
    SOURCE,
    VERSION,
    Visit,
    root_of,
    shut,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.contract import Channel, Cursor, Page, Parsed

_LONGEST_HOST = 253


class Connector:
    """Reads one forum; whoever it calls admin or moderator speaks for the organization."""

    source = SOURCE
    version = VERSION
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept the root address of a forum, which may lie below a path.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        try:
            parts = urlsplit(root_of(address))
            is_web = parts.scheme in {"http", "https"}
            is_root = is_web and 0 < len(parts.hostname or "") <= _LONGEST_HOST
            _ = parts.port
        except ValueError:
            is_root = False
        if not is_root or re.search(r"[\s\0?#@]", address):
            message = (
                f"{address!r} is no forum's address: give the address of its front page, "
                "for example https://forum.example.org"
            )
            raise AddressError(message)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest topics and the forum's statistics, then whatever is still to be asked."""
        root = root_of(channel.address)
        yield Request(
            url=f"{root}/latest.json?no_definitions=true",
            accept=ACCEPT,
            answers=(FORBIDDEN,),
            allowances=ALLOWANCES,
        )
        yield Request(
            url=f"{root}/about.json",
            accept=ACCEPT,
            purpose=Purpose.DETAIL,
            context="about",
            allowances=ALLOWANCES,
        )
        yield from Itinerary.from_cursor(cursor).requests(ACCEPT, ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """Topics that changed, posts of one topic, or the forum's size.

        Raises:
            PageError: the forum is private, or this is no Discourse.
        """
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        visit = Visit(page, channel, itinerary, Payload())
        what, *rest = page.context.split(" ") if page.context else [""]
        if what == "topic":
            return parsed_topic(visit, int(rest[0]), int(rest[1]))
        if page.status == FORBIDDEN:
            raise shut(page)
        if what == "about":
            return parsed_about(visit)
        return parsed_list(visit, rest)
