"""One page in hand, and when it may not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.apis.payload import Payload, decoded
from connectors.contract import Outcome, PageError, Parsed
from connectors.platforms.bluesky.place import ACCEPT, ALLOWANCES, DID, Place, place_of
from connectors.platforms.bluesky.shapes import Refusal

if TYPE_CHECKING:
    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Channel, Page, Request

SOURCE, VERSION = "bluesky", "1"


_GONE = {
    *("AccountDeactivated", "AccountTakedown"),
    *("RepoDeactivated", "RepoTakendown", "RepoSuspended"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One page in hand, with what is known from those before it."""

    page: Page
    channel: Channel
    itinerary: Itinerary
    note: str  #: from the page's request
    payload: Payload = field(default_factory=Payload)

    @property
    def place(self) -> Place:
        """Where the account is asked about."""
        return place_of(self.channel.address)

    @property
    def did(self) -> str:
        """What the account is called for ever; "" before it is known."""
        return str(self.itinerary.memory.get("did", ""))

    def parsed(self, itinerary: Itinerary, *reads: Request, **what: Any) -> Parsed:  # noqa: ANN401
        """A result with the list of what is still to be asked."""
        return Parsed(
            **what,
            drifts=self.payload.drifts,
            next_requests=(*reads, *itinerary.requests(ACCEPT, ALLOWANCES)),
            cursor=itinerary.cursor(),
        )


def refuse(page: Page) -> None:
    """Raise what a refusal means; an answer passes."""
    if page.status // 100 == 2:  # noqa: PLR2004 - success
        return
    error = Payload().whole(decoded(page), Refusal).error
    if error in _GONE:
        raise PageError(Outcome.GONE, "the account is deactivated or was taken down")
    message = "the server knows no such account: is the handle right, and still in use?"
    raise PageError(Outcome.NOT_FOUND, message)


def heed(channel: Channel, *, is_hidden: bool) -> None:
    """Raise when the organization's account asks to be shown to members only."""
    if is_hidden and not channel.is_consented:
        message = (
            "the account asks not to be shown to those who are not logged in; it is left alone "
            "unless the organization has agreed and the list of organizations says so"
        )
        raise PageError(Outcome.OPTED_OUT, message)


def valid_did(did: str) -> str:
    """A DID as it may stand in an address."""
    if not DID.fullmatch(did):
        raise PageError(Outcome.MALFORMED, "the answer names the account by no known kind of DID")
    return did
