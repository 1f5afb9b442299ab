"""Bluesky: an account's posts and replies, who replied to it, and how many follow it.

An AppView (the network's public index, or one that the address names) shows all of that. Where
the address names an account's host instead, which shows app views to members only, the
account's own repository is read: its posts and replies, without anybody else's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connectors.apis.itinerary import Itinerary
from connectors.platforms.bluesky.conversations import read_thread
from connectors.platforms.bluesky.lists import read_feed, read_records
from connectors.platforms.bluesky.place import (
    ACCEPT,
    ALLOWANCES,
    list_request,
    lookup,
    place_of,
    profile_requests,
)
from connectors.platforms.bluesky.profiles import read_profile, read_record, read_repository
from connectors.platforms.bluesky.reading import SOURCE, VERSION, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connectors.contract import Channel, Cursor, Page, Parsed, Request

#: Who reads which page, by the first word of its request's note.
_READERS: Mapping[str, Callable[[Reading], Parsed]] = {
    "profile": read_profile,
    "repository": read_repository,
    "record": read_record,
    "feed": read_feed,
    "older": partial(read_feed, is_older=True),
    "records": read_records,
    "older-records": partial(read_records, is_older=True),
    "thread": read_thread,
}


class Connector:
    """Reads one account of an organization, with the conversations under its posts."""

    source = SOURCE
    version = VERSION
    shows_dialogue = True
    publishes = True

    def check_address(self, address: str) -> None:
        """Accept a handle, a DID, or the address of a profile page on any server.

        Raises:
            AddressError: anything else; the message shows what is expected.
        """
        place_of(address)

    def plan(self, channel: Channel, cursor: Cursor | None) -> Iterator[Request]:
        """The account by its DID once that is known; then whatever is still to be asked."""
        place = place_of(channel.address)
        itinerary = Itinerary.from_cursor(cursor)
        did = itinerary.memory.get("did")
        if not did:
            yield lookup(place)
        else:
            is_repository = itinerary.memory["is_repository"]
            yield list_request(place, did, is_repository=is_repository)
            yield from profile_requests(place, did, is_repository=is_repository)
        yield from itinerary.requests(ACCEPT, ALLOWANCES)

    def parse(self, page: Page, channel: Channel, cursor: Cursor | None = None) -> Parsed:
        """What a page shows: a profile, a stretch of the account's list, or a conversation.

        Raises:
            PageError: there is no such account, it was taken down, or asks not to be read.
        """
        what, _, note = page.context.partition(" ")
        itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
        return _READERS[what](Reading(page, channel, itinerary, note))
