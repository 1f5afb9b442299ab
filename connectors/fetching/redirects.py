"""Where a redirect may lead, and which of them say that an address has changed for good."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin, urlsplit

from connectors.contract import Outcome
from connectors.fetching.failure import FetchError
from connectors.fetching.guard import has_credentials

if TYPE_CHECKING:
    from connectors.fetching.exchange import Exchange

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = ("301 ", "308 ")
#: What aiohttp makes of a header byte that is no UTF-8 (PEP 383).
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


def next_url(url: str, location: str) -> str:
    """The absolute address that a redirect from `url` names, without a fragment.

    Raises:
        FetchError: no address, or one with a user name or a password (`REFUSED`); one that
            gives up encryption (`INSECURE`).
    """
    try:
        target = urldefrag(urljoin(url, _quoted(location))).url
        is_downgrade = urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http"
    except ValueError as error:
        message = f"{url} leads to {readable(location)!r}, which is no address"
        raise FetchError(Outcome.REFUSED, message) from error
    if has_credentials(target):
        message = f"{url} leads to an address with a user name or a password, which is not followed"
        raise FetchError(Outcome.REFUSED, message)
    if is_downgrade:
        message = f"{url} leads from https to http ({readable(target)}), which is not followed"
        raise FetchError(Outcome.INSECURE, message)
    return target


def permanent_target(exchange: Exchange) -> str:
    """The address that the first redirects of an exchange name as the new one; "" for none.

    Only an unbroken run of permanent redirects (301, 308) counts, from the address asked
    first: what a temporary one leads to is temporary. One that leads back to where it began
    names nothing new.
    """
    hops = [hop for hop in exchange.redirects if not hop.startswith("adopted ")]
    addresses = [*(hop.split(" ", 1)[1] for hop in hops), exchange.url]
    lasting = next((n for n, hop in enumerate(hops) if not hop.startswith(_PERMANENT)), len(hops))
    return addresses[lasting] if addresses[lasting] != addresses[0] else ""


def readable(text: str) -> str:
    """Text that can be stored: a stray byte becomes the replacement character."""
    return _STRAY_BYTE.sub("\N{REPLACEMENT CHARACTER}", text)


def _quoted(location: str) -> str:
    """A Location whose stray bytes are percent-encoded, so that they arrive as they were."""
    return _STRAY_BYTE.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", location)
