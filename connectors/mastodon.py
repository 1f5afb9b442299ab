"""Mastodon, and every server that speaks its client interface (Pleroma, GoToSocial …)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.apis.itinerary import Itinerary
from connectors.platforms.mastodon.account import found_server, looked_up, profiled, served
from connectors.platforms.mastodon.conversation import conversed
from connectors.platforms.mastodon.home import errands, home, instance, lookup, newest, profile
from connectors.platforms.mastodon.look import VERSION, Look
from connectors.platforms.mastodon.timeline import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.contract import Channel, Cursor, Page, Parsed, Request

#: What a page is, by the end of its path; anything else is a profile.
_KINDS = {
    "webfinger": found_server,
    "lookup": looked_up,
    "statuses": listed,
    "context": conversed,
    "instance": served,
}


class Connector:
    """Reads one account: what it posts, what it answers, and what is said to it there."""

    source = "mastodon"
    version = VERSION
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept a handle with its server, or the address of a profile.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        home(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The newest statuses, the profile, and what is still to be asked; at first who it is."""
        itinerary = Itinerary.from_cursor(cursor)
        at = home(channel.address)
        base = str(itinerary.memory.get("base", at.base))
        if "id" not in itinerary.memory:
            yield lookup(at, base)
            return
        number = str(itinerary.memory["id"])
        yield newest(base, number)
        yield profile(base, number)
        yield from instance(base, channel)
        yield from errands(itinerary)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """All that a page yields: an account, its statuses, a conversation, or a server.

        Raises:
            PageError: the page is not what such a server sends, or the account has moved, or
                asks to be left alone.
        """
        look = Look(page, channel, Itinerary.from_cursor(cursor))
        kind = urlsplit(page.requested_url).path.rpartition("/")[2]
        return _KINDS.get(kind, profiled)(look)
