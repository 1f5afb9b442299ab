"""One page of GitHub's interface: what was asked for, and what is known so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from connectors.apis.acts import thread_id
from connectors.apis.itinerary import Itinerary
from connectors.apis.payload import Payload
from connectors.contract import Outcome, PageError, Parsed
from connectors.platforms.github.place import place_of

if TYPE_CHECKING:
    from connectors.contract import Channel, Cursor, Page
    from connectors.platforms.github.place import Place

#: What every request accepts.
ACCEPT = "application/vnd.github+json"
#: Gone or hidden, issues switched off, beyond the last page that is served, withheld by law.
ANSWERS = (404, 410, 422, 451)
_PATH = re.compile(
    r"/(?:repos/[^/?]+/(?P<repository>[^/?]+)(?P<list>/issues/comments|/issues|/releases)?"
    r"|(?:orgs|users)/[^/?]+(?P<repositories>/repos)?)(?:\?(?P<query>.*))?"
)


@dataclass(frozen=True, slots=True)
class Look:
    """One page, whose it is, and what is known so far."""

    page: Page
    channel: Channel
    place: Place
    asked: re.Match[str]
    itinerary: Itinerary
    payload: Payload = field(default_factory=Payload)

    @property
    def name(self) -> str:
        """What was asked for: a list, a repository, an account's repositories, a profile."""
        if self.asked["repository"]:
            return (self.asked["list"] or "/repository").rpartition("/")[2]
        return "repositories" if self.asked["repositories"] else "profile"

    @property
    def repository(self) -> str:
        """Which repository it is about, as the address or the account's list writes it."""
        return self.asked["repository"] or ""

    @property
    def query(self) -> dict[str, list[str]]:
        """The query that was asked with."""
        return parse_qs(self.asked["query"] or "")

    @property
    def is_older(self) -> bool:
        """Whether it is not the first page of its list."""
        return not self.query.keys().isdisjoint({"page", "after"})

    def act_id(self, kind: str, number: int) -> str:
        """Identifier of a comment or release, which count over the whole server."""
        return f"{self.place.host}/{kind}/{number}"

    def thread_id(self, number: str | int) -> str:
        """What a conversation is called in the warehouse."""
        return thread_id(self.channel, self.place.thread(self.repository, number))

    def parsed(self, itinerary: Itinerary, **yields: Any) -> Parsed:  # noqa: ANN401 - its fields
        """What the page yields, with all that is still to be asked."""
        return Parsed(cursor=itinerary.cursor(), next_requests=itinerary.requests(ACCEPT), **yields)


def look_at(page: Page, channel: Channel, cursor: Cursor | None) -> Look:
    """A page beside what is known; its own errand is done.

    Raises:
        PageError: it is none of those that are asked for.
    """
    place = place_of(channel.address)
    asked = _PATH.fullmatch(page.requested_url.removeprefix(place.api))
    if asked is None:
        raise PageError(Outcome.WRONG_TYPE, "this is no page that was asked for")
    itinerary = Itinerary.from_cursor(cursor).without(page.requested_url)
    return Look(page, channel, place, asked, itinerary)
