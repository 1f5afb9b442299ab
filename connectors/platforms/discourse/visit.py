"""One page of a forum being read: whose it is, and what is still to be asked after it."""

from __future__ import annotations

from typing import Any, NamedTuple

from connectors.apis.acts import act_id, thread_id
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import Payload, decoded
from connectors.contract import Allowance, Channel, Outcome, Page, PageError, Parsed

SOURCE = "discourse"
VERSION = "1"
ACCEPT = "application/json"
#: What Discourse allows one address by default.
ALLOWANCES = (
    Allowance(kind="minute", count=200, seconds=60),
    Allowance(kind="burst", count=50, seconds=10),
)
FORBIDDEN = 403
#: What a topic that is not (or no longer) public is answered with.
THREAD_ANSWERS = (FORBIDDEN, 404, 410)


class Visit(NamedTuple):
    """One page being read: whose it is, and what is still to be asked after it."""

    page: Page
    channel: Channel
    itinerary: Itinerary
    payload: Payload

    @property
    def root(self) -> str:
        """The forum's address."""
        return root_of(self.channel.address)

    @property
    def place(self) -> str:
        """The forum's address without the scheme: posts are numbered forum by forum."""
        return self.root.partition("://")[2]

    def post_name(self, topic: int, number: int) -> str:
        """What a post is called within Discourse."""
        return f"{self.place}/t/{topic}/{number}"

    def post_id(self, topic: int, number: int) -> str:
        """The identity of a post as an activity."""
        return act_id(self.channel, self.post_name(topic, number))

    def thread(self, topic: int) -> str:
        """The identity of a topic as a conversation."""
        return thread_id(self.channel, f"{self.place}/t/{topic}")

    def topic_errand(self, topic: int, number: int) -> Errand:
        """The way to a page of a topic; what keeps us out of it is an answer, too."""
        page = f"?page={number}" if number > 1 else ""
        url = f"{self.root}/t/{topic}.json{page}"
        return Errand(url, f"topic {topic} {number}", THREAD_ANSWERS)


def root_of(address: str) -> str:
    """An address in its one spelling: host in lower case, no slash at the end."""
    scheme, _, rest = address.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}"


def finished(visit: Visit, itinerary: Itinerary, **yields: Any) -> Parsed:  # noqa: ANN401
    """What a page yields, and what is still to be asked after it."""
    return Parsed(
        **yields,
        drifts=visit.payload.drifts,
        cursor=itinerary.cursor(),
        next_requests=itinerary.requests(ACCEPT, ALLOWANCES),
    )


def shut(page: Page) -> PageError:
    """What it means that the forum does not let us in."""
    if error_type(page) in {"not_logged_in", "invalid_access"}:
        message = "the forum shows nothing without an account; only public forums can be read"
        return PageError(Outcome.NEEDS_AUTH, message)
    return PageError(Outcome.BLOCKED, "403: the forum does not let us in")


def error_type(page: Page) -> str:
    """Discourse's own word for why it refused; "" where another server answers."""
    try:
        answer = decoded(page)
    except PageError:
        return ""
    return str(answer.get("error_type", "")) if isinstance(answer, dict) else ""
