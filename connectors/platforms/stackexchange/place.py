"""A tag of a Stack Exchange site: its addresses, and whose accounts answer there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

from connectors.contract import AddressError

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE_SIZE = 100
_SERVER = "https://api.stackexchange.com"
_ADDRESS = re.compile(
    r"(?:(?P<server>https?://[\w.\[\]:-]+:\d+)/|https?://(?=[^/]+/questions/))?"
    r"(?P<site>[a-z0-9][a-z0-9.-]*)/"
    r"(?:questions/tagged/(?P<listed>[^/?#+\s]+)/?(?:\?[!-~]*)?|(?P<tag>[^/?\s]+))",
    re.IGNORECASE,
)
_TAG = re.compile(r"[\w#+.-]{1,50}")
_ACCOUNT = re.compile(r"(?:https?://)?(?P<site>[a-z0-9.-]+)/users/(?P<number>\d+)", re.IGNORECASE)
_NETWORK = "stackexchange.com"


class Place(NamedTuple):
    """A tag of a site, and the server that answers for it."""

    server: str
    site: str
    tag: str

    @classmethod
    def of(cls, address: str) -> Place:
        """The tag that an address names.

        Raises:
            AddressError: it names none; the message shows what is expected.
        """
        match = _ADDRESS.fullmatch(address)
        listed = match and match["listed"]
        tag = unquote(listed) if listed else (match and match["tag"]) or ""
        if match is None or not _TAG.fullmatch(tag):
            message = (
                f"{address!r} is no tag of a Stack Exchange site: give the site and one tag, for "
                "example stackoverflow.com/example-lib, or the address of the page of its "
                "questions, https://stackoverflow.com/questions/tagged/example-lib"
            )
            raise AddressError(message)
        return cls(match["server"] or _SERVER, _site_key(match["site"]), tag.lower())

    def questions(self, sort: str, **bounds: int) -> str:
        """A page of the questions under the tag, the first by `sort` within `bounds`."""
        query = {"tagged": self.tag, "sort": sort, "order": "desc", "pagesize": PAGE_SIZE}
        return self._url("/questions", query | bounds)

    def answers(self, questions: Iterable[str], number: int) -> str:
        """A page of the answers to some questions, the oldest first."""
        query = {"sort": "creation", "order": "asc", "pagesize": PAGE_SIZE, "page": number}
        return self._url(f"/questions/{';'.join(questions)}/answers", query)

    def size(self) -> str:
        """How many questions there are under the tag."""
        return self._url(f"/tags/{quote(self.tag, safe='')}/info", {})

    def _url(self, path: str, query: dict[str, Any]) -> str:
        return f"{self.server}/2.3{path}?{urlencode({'site': self.site} | query)}"


def _site_key(host: str) -> str:
    """What the API calls a site: stackoverflow, unix, ru.stackoverflow, mathoverflow.net."""
    name = host.lower().removeprefix("www.")
    return name.removesuffix(".stackexchange.com").removesuffix(".com")


def staff_of(own_accounts: Iterable[str], site: str) -> frozenset[str]:
    """The listed accounts that count on a site: its own, and those of the whole network."""
    found = filter(None, map(_ACCOUNT.match, own_accounts))
    places = [(match["site"].lower(), match["number"]) for match in found]
    network = {f"account {number}" for host, number in places if host == _NETWORK}
    return frozenset(network | {f"user {n}" for host, n in places if _site_key(host) == site})
