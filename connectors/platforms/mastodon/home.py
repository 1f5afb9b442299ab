"""Where an account lives, and the addresses that its server answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from connectors.apis.places import default_scheme, is_at_or_below
from connectors.contract import AddressError, Allowance, Purpose, Request
from connectors.feeddocument.links import link_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.apis.itinerary import Itinerary
    from connectors.contract import Channel

ACCEPT = "application/json"
#: In the note of an errand: what is known of a reply whose conversation is not.
SAID = "said"
#: What a status, a name or a conversation that is not there any more is answered with.
GONE = (404, 410)
#: Documented for everybody, and (paging) written in the server's code only.
_ALL = Allowance(kind="all", count=300, seconds=300)
_PAGING = Allowance(kind="paging", count=300, seconds=900)
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::[0-9]{1,5})?"
_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_HANDLE = re.compile(rf"@({_NAME})@({_HOST})")
_PROFILE = re.compile(rf"(https?)://({_HOST})/(?:@|users/|profile/)({_NAME})/?")


class Home(NamedTuple):
    """A server, the domain in its handles, and a name there."""

    base: str
    domain: str
    name: str

    @property
    def handle(self) -> str:
        """The name with its domain."""
        return full(self.name, self.domain)

    @property
    def webfinger_url(self) -> str:
        """Where a domain says on which server its accounts live."""
        resource = quote(f"acct:{self.name}@{self.domain}", safe=":@")
        return f"{self.base}/.well-known/webfinger?resource={resource}"


def home(address: str) -> Home:
    """What an address names.

    Raises:
        AddressError: it is neither a handle with its server nor the address of a profile.
    """
    if handle := _HANDLE.fullmatch(address):
        domain = handle[2].lower()
        return Home(f"{default_scheme(domain)}://{domain}", domain, handle[1])
    if profile := _PROFILE.fullmatch(address):
        domain = profile[2].lower()
        return Home(f"{profile[1]}://{domain}", domain, profile[3])
    message = (
        f"{address!r} is no Mastodon account: give it with its server, for example "
        "@council@social.example, or the address of its profile there, for example "
        "https://social.example/@council"
    )
    raise AddressError(message)


def handles(addresses: Iterable[str]) -> Iterator[str]:
    """Handles of those addresses that are any."""
    for address in addresses:
        if _HANDLE.fullmatch(address) or _PROFILE.fullmatch(address):
            yield home(address).handle


def full(acct: str, domain: str) -> str:
    """A handle with its domain, which servers leave out for their own accounts."""
    return (acct if "@" in acct else f"{acct}@{domain}").lower()


def origin(url: str) -> str:
    """Scheme and host of a web address; "" for anything else."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}" if is_web else ""


def lookup(at: Home, base: str) -> Request:
    """Who it is. Where its domain is not its server, not to be known there is an answer."""
    url = f"{base}/api/v1/accounts/lookup?acct={quote(at.name)}"
    return replace(read(url), answers=GONE if base == at.base else ())


def account_url(base: str, number: str) -> str:
    """The profile of an account; its other pages stand below."""
    return f"{base}/api/v1/accounts/{quote(number, safe='')}"


def newest(base: str, number: str) -> Request:
    """The newest page of what an account has posted."""
    return read(f"{account_url(base, number)}/statuses?limit=40")


def profile(base: str, number: str) -> Request:
    """The account as it is today."""
    return replace(read(account_url(base, number)), purpose=Purpose.DETAIL)


def instance(base: str, channel: Channel) -> Iterator[Request]:
    """The server itself, where it stands in the organization's own domain."""
    site, server = link_host(channel.homepage), link_host(base)
    if site and is_at_or_below(server, site):
        yield replace(read(f"{base}/api/v2/instance"), purpose=Purpose.DETAIL)


def read(url: str) -> Request:
    """A request for the channel's own page."""
    return Request(url=url, accept=ACCEPT, allowances=(_ALL,))


def errands(itinerary: Itinerary) -> tuple[Request, ...]:
    """What is still to be asked: conversations, replies of unknown place, then older pages.

    Further pages of a list are counted on their own.
    """
    requests = itinerary.requests(ACCEPT, (_ALL,))
    ordered = sorted(requests, key=lambda r: (_is_older(r), SAID in r.context))
    return tuple(replace(r, allowances=(_ALL, _PAGING)) if _is_older(r) else r for r in ordered)


def next_errands(itinerary: Itinerary) -> tuple[Request, ...]:
    """The same, but replies of unknown place wait while conversations are to be asked.

    The conversation that such a reply belongs to may be among them, and spares the request.
    """
    asked = errands(itinerary)
    others = tuple(r for r in asked if SAID not in r.context)
    return others if any(not _is_older(r) for r in others) else asked


def _is_older(request: Request) -> bool:
    return "max_id=" in request.url
