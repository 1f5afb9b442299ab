"""Where an account is asked about, and the addresses of all that is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

from connectors.apis.itinerary import Errand
from connectors.contract import AddressError, Allowance, Purpose, Request

if TYPE_CHECKING:
    from collections.abc import Iterator


PUBLIC = "https://public.api.bsky.app"
_WEBSITES = {"bsky.app", "www.bsky.app"}
ACCEPT = "application/json"
#: What hosts of the network document; of the AppView no figure is known.
ALLOWANCES = (Allowance(kind="requests", count=3000, seconds=300),)
_LIMIT = 100
_DEPTH = 100  #: levels of replies; deeper ones count as hidden
_POSTS = "app.bsky.feed.post"

DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[A-Za-z0-9.:-]{1,253})")
_HANDLE = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    re.IGNORECASE,
)
_PROFILE_PATH = re.compile(r"/profile/([^/]+)/?")


class Place(NamedTuple):
    """A server, and the account there by its handle or DID."""

    server: str
    actor: str

    def url(self, method: str, **parameters: object) -> str:
        """The address of a query at the server."""
        given = {name: value for name, value in parameters.items() if value != ""}
        return f"{self.server}/xrpc/{method}?{urlencode(given, safe=':/')}"


def place_of(address: str) -> Place:
    """Where an address leads."""
    try:
        parts = urlsplit(address)
        is_page = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        raise _address_error(address) from None
    path = _PROFILE_PATH.fullmatch(parts.path) if is_page else None
    actor = path[1] if path else address.removeprefix("@")
    if not (DID.fullmatch(actor) or _HANDLE.fullmatch(actor)):
        raise _address_error(address)
    elsewhere = path and parts.hostname not in _WEBSITES
    return Place(f"{parts.scheme}://{parts.netloc}" if elsewhere else PUBLIC, actor)


def _address_error(address: str) -> AddressError:
    return AddressError(
        f"{address!r} is no Bluesky address: give a handle such as council.example, a DID, or "
        "the address of the profile's page, for example https://bsky.app/profile/council.example"
    )


def asking(url: str, context: str, purpose: Purpose, *answers: int) -> Request:
    """One request, with what every one of them has."""
    return Request(
        url=url,
        accept=ACCEPT,
        purpose=purpose,
        context=context,
        answers=answers,
        allowances=ALLOWANCES,
    )


def lookup(place: Place) -> Request:
    """Who the account is. Any server but the public one may turn out to be a mere host."""
    refusals = () if place.server == PUBLIC else (401, 403)
    url = place.url("app.bsky.actor.getProfile", actor=place.actor)
    return asking(url, "profile", Purpose.READ, 400, *refusals)


def list_request(place: Place, did: str, *, is_repository: bool) -> Request:
    """The newest page of the list."""
    context = "records" if is_repository else "feed"
    url = list_url(place, did, is_repository=is_repository)
    return asking(url, context, Purpose.READ, 400)


def list_url(place: Place, did: str, *, is_repository: bool, token: str = "") -> str:
    """The address of a page of the list; a token leads to an older one."""
    if is_repository:
        method = "com.atproto.repo.listRecords"
        return place.url(method, repo=did, collection=_POSTS, limit=_LIMIT, cursor=token)
    kind = "posts_with_replies"
    method = "app.bsky.feed.getAuthorFeed"
    return place.url(method, actor=did, filter=kind, limit=_LIMIT, cursor=token)


def profile_requests(place: Place, did: str, *, is_repository: bool) -> Iterator[Request]:
    """Who the account is by now."""
    if is_repository:
        url = place.url("com.atproto.repo.describeRepo", repo=did)
        yield asking(url, "repository", Purpose.DETAIL, 400)
        yield record_request(place, did, Purpose.DETAIL)
    else:
        url = place.url("app.bsky.actor.getProfile", actor=did)
        yield asking(url, "profile", Purpose.DETAIL, 400)


def record_request(place: Place, did: str, purpose: Purpose) -> Request:
    """The profile as the repository keeps it."""
    method, kind = "com.atproto.repo.getRecord", "app.bsky.actor.profile"
    url = place.url(method, repo=did, collection=kind, rkey="self")
    return asking(url, f"record {did}", purpose, 400)


def thread_errand(place: Place, uri: str) -> Errand:
    """The conversation under a post."""
    method = "app.bsky.feed.getPostThread"
    return Errand(place.url(method, uri=uri, depth=_DEPTH, parentHeight=0), "thread", (400, 404))
