"""One page of a community being read: whose it is, and what is still to be asked after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from connectors.apis.acts import act_id, thread_id
from connectors.apis.itinerary import Errand, Itinerary
from connectors.apis.payload import Payload, decoded
from connectors.apis.places import is_at_or_below
from connectors.contract import Allowance, Channel, Outcome, Page, PageError, Parsed

if TYPE_CHECKING:
    from connectors.platforms.lemmy.address import CommunityAddress

SOURCE = "lemmy"
VERSION = "1"
ACCEPT = "application/json"
#: What Lemmy allows one address by default (`local_site_rate_limit.message`).
ALLOWANCES = (Allowance(kind="read", count=180, seconds=60),)
_UNAUTHORIZED, _NOT_FOUND = 401, 404
#: What Lemmy answers with when it has not, or does not show, what is asked for.
ANSWERS = (400, _UNAUTHORIZED, _NOT_FOUND)
NO_POST = {"couldnt_find_post", "not_found"}
_NO_COMMUNITY = {"couldnt_find_community", "not_found"}
_PRIVATE = {"instance_is_private", "not_logged_in"}


class Visit(NamedTuple):
    """One page being read: whose it is, and what is still to be asked after it."""

    page: Page
    channel: Channel
    community: CommunityAddress
    itinerary: Itinerary
    payload: Payload

    def name(self, item: str) -> str:
        """What a post (p12) or comment (c34) is called: servers number on their own."""
        return f"{self.community.host}/{item}"

    def act(self, item: str) -> str:
        """The identity of a post or comment as an activity."""
        return act_id(self.channel, self.name(item))

    def thread(self, post: int) -> str:
        """The identity of a post with its comments as a conversation."""
        return thread_id(self.channel, self.name(f"p{post}"))

    def thread_errand(self, post: int, count: int, shown: int, page: int) -> Errand:
        """The way to a page of comments: how many there are, and were shown before it."""
        url = self.community.comments(post, page)
        return Errand(url, f"thread {post} {count} {shown} {page}", ANSWERS)

    def post_errand(self, post: int) -> Errand:
        """The way to a single post."""
        return Errand(self.community.url("post", id=post), f"post {post}", ANSWERS)


def finished(visit: Visit, itinerary: Itinerary, **yields: Any) -> Parsed:  # noqa: ANN401
    """What a page yields, and what is still to be asked after it."""
    return Parsed(
        **yields,
        drifts=visit.payload.drifts,
        cursor=itinerary.cursor(),
        next_requests=itinerary.requests(ACCEPT, ALLOWANCES),
    )


def is_own_site(visit: Visit) -> bool | None:
    """Whether the server is on the organization's own domain; None without a homepage."""
    home = (urlsplit(visit.channel.homepage).hostname or "").removeprefix("www.")
    host = urlsplit(f"//{visit.community.host}").hostname or ""
    return is_at_or_below(host, home) if home else None


def refused(page: Page) -> PageError:
    """What it means that the server did not answer."""
    error = error_word(page)
    if error in _PRIVATE or page.status == _UNAUTHORIZED:
        message = "the server shows nothing without an account; only public ones can be read"
        return PageError(Outcome.NEEDS_AUTH, message)
    if error in _NO_COMMUNITY:
        return PageError(Outcome.NOT_FOUND, "the server knows no such community")
    if page.status == _NOT_FOUND:
        message = (
            "nothing is found at /api/v3: this is no Lemmy server, or one (Lemmy 1.0) that has "
            "given up the interface v3, the only one read here"
        )
        return PageError(Outcome.NOT_FOUND, message)
    return PageError(Outcome.WRONG_TYPE, f"{page.status}: the server did not take the request")


def error_word(page: Page) -> str:
    """Lemmy's own word for why it refused; "" where another server answers."""
    try:
        answer = decoded(page)
    except PageError:
        return ""
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""
